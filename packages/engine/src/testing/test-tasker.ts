// A Tasker for a test: on a database of its own, with a clock the test sets, run by the test instead of by a worker's loop.
import { cloneTestDatabase, testSchema, type TestDatabase } from '../database/test-databases.ts'
import type { ContextOf, ResultsOf } from '../definitions/builder-types.ts'
import type { StepExecution, WaitOutcome } from '../definitions/model.ts'
import type { EventName, EventPayloads } from '../events/catalogue.ts'
import type { DefinitionAddress, GivenDefinition, GivenDefinitions } from '../given-definitions.ts'
import type { TaskView } from '../reports/task-view.ts'
import type { CreateRequest } from '../task-operations.ts'
import type { Tasker } from '../tasker-interface.ts'
import { assembleTasker } from '../tasker.ts'
import type { TaskerOptions } from '../tasker-options.ts'
import type { StepNameOf } from './expectations.ts'
import { nextEvent, type EventMatch } from './next-event.ts'
import { recordEvents, type EventRecord } from './record-events.ts'
import { Script, type Attempts, type CrashPoint } from './script.ts'
import { testClock, type TestClock } from './test-clock.ts'
import { testServerAt, type TestServer } from './test-server.ts'
import { testTask, type TestTask } from './test-task.ts'
import { Turns } from './turns.ts'

export interface TestTaskerOptions extends Omit<TaskerOptions, 'clock' | 'database' | 'resolved'> {
  /**
   * A PostgreSQL server, `postgresql://…`, whose role may create databases: each Tasker gets a fresh one on it, dropped at
   * the end. Default: the embedded server (see `startTestServer`).
   */
  readonly database?: string | undefined
  /** Default: `testClock()`, which begins with the year 2030. */
  readonly clock?: TestClock
}

/** A definition, or its address: `namespace/name@version`. An address gives no types. */
export type Asked = GivenDefinition | DefinitionAddress | string

/** What a step may be stubbed with: its result, or a function in place of its handler. */
export type Stub<Definition, Step extends StepNameOf<Definition>> =
  | StubResult<ResultsOf<Definition>, Step>
  | ((
      step: Omit<StepExecution, 'context'> & { readonly context: ContextOf<Definition> },
    ) => StubAnswer<StubResult<ResultsOf<Definition>, Step>>)

type StubAnswer<Result> = Result | WaitOutcome | Promise<Result | WaitOutcome>

/** Of a step that is generated from the context, the result of one. */
type StubResult<Results, Step> = Step extends keyof Results
  ? Results[Step] | (string extends keyof NonNullable<Results[Step]> ? Item<Results[Step]> : never)
  : Step extends `${infer Name extends keyof Results & string}[${string}]`
    ? Item<Results[Name]>
    : never
type Item<Group> = Group extends Readonly<Record<string, infer Result>> ? Result : never

/** Which attempts of a step, and with what. */
export type Failing = (Attempts | { readonly [Which in 'attempt' | 'times']?: never }) & {
  /** What the handler throws, or its message. Default: an error that is tried again. */
  readonly error?: Error | string
}

/**
 * A Tasker in a test. Nothing runs by itself: tasks run while `run`, `runToEnd`, `runUntil` or `runNext` is awaited, in
 * real workers against a real database, and time moves only there and through `clock`.
 */
export interface TestTasker extends AsyncDisposable {
  /** For the code under test, which creates, reads and changes tasks. Its own worker need not be started. */
  readonly tasker: Tasker
  readonly clock: TestClock
  /** Every event since the beginning. */
  readonly events: EventRecord
  readonly database: { readonly name: string; readonly url: string }
  /** Creates a task; nothing of it runs yet. */
  create<Definition extends Asked>(
    definition: Definition,
    request: CreateRequest<Definition>,
  ): Promise<TestTask<Definition>>
  /** A task that the code under test created; `definition` gives its types. */
  task<Definition = unknown>(taskId: string, definition?: Definition): TestTask<Definition>
  /** Creates a task and runs it to its end. @throws {AssertionError} see `TestTask.runToEnd` */
  run<Definition extends Asked>(
    definition: Definition,
    request: CreateRequest<Definition>,
  ): Promise<TaskView<ResultsOf<Definition>>>
  /**
   * Runs exactly the steps that are due now, of all tasks, at most 100; not those that become due by them. Returns their
   * names.
   */
  runNext(): Promise<readonly string[]>
  /**
   * From now on the step returns this, or runs this function, in place of its handler.
   * @throws {RangeError} when the definition has no such step.
   */
  stub<Definition extends Asked, const Step extends StepNameOf<Definition>>(
    definition: Definition,
    step: Step,
    stub: Stub<Definition, Step>,
  ): void
  /**
   * From now on the step fails: on one attempt, on the first few, or always. Stands before a stub.
   * @throws {RangeError} when the definition has no such step.
   */
  failStep<Definition extends Asked>(
    definition: Definition,
    step: StepNameOf<Definition>,
    failing?: Failing,
  ): void
  /**
   * From now on the step's handler does not return: the kit runs it into its time limit. On one attempt, on the first few,
   * or always.
   * @throws {RangeError} when the definition has no such step.
   */
  hangStep<Definition extends Asked>(
    definition: Definition,
    step: StepNameOf<Definition>,
    attempts?: Attempts,
  ): void
  /**
   * The worker crashes at this point of the step, the next `times` times it comes there. Default: once. See `CrashPoint`.
   * @throws {RangeError} when the definition has no such step, or the step no such point.
   */
  crash<Definition extends Asked>(
    definition: Definition,
    step: StepNameOf<Definition>,
    point: CrashPoint,
    options?: { readonly times?: number },
  ): void
  /**
   * The first event of that name that matches, whether it has happened or will.
   * @throws {AssertionError} with the events that occurred, after `timeoutMs` of real time. Default: 5000.
   */
  nextEvent<Name extends EventName>(
    name: Name,
    match?: EventMatch<Name>,
    options?: { readonly timeoutMs?: number },
  ): Promise<EventPayloads[Name]>
  /** Closes the Tasker and drops its database. */
  close(): Promise<void>
}

/**
 * Makes a Tasker on a fresh database. Close it when the test ends, or write `await using kit = await createTestTasker(…)`.
 * @throws {TaskerError} what `createTasker` throws; DATABASE_REQUIRED without a server.
 */
export async function createTestTasker(options: TestTaskerOptions): Promise<TestTasker> {
  const { database: serverUrl, clock = testClock(), ...rest } = options
  const server = await testServerAt(serverUrl)
  let database: TestDatabase | null = null
  try {
    database = await cloneTestDatabase(server.url)
    return await assembleKit({ server, database, clock, options: rest })
  } catch (error) {
    await database?.drop()
    await server.release()
    throw error
  }
}

interface KitParts {
  readonly server: TestServer
  readonly database: TestDatabase
  readonly clock: TestClock
  readonly options: Omit<TaskerOptions, 'clock' | 'database' | 'resolved'>
}

async function assembleKit({ server, database, clock, options }: KitParts): Promise<TestTasker> {
  const script = new Script()
  const made: { readonly turns: Turns; readonly given: GivenDefinitions }[] = []
  const tasker = await assembleTasker(settingsFor(database, clock, options), (parts, found) => {
    // Made once: a Tasker whose worker is started again makes another one of the same parts.
    const kit = made[0] ?? { turns: new Turns({ parts, clock, script }), given: found }
    made[0] = kit
    return kit.turns.ownWorker()
  })
  const [first] = made
  if (first === undefined) throw new Error('never: a Tasker has a worker from its beginning')
  const { turns, given } = first
  const events = recordEvents(tasker.events)

  const handleOf = <Definition>(taskId: string): TestTask<Definition> =>
    testTask(taskId, { tasks: tasker.tasks, turns, clock })
  const create: TestTasker['create'] = async (definition, request) =>
    // One of the two signatures of `create` takes it, whichever it is.
    handleOf((await tasker.tasks.create(definition as GivenDefinition, request)).taskId)
  let closing: Promise<void> | null = null
  const close = (): Promise<void> => (closing ??= closeAll({ tasker, database, server }))

  return {
    tasker,
    clock,
    events,
    database: { name: database.name, url: database.url },
    create,
    task: handleOf,
    run: async (definition, request) => (await create(definition, request)).runToEnd(),
    runNext: () => turns.runWave(),
    stub(definition, step, stub) {
      // The types have said what the function takes and gives.
      const run =
        typeof stub === 'function' ? (stub as (execution: StepExecution) => unknown) : null
      script.stub(given.find(definition).definition, step, async (execution) =>
        run ? run(execution) : stub,
      )
    },
    failStep(definition, step, failing = {}) {
      const { error = `${step} fails, as the test wants it` } = failing
      const thrown = typeof error === 'string' ? new Error(error) : error
      script.fail(given.find(definition).definition, step, attemptsIn(failing), thrown)
    },
    hangStep: (definition, step, attempts) =>
      script.hang(given.find(definition).definition, step, attempts ?? null),
    crash: (definition, step, point, { times = 1 } = {}) =>
      script.crash(given.find(definition).definition, step, point, times),
    nextEvent: (name, match = {}, { timeoutMs = 5000 } = {}) =>
      nextEvent(events, name, match, timeoutMs),
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** Real time plays no part: nothing polls, nothing is drawn by chance, and a stop waits for nobody. */
function settingsFor(
  database: TestDatabase,
  clock: TestClock,
  { orchestration, backoff, execution, ...others }: KitParts['options'],
): TaskerOptions {
  return {
    database: { url: database.url, schema: testSchema, migrate: 'off' },
    orchestration: { listen: false, shutdownGraceMs: 0, abortGraceMs: 0, ...orchestration },
    backoff: { jitterEnabled: false, ...backoff },
    execution: { minConcurrentSteps: 1, maxConcurrentStepsLimit: 100, ...execution },
    random: () => 0.5,
    clock,
    ...others,
  }
}

function attemptsIn({ attempt, times }: Failing): Attempts | null {
  if (attempt !== undefined) return { attempt }
  return times === undefined ? null : { times }
}

async function closeAll({
  tasker,
  database,
  server,
}: {
  readonly tasker: Tasker
  readonly database: TestDatabase
  readonly server: TestServer
}): Promise<void> {
  try {
    await tasker.close()
  } finally {
    try {
      await database.drop()
    } finally {
      await server.release()
    }
  }
}
