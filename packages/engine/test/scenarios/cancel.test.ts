// Cancelling a task: what runs is called off, what comes late changes nothing (engine specification §9.4 row 22).
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { defineTask } from '../../src/definitions/builder.ts'
import { AttemptAborted } from '../../src/steps/abort.ts'
import { defineShape, shapes } from '../../src/testing/index.ts'
import { databaseForFile } from '../support/database.ts'
import { alwaysFails, gate, statesOf } from './handlers.ts'
import { stage } from './stage.ts'

const database = databaseForFile()

test('row 22: a cancelled task starts nothing more; its running step is settled and called off', async () => {
  const reasons: unknown[] = []
  const definition = defineShape(
    { ...shapes.I, name: 'cancelled_running' },
    () =>
      async ({ signal }) => {
        const { promise, reject } = Promise.withResolvers<never>()
        signal.addEventListener('abort', () => {
          reasons.push(signal.reason)
          reject(new Error('stopped'))
        })
        return promise
      },
  )
  const { tasker, events, run } = await stage(database.url, { definitions: [definition] })
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  await events.until('step.execution_requested')
  await tasker.tasks.cancel(taskId, { actor: 'ana', reason: 'ordered twice' })
  const task = await run(taskId)
  expect(task.state).toBe('cancelled')
  expect(statesOf(task)).toEqual({ step_1: 'cancelled', step_2: 'cancelled', step_3: 'cancelled' })
  expect(reasons).toEqual([expect.any(AttemptAborted)])
  expect(reasons[0]).toMatchObject({ abortCause: 'cancelled' })
  expect(events.of('task.cancelled')).toHaveLength(1)
  expect(events.of('step.execution_requested')).toHaveLength(1)
  const ends = (await tasker.tasks.history(taskId)).filter(
    ({ from, to }) => to === 'cancelled' && from !== to,
  )
  expect(ends.map(({ step, actor, reason }) => [step, actor, reason])).toEqual([
    ['step_1', 'ana', 'ordered twice'],
    ['step_2', 'ana', 'ordered twice'],
    ['step_3', 'ana', 'ordered twice'],
    [null, 'ana', 'ordered twice'],
  ])
})

test('a notification that comes late calls off the claim it names, not a newer one of the same step', async () => {
  const signals = new Map<string, AbortSignal>()
  const calledOff = gate()
  const retried = defineTask({ name: 'retried' }).step('only', async ({ claimNo, signal }) => {
    if (claimNo === 1) throw new Error('as scripted')
    signals.set('retried', signal)
    await calledOff.opened
  })
  const other = defineTask({ name: 'other' }).step('only', async ({ signal }) => {
    signal.addEventListener('abort', () => calledOff.open())
    await calledOff.opened
  })
  const { tasker, events, clock } = await stage(database.url, {
    definitions: [retried, other],
    slots: 2,
    orchestration: { listen: true },
  })
  const { taskId } = await tasker.tasks.create(retried, { context: {} })
  const second = await tasker.tasks.create(other, { context: {} })
  await events.until('step.execution_requested', (event) => event.taskId === second.taskId)
  await events.until('step.retry_requested', (event) => event.taskId === taskId)
  const again = events.until('step.execution_requested', (step) => step.claimNo === 2)
  await clock.advance(60_000)
  await again
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  onTestFinished(() => client.end())
  for (const payload of [`cancelled ${taskId}/1/1`, `cancelled ${second.taskId}/1/1`]) {
    await client.query(`select pg_notify('tasker_wake_up', $1)`, [payload])
  }
  await calledOff.opened // the second one has arrived, so the first has
  expect(signals.get('retried')?.aborted).toBe(false)
  await tasker.worker.idle()
})

test('an outcome that comes after a cancel elsewhere is refused, and its result is kept in the history', async () => {
  const payment = gate()
  const definition = defineShape({ ...shapes.I, name: 'charged_too_late' }, () => async () => {
    await payment.opened
    return { charged: 124.76 }
  })
  const worker = await stage(database.url, { definitions: [definition] })
  const { taskId } = await worker.tasker.tasks.create(definition, { context: {} })
  await worker.events.until('step.execution_requested')
  const operator = await stage(database.url, { definitions: [definition], isWorking: false })
  await operator.tasker.tasks.cancel(taskId)

  payment.open()
  await worker.events.until('step.outcome_refused', (refused) => refused.stepName === 'step_1')
  const task = await worker.run(taskId)
  expect(task.state).toBe('cancelled')
  expect(statesOf(task)).toEqual({ step_1: 'cancelled', step_2: 'cancelled', step_3: 'cancelled' })
  expect(worker.events.of('step.completed')).toEqual([])
  const refused = (await operator.tasker.tasks.history(taskId)).find(
    ({ reason }) => reason === 'outcome_refused',
  )
  expect(JSON.stringify(refused?.metadata)).toContain('124.76')
})

test('a result that comes after a cancel in this process, or after a timeout, is kept in the history too', async () => {
  const payment = gate()
  const definition = defineTask({ name: 'left_behind', version: '1.0.0' })
    .step('cancelled', async () => {
      await payment.opened
      return { charged: 1 }
    })
    .step('timed_out', { timeoutMs: 1_000, retry: { limit: 1 } }, async () => {
      await payment.opened
      return { charged: 2 }
    })
  const { tasker, events, clock } = await stage(database.url, {
    definitions: [definition],
    slots: 2,
  })
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  await events.until('step.execution_requested', ({ stepName }) => stepName === 'timed_out')
  await clock.advance(1_000)
  await events.until('step.failed')
  await tasker.tasks.cancel(taskId)
  await tasker.worker.idle()
  expect(events.of('step.outcome_refused')).toEqual([])

  payment.open()
  await events.until('step.outcome_refused', ({ stepName }) => stepName === 'cancelled')
  await events.until('step.outcome_refused', ({ stepName }) => stepName === 'timed_out')

  const refused = (await tasker.tasks.history(taskId)).filter(
    ({ reason }) => reason === 'outcome_refused',
  )
  expect(new Map(refused.map((entry) => [entry.step, entry.metadata?.['result']]))).toEqual(
    new Map([
      ['cancelled', { charged: 1 }],
      ['timed_out', { charged: 2 }],
    ]),
  )
  expect(events.of('step.completed')).toEqual([])
})

test('a result that comes while the hand-back of its called-off attempt is under way is told as refused', async () => {
  const payment = gate()
  const called = gate()
  const definition = defineShape(
    { ...shapes.I, name: 'late_at_once' },
    () =>
      async ({ signal }) => {
        signal.addEventListener('abort', () => called.open())
        await payment.opened
        return { charged: 1 }
      },
  )
  const { tasker, events } = await stage(database.url, { definitions: [definition] })
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  await events.until('step.execution_requested')
  const cancelled = tasker.tasks.cancel(taskId)
  await called.opened
  payment.open()
  await cancelled
  const refused = await events.until('step.outcome_refused')
  expect(refused.taskId).toBe(taskId)
  expect(events.of('step.outcome_refused')).toHaveLength(1)
})

test('a handler that ignores its signal is left behind: its slot is free at once', async () => {
  const never = gate()
  const definition = defineShape(
    { ...shapes.I, name: 'deaf_handler' },
    (name) =>
      async ({ context }) => {
        if (name === 'step_1' && context['deaf'] === true) await never.opened
        return { ok: true }
      },
  )
  const { tasker, events, run } = await stage(database.url, { definitions: [definition], slots: 1 })
  const deaf = await tasker.tasks.create(definition, { context: { deaf: true } })
  await events.until('step.execution_requested')
  await tasker.tasks.cancel(deaf.taskId)
  const next = await tasker.tasks.create(definition, { context: { deaf: false } })
  expect((await run(next.taskId)).state).toBe('complete')
  never.open()
  expect((await run(deaf.taskId)).state).toBe('cancelled')
})

test('a task that has not started and one in error can be cancelled; exhausted steps stay in error', async () => {
  const definition = defineShape({ ...shapes.I, name: 'cancelled_after_error' }, () =>
    alwaysFails('no'),
  )
  const { tasker, run } = await stage(database.url, { definitions: [definition] })
  const failed = await tasker.tasks.create(definition, { context: {} })
  await run(failed.taskId)
  await tasker.tasks.cancel(failed.taskId)
  expect(statesOf(await tasker.tasks.get(failed.taskId))).toEqual({
    step_1: 'error',
    step_2: 'cancelled',
    step_3: 'cancelled',
  })
  await tasker.worker.stop()
  const fresh = await tasker.tasks.create(definition, { context: {} })
  await tasker.tasks.cancel(fresh.taskId)
  expect((await tasker.tasks.get(fresh.taskId)).state).toBe('cancelled')
  await tasker.worker.start()
  expect((await run(fresh.taskId)).steps.map(({ attempts }) => attempts)).toEqual([0, 0, 0])
})

test('a task that has ended well, or was cancelled before, refuses to be cancelled', async () => {
  const definition = defineShape({ ...shapes.I, name: 'already_over' })
  const { tasker, run } = await stage(database.url, { definitions: [definition] })
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  await run(taskId)
  await expect(tasker.tasks.cancel(taskId)).rejects.toMatchObject({
    code: 'MOVE_NOT_ALLOWED',
    details: { taskId, state: 'complete', allowed: ['rerun'] },
  })
  expect((await tasker.tasks.get(taskId)).state).toBe('complete')
  const unknown = '01890000-0000-7000-8000-000000000000'
  await expect(tasker.tasks.cancel(unknown)).rejects.toMatchObject({ code: 'TASK_NOT_FOUND' })
})

test('a retry that was to come is called off with the task', async () => {
  const definition = defineShape({ ...shapes.I, name: 'no_more_retries' }, () => alwaysFails('no'))
  const { tasker, clock, events } = await stage(database.url, { definitions: [definition] })
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  await tasker.worker.idle()
  await tasker.tasks.cancel(taskId)
  await clock.advance(60_000)
  tasker.worker.wake()
  await tasker.worker.idle()
  expect(events.of('step.execution_requested')).toHaveLength(1)
  expect(statesOf(await tasker.tasks.get(taskId))).toEqual({
    step_1: 'cancelled',
    step_2: 'cancelled',
    step_3: 'cancelled',
  })
})
