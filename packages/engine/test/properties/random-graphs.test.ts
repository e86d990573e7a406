// Random graphs with scripted steps on a set clock, against an oracle: final states, attempts, readiness after every
// transition, how much runs at once, and a history that replays to the present.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { defineShape } from '../definitions/shapes.ts'
import { stage } from '../scenarios/stage.ts'
import { databaseForFile } from '../support/database.ts'
import { Doors, Drive, type Plan } from './drive.ts'
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

const plan: fc.Arbitrary<Plan> = fc.record({
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
      { minLength: 1, maxLength: 60, size: 'max' },
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

async function runPlan(name: string, given: Plan): Promise<void> {
  const doors = new Doors(given.steps, () => set.clock.nowMs())
  const steps = given.steps.map(({ name: step, parents, limit }) => ({
    name: step,
    dependsOn: parents,
    retryLimit: limit,
  }))
  const definition = defineShape(
    { namespace: 'random', version: '0.1.0', name, steps },
    doors.handlerOf,
  )
  const set = await stage(database.url, {
    definitions: [definition],
    slots: given.slots,
    execution: { stepTimeoutMs: null },
  })
  try {
    const { taskId } = await set.tasker.tasks.create(definition, { context: {} })
    const drive = new Drive({ set, doors, plan: given, taskId })
    const task = await drive.toEnd()

    const ends = finalOf(given.steps)
    expect(task.state).toBe(taskStateOf(ends.values()))
    expect(
      new Map(
        task.steps.map(({ name: step, state, attempts, waits }) => [
          step,
          { state, attempts, waits },
        ]),
      ),
    ).toEqual(ends)
    expect(drive.peak).toBe(Math.min(given.slots, drive.widest))

    const replayed = replay(await set.tasker.tasks.history(taskId))
    expect(replayed.faults).toEqual([])
    expect(replayed.task).toBe(task.state)
    for (const { name: step, state, attempts, waits } of task.steps) {
      const { state: last, claims } = replayed.steps.get(step) ?? { state: 'pending', claims: 0 }
      expect({ step, last, claims }).toEqual({ step, last: state, claims: attempts + waits })
    }
    const failedOnce = set.events.of('task.failed').length + set.events.of('task.completed').length
    expect(failedOnce, 'one event for one end').toBe(1)
  } finally {
    await set.tasker.close()
  }
}

test(
  'any graph with any script ends as the oracle says, and is at every moment what the model says',
  { timeout: 1_200_000 },
  async () => {
    const { numRuns, seed } = runs(40)
    let run = 0
    const property = fc.asyncProperty(plan, async (given) => {
      run += 1
      await runPlan(`graph_${run}`, given)
    })
    await fc.assert(property, {
      numRuns,
      seed,
      plugins: [fc.timeout(30_000), fc.interruptAfterTimeLimit(600_000)],
    })
  },
)
