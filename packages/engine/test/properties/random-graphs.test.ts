// Random graphs with scripted steps on a set clock, against an oracle: final states, attempts, readiness after every
// transition, how much runs at once, and a history that replays to the present. Then the same with an operator who
// interferes at random moments, and with reruns.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import pg from 'pg'
import { expect, test } from 'vitest'
import { findViolations } from '../../src/database/invariants.ts'
import { parseTaskId } from '../../src/ids.ts'
import type { TaskView } from '../../src/reports/task-view.ts'
import type { TaskState } from '../../src/states.ts'
import { defineShape } from '../../src/testing/index.ts'
import { checkInvariants } from '../protocol/invariants.ts'
import { stage, type Stage } from '../scenarios/stage.ts'
import { databaseForFile } from '../support/database.ts'
import { testSchema } from '../support/template.ts'
import { acts, reruns, type Act, type Again } from './acts.ts'
import { Doors } from './doors.ts'
import { Drive, type DriveParts, type Plan } from './drive.ts'
import { OperatedModel } from './operated-model.ts'
import { finalOf, taskStateOf, type Outcome } from './oracle.ts'
import { replay } from './replay.ts'
import { runs } from './runs.ts'

const database = databaseForFile()

const outcome: fc.Arbitrary<Outcome> = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ kind: 'fail' } as const) },
  { weight: 1, arbitrary: fc.constant({ kind: 'permanent' } as const) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('retry_after' as const),
      ms: fc.constantFrom(0, 1, 2_500, 60_000),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      ms: fc.constantFrom(0, 1_000, 400_000),
    }),
  },
)

const planOf = (stepsMax: number): fc.Arbitrary<Plan> =>
  fc.record({
    steps: fc
      .array(
        fc.record({
          parents: fc.array(fc.nat(), { maxLength: 4 }),
          limit: fc.integer({ min: 1, max: 4 }),
          script: fc.oneof(
            { weight: 3, arbitrary: fc.constant([]) },
            { weight: 2, arbitrary: fc.array(outcome, { maxLength: 4 }) },
          ),
        }),
        { minLength: 1, maxLength: stepsMax, size: 'max' },
      )
      .map((drawn) =>
        drawn.map((step, index) => ({
          ...step,
          name: `s${index}`,
          parents: parentsOf(step.parents, index),
        })),
      ),
    slots: fc.integer({ min: 1, max: 8 }),
    choices: fc.array(fc.nat(999), { minLength: 1, maxLength: 40 }),
  })

/** Parents among the steps before, without repeats. */
const parentsOf = (drawn: readonly number[], index: number): readonly string[] =>
  index === 0 ? [] : [...new Set(drawn.map((number) => `s${number % index}`))]

interface Run {
  readonly name: string
  readonly plan: Plan
  /** The worker starts after the acts of turn 0, so that they meet a task that is pending. */
  readonly isWorkerLate: boolean
  readonly acts: readonly Act[]
  readonly reruns: readonly Again[]
}

/** Each task of the run to its end: the first, then the rerun of the one before. */
async function driveRun(client: pg.Client, run: Run): Promise<readonly [Drive, TaskView]> {
  const { plan } = run
  const doors = new Doors(plan.steps, () => set.clock.nowMs())
  const steps = plan.steps.map(({ name, parents, limit }) => ({
    name,
    dependsOn: parents,
    retryLimit: limit,
  }))
  const definition = defineShape(
    { namespace: 'random', version: '0.1.0', name: run.name, steps },
    doors.handlerOf,
  )
  const set = await stage(database.url, {
    definitions: [definition],
    slots: plan.slots,
    isWorking: !run.isWorkerLate,
    execution: { stepTimeoutMs: null },
  })
  try {
    const { taskId } = await set.tasker.tasks.create(definition, { context: {} })
    const model = new OperatedModel({ taskId, steps: plan.steps }, set.clock.nowMs())
    const common = { set, doors, plan, violations: violationsIn(client) }
    const first = new Drive({ ...common, model, acts: run.acts })
    if (run.isWorkerLate) {
      await first.actBeforeWork()
      await set.tasker.worker.start()
    }
    const end = await first.toEnd()
    await expectToldTrue(set, model, end)
    await driveReruns(common, model, run.reruns)
    return [first, end]
  } finally {
    await set.tasker.close()
  }
}

async function driveReruns(
  common: Omit<DriveParts, 'model' | 'acts'>,
  first: OperatedModel,
  wanted: readonly Again[],
): Promise<void> {
  const { tasks } = common.set.tasker
  let old = first
  for (const again of wanted) {
    const names = common.plan.steps.map(({ name }) => name)
    const from = [...new Set(again.from.map((number) => names[number % names.length] ?? ''))]
    const options = from.length === 0 ? {} : { from }
    const before = await tasks.get(old.taskId)
    const nowMs = common.set.clock.nowMs()
    if (old.rerun(from, { taskId: '', nowMs }) === null) {
      await expect(tasks.rerun(old.taskId, options)).rejects.toMatchObject({
        code: 'REQUEST_INVALID',
      })
      return
    }
    const planned = await tasks.rerun(old.taskId, { ...options, dryRun: true })
    const { taskId, steps } = await tasks.rerun(old.taskId, options)
    assert.ok(taskId !== null)
    assert.deepEqual(planned.steps, steps)
    const rerun = old.rerun(from, { taskId, nowMs })
    assert.ok(rerun !== null)
    const running = steps.filter((step) => step.runs).map(({ step }) => step)
    assert.deepEqual(running, rerun.runs)
    const end = await new Drive({ ...common, model: rerun.model, acts: again.acts }).toEnd()
    await expectToldTrue(common.set, rerun.model, end)
    // Its history has one entry more: that it was done again.
    const after = { ...before, revision: before.revision + 1 }
    assert.deepEqual(await tasks.get(old.taskId), after, 'the old task stays what it was')
    old = rerun.model
  }
}

/** The history leads to the present, and each end of the task was told once. */
async function expectToldTrue(set: Stage, model: OperatedModel, task: TaskView): Promise<void> {
  const history = await set.tasker.tasks.history(task.taskId)
  const replayed = replay(history, model.taken)
  expect(replayed.faults).toEqual([])
  expect(replayed.task).toBe(task.state)
  for (const { name: step, state, attempts, waits } of task.steps) {
    const { state: last, claims } = replayed.steps.get(step) ?? { state: 'pending', claims: 0 }
    expect({ step, last, claims }).toEqual({ step, last: state, claims: attempts + waits })
  }
  const late = model.calledOff.filter((attempted) => attempted.outcome.kind === 'ok').length
  expect(history.filter(({ reason }) => reason === 'outcome_refused')).toHaveLength(late)
  const told = set.events.all.flatMap(({ name, payload }) =>
    name in ends && 'taskId' in payload && payload.taskId === task.taskId ? [name] : [],
  )
  expect(told).toEqual(model.ends.map(eventOf))
}

const ends = {
  'task.completed': 'complete',
  'task.failed': 'error',
  'task.cancelled': 'cancelled',
  'task.resolved_manually': 'resolved_manually',
} as const satisfies Readonly<Record<string, TaskState>>
const eventOf = (state: TaskState): string =>
  Object.entries(ends).find(([, end]) => end === state)?.[0] ?? ''

const violationsIn =
  (client: pg.Client) =>
  async (taskId: string): Promise<readonly string[]> => {
    const id = parseTaskId(taskId)
    const found = await findViolations(
      async (text, values) => (await client.query<Record<string, unknown>>(text, [...values])).rows,
      { schema: testSchema, sample: { taskIds: id === null ? [] : [id], definitionIds: [] } },
    )
    return found.map(({ says, subject }) => `${says}: ${subject}`)
  }

async function withClient<T>(use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  try {
    return await use(client)
  } finally {
    await client.end()
  }
}

async function assertAlways<Drawn>(
  property: fc.IAsyncProperty<[Drawn]>,
  usualRuns: number,
): Promise<void> {
  const { numRuns, seed } = runs(usualRuns)
  await fc.assert(property, {
    numRuns,
    seed,
    // A run that hangs is told with its counterexample; one on a busy machine may take a minute or two.
    plugins: [fc.timeout(600_000), fc.interruptAfterTimeLimit(1_100_000)],
  })
}

test(
  'any graph with any script ends as the oracle says, and is at every moment what the model says',
  { timeout: 1_200_000 },
  () =>
    withClient(async (client) => {
      let run = 0
      const property = fc.asyncProperty(planOf(60), async (plan) => {
        run += 1
        const given = { name: `graph_${run}`, plan, isWorkerLate: false, acts: [], reruns: [] }
        const [drive, task] = await driveRun(client, given)
        const final = finalOf(plan.steps)
        expect(task.state).toBe(taskStateOf(final.values()))
        expect(
          new Map(
            task.steps.map(({ name, state, attempts, waits }) => [
              name,
              { state, attempts, waits },
            ]),
          ),
        ).toEqual(final)
        expect(drive.peak).toBe(Math.min(plan.slots, drive.widest))
      })
      await assertAlways(property, 20)
    }),
)

test(
  'whatever an operator does meanwhile, it is at every moment what the model says, and every invariant holds',
  { timeout: 1_200_000 },
  () =>
    withClient(async (client) => {
      let run = 0
      const drawn = fc.record({ plan: planOf(24), isWorkerLate: fc.boolean(), acts, reruns })
      const property = fc.asyncProperty(drawn, async (given) => {
        run += 1
        await driveRun(client, { ...given, name: `operated_${run}` })
      })
      await assertAlways(property, 40)
      expect(await checkInvariants(client, testSchema)).toEqual([])
    }),
)
