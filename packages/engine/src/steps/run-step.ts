// Runs one attempt of one step: prepares what the handler sees, bounds its time, and turns what it did into an outcome.
// Never throws. No database connection is held while the handler runs, unless the step asked for a transaction.
// Stop 7 of a task's life (ARCHITECTURE.md).
import type { Clock } from '../clock.ts'
import { inScope } from '../correlation.ts'
import { TaskerError } from '../errors.ts'
import { copyJson, type JsonObject } from '../json.ts'
import { readParentResults, type ClaimedStep, type StepOutcome } from '../database/steps.ts'
import { isConnectionError, isTransient, type Database } from '../database/connect.ts'
import type { DatabaseClient } from '../definitions/host-transaction.ts'
import type {
  RunStep,
  StepCaching,
  StepExecution,
  StepSettings,
  TaskDefinition,
} from '../definitions/model.ts'
import type { TracedAttempt } from '../instrumentation.ts'
import { abortAfter, AttemptAborted, untilAborted } from './abort.ts'
import { checkPayload, type EventOfFile } from '../definitions/event-files.ts'
import { idempotencyKeyOf } from './attempt-http.ts'
import { AttemptSecrets } from './attempt-secrets.ts'
import type { AttemptScope } from './attempt-scope.ts'
import type { BlockedLoop } from './blocked-loop.ts'
import { failed, isWait, released, reused, succeeded, type OutcomePolicy } from './outcome.ts'
import { executionOutside, type Outside } from './outside.ts'

/** A custom event of a handler, published when the outcome is recorded. */
export interface PublishedEvent {
  readonly name: string
  readonly payload: JsonObject
}

export interface Attempt {
  readonly step: ClaimedStep
  readonly definition: TaskDefinition
  /** As declared; steps generated from the context share those of the step that generates them. */
  readonly settings: StepSettings | undefined
  readonly abort: AbortController
  /** Active while its handler runs. */
  readonly scope: AttemptScope
  /** Null: nobody traces it. */
  readonly trace: TracedAttempt | null
}

export interface AttemptResult {
  readonly outcome: StepOutcome
  readonly events: readonly PublishedEvent[]
  /**
   * Of an attempt that was cancelled, timed out or lost its worker's lease while its handler went on: what the handler
   * answers in the end.
   */
  readonly late?: { readonly answer: Promise<unknown>; readonly secrets: AttemptSecrets }
}

export interface StepRunner {
  readonly database: Database
  readonly clock: Clock
  readonly policy: OutcomePolicy
  /** Milliseconds an attempt may take when the step does not say; null: for ever. */
  readonly stepTimeoutMs: number | null
  readonly blockedLoop: BlockedLoop
  readonly outside: Outside
  /** The handler of a step is called next. */
  readonly calling: (attempt: Attempt) => void
}

export async function runStep(runner: StepRunner, attempt: Attempt): Promise<AttemptResult> {
  const { step } = attempt
  const leavings = newLeavings(runner)
  const { secrets } = leavings
  let handler: Promise<unknown> | null = null
  try {
    const execute = handlerOf(attempt)
    const execution = await prepare(runner, attempt, null, leavings)
    const run = (): Promise<unknown> => {
      runner.calling(attempt)
      handler = traced(attempt, () => execute(execution))
      return handler
    }
    const handlerKey = step.handler ?? ''
    const caching = attempt.definition.caches[handlerKey]
    const outcome =
      caching === undefined
        ? succeeded(step, await bounded(runner, attempt, run), runner.policy)
        : await bounded(runner, attempt, () =>
            runCached(runner, { step, caching, handler: handlerKey, execution, run, secrets }),
          )
    return withoutSecrets(outcome, leavings)
  } catch (error) {
    const { outcome } = await attemptOfThrow(runner, attempt, error)
    const result = withoutSecrets(outcome, { events: [], secrets })
    return handler === null || !isLeftBehind(attempt)
      ? result
      : { ...result, late: { answer: Promise.resolve(handler), secrets } }
  }
}

/** Calls the handler, as a part of the trace if there is one. */
export const traced = ({ trace }: Attempt, run: () => Promise<unknown>): Promise<unknown> =>
  trace === null ? run() : trace.handle(run, (error) => !isWait(error))

/** What an attempt leaves besides its outcome, and the secrets that nothing of it may hold. */
export interface Leavings {
  readonly events: PublishedEvent[]
  readonly secrets: AttemptSecrets
}

export const newLeavings = ({ outside }: StepRunner): Leavings => ({
  events: [],
  secrets: new AttemptSecrets(outside.secrets),
})

export function withoutSecrets(outcome: StepOutcome, leavings: Leavings): AttemptResult {
  const { events, secrets } = leavings
  return {
    outcome: secrets.redactOutcome(outcome),
    events: events.map(({ name, payload }) => ({ name, payload: secrets.redactObject(payload) })),
  }
}

async function runCached(
  { outside, policy }: StepRunner,
  given: {
    readonly step: ClaimedStep
    readonly caching: StepCaching
    readonly handler: string
    readonly execution: StepExecution
    readonly run: () => Promise<unknown>
    readonly secrets: AttemptSecrets
  },
): Promise<StepOutcome> {
  const { step, run, secrets } = given
  // What is kept for others goes without the secrets of this attempt: theirs would not know them.
  const own = async (): Promise<StepOutcome> =>
    secrets.redactOutcome(succeeded(step, await run(), policy))
  const answer = await outside.results.through(given, own)
  return typeof answer === 'string' ? reused(step, answer) : answer
}

function isLeftBehind({ abort }: Attempt): boolean {
  const cause: unknown = abort.signal.aborted ? abort.signal.reason : null
  return (
    cause instanceof AttemptAborted &&
    ['cancelled', 'timeout', 'lease_lost'].includes(cause.abortCause)
  )
}

/** The handler of a claimed step, by the key in its stored graph. */
export function handlerOf({ step, definition, scope }: Attempt): RunStep {
  const run = step.handler === null ? undefined : definition.handlers[step.handler]
  if (run === undefined) {
    throw new TaskerError(
      'HANDLER_MISSING',
      `Step ${step.name} of ${definition.namespace}.${definition.name}@${definition.version} names handler "${step.handler}", which this process does not have.`,
    )
  }
  return (execution) => inScope(scope, () => run(execution))
}

/** What the handler is given. */
export async function prepare(
  runner: StepRunner,
  attempt: Attempt,
  tx: DatabaseClient | null,
  { events, secrets }: Leavings,
): Promise<StepExecution> {
  const { step, definition, settings, abort, scope } = attempt
  const results =
    step.results ?? (await beforeHandler(() => readParentResults(runner.database, step)))
  return {
    taskId: step.taskId,
    namespace: definition.namespace,
    taskName: definition.name,
    version: definition.version,
    stepName: step.name ?? '',
    context: copyJson(step.context), // the worker may hand it to this step's children
    results,
    inputs: step.inputs,
    config: settings?.handlerConfig ?? null,
    attempt: step.attempts,
    retryLimit: step.retryLimit,
    signal: abort.signal,
    idempotencyKey: idempotencyKeyOf(step),
    correlationId: scope.correlationId,
    claimNo: step.claimNo,
    tx,
    ...executionOutside(runner.outside, attempt, secrets),
    publish: (name, payload) => {
      refuseWrongEvent(runner.outside.events.get(name), settings, { name, payload })
      events.push({ name, payload })
    },
    waitUntil: (at, reason) => ({ kind: 'tasker.wait', at, reason }),
  }
}

/**
 * Waits for the handler, but no longer than its timeout or until it is called off. A handler that ignores its signal
 * is left behind: its slot is free, and its late value meets no one.
 */
export async function bounded<T>(
  runner: StepRunner,
  { step, definition, settings, abort }: Attempt,
  run: () => Promise<T>,
): Promise<T> {
  abort.signal.throwIfAborted() // called off while it was prepared: the handler does not start
  const timeoutMs = step.timeoutMs ?? runner.stepTimeoutMs
  const cancelTimer =
    timeoutMs === null ? () => undefined : abortAfter(runner.clock, timeoutMs, abort)
  try {
    const { namespace, name: taskName, version } = definition
    const stepName = settings?.name ?? step.name ?? 'annotations'
    const name = { namespace, taskName, version, stepName }
    const answer = runner.blockedLoop.call(name, async () => run())
    return await untilAborted(answer, abort.signal)
  } finally {
    cancelTimer()
  }
}

/**
 * Does what comes before the handler. When the database fails it, and not the statement, the attempt is handed back
 * unspent; what would fail again counts as a failure of the step.
 */
export async function beforeHandler<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    throw isConnectionError(error) || isTransient(error) ? new NotStarted(error) : error
  }
}

/** What becomes of an attempt that threw, or that the database failed before its handler started. */
export async function attemptOfThrow(
  runner: StepRunner,
  attempt: Attempt,
  error: unknown,
): Promise<AttemptResult> {
  if (isNotStarted(error)) await pause(runner.clock, attempt.abort.signal)
  return { outcome: outcomeOfThrow(runner, attempt, error), events: [] }
}

class NotStarted extends Error {
  override readonly name = 'NotStarted'

  constructor(cause: unknown) {
    super('the database failed before the handler started', { cause })
  }
}

function isNotStarted(error: unknown): error is NotStarted {
  try {
    return error instanceof NotStarted
  } catch {
    return false // a handler threw a proxy that cannot even be asked
  }
}

const pauseMs = 250

// A step that is handed back is due at once. A server that records outcomes but gives no further connection would be
// asked in a tight circle otherwise, with an entry of history for each turn.
async function pause(clock: Clock, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  const { promise, resolve } = Promise.withResolvers<void>()
  const cancel = clock.schedule(pauseMs, resolve)
  const onAbort = (): void => resolve()
  signal.addEventListener('abort', onAbort, { once: true })
  await promise
  signal.removeEventListener('abort', onAbort)
  cancel()
}

export function outcomeOfThrow(
  runner: StepRunner,
  { step, abort }: Attempt,
  error: unknown,
): StepOutcome {
  const cause: unknown = abort.signal.aborted ? abort.signal.reason : null
  if (!(cause instanceof AttemptAborted)) {
    if (isNotStarted(error)) return released(step, 'database_unavailable')
    // A wait that is thrown is a wait: code between it and us need not know of it.
    return isWait(error)
      ? succeeded(step, error, runner.policy)
      : failed(step, error, runner.policy)
  }
  switch (cause.abortCause) {
    case 'timeout': {
      const timeoutMs = step.timeoutMs ?? runner.stepTimeoutMs
      const timedOut = new TaskerError(
        'STEP_TIMEOUT',
        `Step ${step.name} did not end within ${timeoutMs} ms.`,
      )
      return failed(step, timedOut, runner.policy)
    }
    case 'connection_lost': {
      const message = `The connection of the transaction of step ${step.name} broke; nothing was written.`
      return failed(step, new TaskerError('DATABASE_UNREACHABLE', message), runner.policy)
    }
    case 'stopping':
    case 'lease_lost':
    case 'cancelled': // refused, and so settles its receipt; what the handler returns later is `late`
      return released(step, cause.abortCause)
    default:
      return cause.abortCause satisfies never
  }
}

function refuseWrongEvent(
  described: EventOfFile | undefined,
  settings: StepSettings | undefined,
  { name, payload }: PublishedEvent,
): void {
  if (described !== undefined) return checkPayload(described, payload)
  const declared = settings?.customEvents.map((event) => event.name) ?? []
  if (declared.includes(name)) return
  throw new TaskerError(
    'DEFINITION_INVALID',
    `Event "${name}" is declared neither by step ${settings?.name} nor by an event file; declared by the step: ${declared.join(', ') || 'none'}.`,
  )
}
