// What time does to a task: timeouts of steps, the deadline of the task, and steps that ask to wait.
import { expect, onTestFinished, test } from 'vitest'
import { defineTask } from '../../src/definitions/builder.ts'
import { defineShape, shapes } from '../../src/testing/index.ts'
import { databaseForFile } from '../support/database.ts'
import { attemptsOf, gate, statesOf } from './handlers.ts'
import { stage } from './stage.ts'

const database = databaseForFile()

test('a handler that observes its signal ends at its timeout, is told why, and is tried again', async () => {
  const reasons: unknown[] = []
  const definition = defineTask({ name: 'observes' }).step(
    'slow',
    { timeoutMs: 5_000 },
    async ({ attempt, signal }) => {
      if (attempt > 1) return 'in time'
      const { promise, reject } = Promise.withResolvers<never>()
      signal.addEventListener('abort', () => {
        reasons.push(signal.reason)
        reject(new Error('observed'))
      })
      return promise
    },
  )
  const { tasker, clock, events, run } = await stage(database.url, { definitions: [definition] })
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  await events.until('step.execution_requested')
  await clock.advance(4_999)
  expect(reasons).toEqual([])
  await clock.advance(1)
  const failed = await events.until('step.failed')
  expect(failed.error).toMatchObject({ class: 'TaskerError', code: 'STEP_TIMEOUT' })
  expect(reasons).toEqual([expect.objectContaining({ abortCause: 'timeout' })])
  const task = await run(taskId)
  expect(task).toMatchObject({ state: 'complete', results: { slow: 'in time' } })
  expect(attemptsOf(task)).toEqual({ slow: 2 })
})

test('a handler that never ends loses its slot at its timeout; what it rejects later harms nobody', async () => {
  const unhandled: unknown[] = []
  const note = (reason: unknown): void => void unhandled.push(reason)
  process.on('unhandledRejection', note)
  onTestFinished(() => void process.off('unhandledRejection', note))

  const late = gate()
  const ended = gate()
  const definition = defineTask({ name: 'deaf' }).step(
    'never',
    { timeoutMs: 1_000, retry: { limit: 1 } },
    async ({ context }) => {
      if (!('deaf' in context)) return 'ok'
      await late.opened
      ended.open()
      throw new Error('much too late')
    },
  )
  const { tasker, clock, events, run } = await stage(database.url, {
    definitions: [definition],
    slots: 1,
  })
  const deaf = await tasker.tasks.create(definition, { context: { deaf: true } })
  await events.until('step.execution_requested')
  const next = await tasker.tasks.create(definition, { context: {} })
  await clock.advance(1_000)
  await events.until('task.failed', ({ taskId }) => taskId === deaf.taskId)
  expect((await run(next.taskId)).state).toBe('complete')

  late.open()
  await ended.opened
  await run(next.taskId) // turns of the event loop in which a rejection would surface
  expect(unhandled).toEqual([])
  expect((await tasker.tasks.get(deaf.taskId)).state).toBe('error')
})

test('a step without a timeout of its own has that of execution.stepTimeoutMs', async () => {
  const never = gate()
  const definition = defineTask({ name: 'default_timeout' }).step(
    'never',
    { retry: { limit: 1 } },
    async () => never.opened.then(() => null),
  )
  const { tasker, clock, events } = await stage(database.url, {
    definitions: [definition],
    execution: { stepTimeoutMs: 777 },
  })
  await tasker.tasks.create(definition, { context: {} })
  await events.until('step.execution_requested')
  await clock.advance(777)
  expect((await events.until('step.failed')).error['message']).toContain('777 ms')
})

test('a task that passes its deadline ends in error, its running step is called off, nothing starts after it', async () => {
  const aborted: unknown[] = []
  const definition = defineShape({ ...shapes.I, name: 'too_slow' }, () => async ({ signal }) => {
    const { promise, reject } = Promise.withResolvers<never>()
    signal.addEventListener('abort', () => {
      aborted.push(signal.reason)
      reject(new Error('called off'))
    })
    return promise
  })
  const { tasker, clock, events } = await stage(database.url, { definitions: [definition] })
  const { taskId } = await tasker.tasks.create(definition, { context: {}, deadlineMs: 60_000 })
  await events.until('step.execution_requested')
  await clock.advance(59_999)
  tasker.worker.wake()
  await tasker.worker.settled()
  expect((await tasker.tasks.get(taskId)).state).toBe('in_progress')

  await clock.advance(1)
  tasker.worker.wake()
  await tasker.worker.idle()
  const task = await tasker.tasks.get(taskId)
  expect(task.state).toBe('error')
  expect(statesOf(task)).toEqual({ step_1: 'cancelled', step_2: 'cancelled', step_3: 'cancelled' })
  expect(aborted).toHaveLength(1)
  const last = (await tasker.tasks.history(taskId)).findLast(({ step }) => step === null)
  expect(last).toMatchObject({ from: 'in_progress', to: 'error', reason: 'deadline_exceeded' })
  expect(events.of('task.failed').map((event) => event.taskId)).toEqual([taskId])
})

test('deadlines and annotations are seen to while steps that hang hold every slot', async () => {
  const never = new Promise<never>(() => undefined)
  const quick = gate()
  const annotating = gate()
  const annotated: string[] = []
  const hangs = defineTask({ name: 'hangs' }).step('hang', { priority: 'high' }, async () => never)
  const notes = defineTask({ name: 'notes' })
    .step('quick', async () => quick.opened)
    .annotate(async ({ taskId }) => {
      annotated.push(taskId)
      annotating.open()
      return never // and keeps no deadline waiting
    })
  const definitions = [hangs, notes]
  const { tasker, clock, events } = await stage(database.url, { definitions, slots: 2 })
  const open = await tasker.tasks.create(hangs, { context: {} })
  const noted = await tasker.tasks.create(notes, { context: {} })
  await events.until('step.execution_requested', ({ taskId }) => taskId === noted.taskId)
  const running = await tasker.tasks.create(hangs, { context: {}, deadlineMs: 60_000 })
  const queued = await tasker.tasks.create(hangs, { context: {}, deadlineMs: 90_000 })
  quick.open()
  await events.until('step.execution_requested', ({ taskId }) => taskId === running.taskId)
  await tasker.worker.settled()
  expect(annotated).toEqual([])

  await clock.advance(58_000)
  await annotating.opened
  await tasker.worker.settled()
  expect(annotated).toEqual([noted.taskId])
  await clock.advance(2_000)
  await events.until('task.failed', ({ taskId }) => taskId === running.taskId)
  await clock.advance(28_000)
  await tasker.worker.settled()
  await clock.advance(2_000)
  await events.until('task.failed', ({ taskId }) => taskId === queued.taskId)
  expect((await tasker.tasks.get(open.taskId)).state).toBe('in_progress')
})

test('the deadline of a task that ended in time does nothing', async () => {
  const definition = defineTask({ name: 'in_time', maxExecutionMs: 60_000 }).step(
    'quick',
    async () => null,
  )
  const { tasker, clock, run } = await stage(database.url, { definitions: [definition] })
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  expect((await tasker.tasks.get(taskId)).deadlineAt).toEqual(new Date('2030-01-01T00:01:00Z'))
  expect((await run(taskId)).state).toBe('complete')
  await clock.advance(120_000)
  expect((await run(taskId)).state).toBe('complete')
})

test('a step that waits until a time hands its attempt back, holds no slot, and has no cap', async () => {
  const inTwoHours = new Date('2030-01-01T02:00:00Z')
  const inThreeHours = new Date('2030-01-01T03:00:00Z')
  const definition = defineTask({ name: 'approval' })
    .step('ask', async (step) => {
      if (step.claimNo === 3) return 'granted'
      return step.waitUntil(step.claimNo === 1 ? inTwoHours : inThreeHours, 'nobody has decided')
    })
    .step('act', { dependsOn: ['ask'] }, async ({ results }) => results.ask)
  const other = defineTask({ name: 'not_held_up' }).step('quick', async () => null)
  const { tasker, clock, events, run } = await stage(database.url, {
    definitions: [definition, other],
    slots: 1,
  })
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  const waiting = await events.until('step.waiting')
  expect(waiting).toMatchObject({
    stepName: 'ask',
    runAt: inTwoHours,
    reason: 'nobody has decided',
  })
  const beside = await tasker.tasks.create(other, { context: {} })
  expect((await run(beside.taskId)).state).toBe('complete')
  expect(await tasker.tasks.why(taskId)).toMatchObject({
    steps: [
      { step: 'ask', reason: 'wait', next: expect.stringContaining('2030-01-01T02') as unknown },
      { step: 'act' },
    ],
  })

  const task = await run(taskId)
  expect(task).toMatchObject({ state: 'complete', results: { act: 'granted' } })
  expect(clock.now()).toEqual(inThreeHours)
  expect(task.steps[0]).toMatchObject({ attempts: 1, waits: 2 })
})

test('a step that asks for the past again and again starts once a second, not in a tight circle', async () => {
  const startedAt: Date[] = []
  const definition = defineTask({ name: 'impatient' }).step('look', async (step) =>
    step.claimNo < 4 ? step.waitUntil(new Date(0), 'not there yet') : 'there',
  )
  const { tasker, events, run } = await stage(database.url, { definitions: [definition] })
  tasker.events.on('step.execution_requested', (event) => void startedAt.push(event.startedAt))
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  const task = await run(taskId)
  expect(task.steps[0]).toMatchObject({ state: 'complete', attempts: 1, waits: 3 })
  expect(startedAt.map((at) => at.toISOString().slice(17, 23))).toEqual([
    '00.000',
    '01.000',
    '02.000',
    '03.000',
  ])
  expect(events.of('step.waiting').map(({ runAt }) => runAt)).toEqual(startedAt.slice(1))
})

test('an attempt that took longer than that and asks for the past is started again at once', async () => {
  const looked = gate()
  const definition = defineTask({ name: 'slow_look' }).step('look', async (step) => {
    if (step.claimNo > 1) return 'there'
    await looked.opened
    return step.waitUntil(new Date(0), 'not there yet')
  })
  const { tasker, clock, events, run } = await stage(database.url, { definitions: [definition] })
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  await events.until('step.execution_requested')
  await clock.advance(5_000)
  looked.open()
  expect((await run(taskId)).state).toBe('complete')
  expect(clock.now()).toEqual(new Date('2030-01-01T00:00:05Z'))
})

test('waiting for no date is a failure of the step', async () => {
  const definition = defineTask({ name: 'odd_wait' }).step(
    'never',
    { retry: { limit: 1 } },
    async (step) => step.waitUntil(new Date(Number.NaN), 'no date'),
  )
  const { tasker, run } = await stage(database.url, { definitions: [definition] })
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  expect(statesOf(await run(taskId))).toEqual({ never: 'error' })
})
