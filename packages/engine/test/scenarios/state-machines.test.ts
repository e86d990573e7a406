// Both state machines at work (engine specification §9.6): moves that must not happen do not, and what is stored is what the
// history says. Which moves there are at all is properties/states.test.ts.
import { describe, expect, test } from 'vitest'
import { TaskerError } from '../../src/errors.ts'
import type { StepState, TaskState } from '../../src/states.ts'
import { defineShape, shapes } from '../../src/testing/index.ts'
import type { Tasker } from '../../src/tasker.ts'
import { databaseForFile } from '../support/database.ts'
import { alwaysFails, failsTimes, gate, scripted, statesOf } from './handlers.ts'
import { stage } from './stage.ts'

const database = databaseForFile()

/** The state that the history ends with: of the task, and of each step that is in it. */
async function lastStates(tasker: Tasker, taskId: string): Promise<Map<string, string>> {
  const history = await tasker.tasks.history(taskId)
  return new Map(history.map(({ step, to }) => [step ?? '(task)', to]))
}

async function expectHistoryToEndAsStored(tasker: Tasker, taskId: string): Promise<void> {
  const task = await tasker.tasks.get(taskId)
  const last = await lastStates(tasker, taskId)
  expect(last.get('(task)')).toBe(task.state)
  for (const { name, state } of task.steps)
    expect([name, last.get(name) ?? 'pending']).toEqual([name, state])
}

const codeOf = async (asked: Promise<unknown>): Promise<unknown> =>
  asked.then(
    () => 'accepted',
    (error: unknown) => (error instanceof TaskerError ? error.code : error),
  )

describe('a step', () => {
  test('starts when its parents are done, not while one is pending, in progress or in error', async () => {
    const [one, two] = [gate(), gate()]
    const definition = defineShape(
      { ...shapes.K, name: 'join_waits' },
      scripted({
        'step-one': async () => one.opened,
        'step-two': async (execution) => {
          await two.opened
          return failsTimes(1)(execution)
        },
      }),
    )
    const { tasker, events, clock, run } = await stage(database.url, {
      definitions: [definition],
      slots: 2,
      isWorking: false,
    })
    const { taskId } = await tasker.tasks.create(definition, { context: {} })
    const seen: [parents: readonly StepState[], join: StepState, blockedBy: string | null][] = []
    const look = async (): Promise<void> => {
      tasker.worker.wake()
      await tasker.worker.settled()
      const { steps } = await tasker.tasks.get(taskId)
      const join = steps.find(({ name }) => name === 'step-three')
      seen.push([
        steps.filter((step) => step !== join).map(({ state }) => state),
        join?.state ?? 'cancelled',
        join?.blockedBy ?? null,
      ])
      await expectHistoryToEndAsStored(tasker, taskId)
    }
    await look()
    await tasker.worker.start()
    await events.until('step.execution_requested', ({ stepName }) => stepName === 'step-two')
    await look()
    one.open()
    await events.until('step.completed', ({ stepName }) => stepName === 'step-one')
    await look()
    two.open()
    await events.until('step.failed')
    await look()
    expect(seen).toEqual([
      [['pending', 'pending'], 'pending', 'parent'],
      [['in_progress', 'in_progress'], 'pending', 'parent'],
      [['complete', 'in_progress'], 'pending', 'parent'],
      [['complete', 'error'], 'pending', 'parent'],
    ])
    await clock.advance(1_000)
    expect(statesOf(await run(taskId))['step-three']).toBe('complete')
    const started = events.all.flatMap((event) =>
      event.name === 'step.execution_requested' ? [event.payload.stepName] : [],
    )
    expect(started.toSorted()).toEqual(['step-one', 'step-three', 'step-two', 'step-two'])
    expect(started.at(-1)).toBe('step-three')
  })

  test('that is complete is never started again, whoever asks', async () => {
    const definition = defineShape(
      { ...shapes.I, name: 'never_again' },
      scripted({ step_3: alwaysFails('for good') }),
    )
    const { tasker, run } = await stage(database.url, { definitions: [definition] })
    const { taskId } = await tasker.tasks.create(definition, { context: {} })
    await run(taskId)
    const actions = ['retry', 'retryNow', 'wake', 'skip', 'cancel', 'resolve'] as const
    const codes = actions.map((action) => codeOf(tasker.tasks[action](taskId, { step: 'step_1' })))
    expect(await Promise.all(codes)).toEqual(actions.map(() => 'MOVE_NOT_ALLOWED'))
    expect(statesOf(await run(taskId))).toEqual({
      step_1: 'complete',
      step_2: 'complete',
      step_3: 'error',
    })
    const history = await tasker.tasks.history(taskId)
    const moves = history.filter(({ step }) => step === 'step_1').map(({ to }) => to)
    expect(moves).toEqual(['in_progress', 'complete'])
  })
})

describe('a task', () => {
  test('is complete when every step is, and not a step sooner', async () => {
    const last = gate()
    const definition = defineShape(
      { ...shapes.G, name: 'complete_at_last' },
      (name) => async () => {
        if (name === 'step-four') await last.opened
        return null
      },
    )
    const { tasker, events, run } = await stage(database.url, { definitions: [definition] })
    const { taskId } = await tasker.tasks.create(definition, { context: {} })
    tasker.worker.wake()
    await events.until('step.execution_requested', ({ stepName }) => stepName === 'step-four')
    await tasker.worker.settled()
    expect(await tasker.tasks.get(taskId)).toMatchObject({
      state: 'in_progress',
      endedAt: null,
      execution: { completedSteps: 3 },
    })
    await expect(tasker.tasks.resolve(taskId)).rejects.toMatchObject({ code: 'MOVE_NOT_ALLOWED' })
    last.open()
    expect((await run(taskId)).state).toBe('complete')
    await expectHistoryToEndAsStored(tasker, taskId)
  })

  test.each<[TaskState, (tasker: Tasker, taskId: string) => Promise<unknown>]>([
    ['complete', async () => null],
    ['cancelled', async (tasker, taskId) => tasker.tasks.cancel(taskId)],
  ])('that is %s is never left again, whoever asks', async (state, end) => {
    const definition = defineShape({ ...shapes.I, name: `stays_${state}` })
    const { tasker, run } = await stage(database.url, {
      definitions: [definition],
      isWorking: false,
    })
    const { taskId } = await tasker.tasks.create(definition, { context: {} })
    await end(tasker, taskId)
    await tasker.worker.start()
    expect((await run(taskId)).state).toBe(state)
    const before = await tasker.tasks.history(taskId)
    const actions = ['retry', 'retryNow', 'wake', 'cancel', 'resolve', 'hold'] as const
    const codes = actions.map((action) => codeOf(tasker.tasks[action](taskId)))
    expect(await Promise.all(codes)).toEqual(actions.map(() => 'MOVE_NOT_ALLOWED'))
    expect(await tasker.tasks.history(taskId)).toEqual(before)
    await expectHistoryToEndAsStored(tasker, taskId)
  })

  test('in error is what another process reads, too, and goes on from there', async () => {
    const definition = defineShape(
      { ...shapes.I, name: 'read_elsewhere' },
      scripted({ step_2: failsTimes(3) }),
    )
    const first = await stage(database.url, { definitions: [definition] })
    const { taskId } = await first.tasker.tasks.create(definition, { context: {} })
    const left = await first.run(taskId)
    expect(left.state).toBe('error')
    await expectHistoryToEndAsStored(first.tasker, taskId)
    await first.tasker.close()

    const second = await stage(database.url, { definitions: [definition], clock: first.clock })
    expect(await second.tasker.tasks.get(taskId)).toEqual(left)
    await second.tasker.tasks.retry(taskId)
    expect((await second.run(taskId)).state).toBe('complete')
    await expectHistoryToEndAsStored(second.tasker, taskId)
  })
})
