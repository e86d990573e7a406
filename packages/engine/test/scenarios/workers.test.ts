// More than one worker on one database: who runs what, what a lost worker costs, and how a stop hands work over.
import { expect, test } from 'vitest'
import { defineTask } from '../../src/definitions/builder.ts'
import type { StepHappened } from '../../src/events/catalogue.ts'
import { testClock, defineShape, shapes } from '../../src/testing/index.ts'
import { databaseForFile } from '../support/database.ts'
import { attemptsOf, gate, statesOf } from './handlers.ts'
import { stage, type Stage } from './stage.ts'

const database = databaseForFile()
const hourMs = 3_600_000

/** What a worker started: task, step and claim, which together must be unique over all workers. */
const startedBy = ({ events }: Stage): string[] =>
  events
    .of('step.execution_requested')
    .map(({ taskId, stepName, claimNo }: StepHappened) => `${taskId}/${stepName}/${claimNo}`)

/** So that neither skips what the other is just claiming: on a clock that stands still nothing makes it look again. */
async function startOneByOne(...stages: readonly Stage[]): Promise<void> {
  for (const { tasker } of stages) {
    await tasker.worker.start()
    await tasker.worker.settled()
  }
}

test('a worker that was asked to start while it stopped does not start when its Tasker is closed meanwhile', async () => {
  const { opened, open } = gate()
  const definition = defineTask({ name: 'closed_meanwhile' }).step('only', () => opened)
  const { tasker, events } = await stage(database.url, { definitions: [definition] })
  const observer = await stage(database.url, { definitions: [definition], isWorking: false })
  await tasker.tasks.create(definition, { context: {} })
  await events.until('step.execution_requested')
  const stopping = tasker.worker.stop({ waitMs: hourMs })
  const starting = tasker.worker.start()
  const refused = starting.catch((error: unknown) => error)
  const closing = tasker.close()
  open()
  await Promise.all([stopping, closing, refused])
  expect((await observer.tasker.workers()).map(({ state }) => state)).not.toContain('live')
})

test('row 21: two workers on many tasks run each step once, and both take part', async () => {
  const both = gate()
  let running = 0
  const definition = defineShape({ ...shapes.B, name: 'two_workers' }, () => async () => {
    running += 1
    if (running === 4) both.open() // more than one worker has slots
    await both.opened
  })
  const options = { definitions: [definition], slots: 2, isWorking: false }
  const first = await stage(database.url, options)
  const second = await stage(database.url, options)
  const requests = Array.from({ length: 20 }, () => ({ definition, context: {} }))
  const created = await first.tasker.tasks.createMany(requests)
  await startOneByOne(first, second)
  for (const { taskId } of created) {
    // What both skipped, because the other held it, is looked at again in real time after 20 ms; here the test does it.
    while ((await first.tasker.tasks.get(taskId)).state !== 'complete') {
      first.tasker.worker.wake()
      second.tasker.worker.wake()
      await Promise.all([first.tasker.worker.idle(), second.tasker.worker.idle()])
    }
  }
  const tasks = await Promise.all(created.map(({ taskId }) => first.tasker.tasks.get(taskId)))
  expect(new Set(tasks.map(({ state }) => state))).toEqual(new Set(['complete']))
  expect(new Set(tasks.flatMap((task) => Object.values(attemptsOf(task))))).toEqual(new Set([1]))
  const [mine, theirs] = [startedBy(first), startedBy(second)]
  expect(new Set([...mine, ...theirs]).size).toBe(20 * 7)
  expect(mine.length + theirs.length).toBe(20 * 7)
  expect(Math.min(mine.length, theirs.length)).toBeGreaterThanOrEqual(2)
})

test('K on two workers of one slot each: one and two run at the same time, on different workers', async () => {
  const both = gate()
  let running = 0
  const definition = defineShape(
    { ...shapes.K, name: 'split_over_workers' },
    (name) => async () => {
      if (name === 'step-three') return
      running += 1
      if (running === 2) both.open()
      await both.opened
    },
  )
  const options = { definitions: [definition], slots: 1, isWorking: false }
  const first = await stage(database.url, options)
  const second = await stage(database.url, options)
  const { taskId } = await first.tasker.tasks.create(definition, { context: {} })
  await startOneByOne(first, second)
  await Promise.all([first.tasker.worker.idle(), second.tasker.worker.idle()])
  expect((await first.run(taskId)).state).toBe('complete')
  const history = await first.tasker.tasks.history(taskId)
  const actors = history.filter(
    ({ step, to }) => step !== 'step-three' && to === 'in_progress' && step !== null,
  )
  expect(new Set(actors.map(({ actor }) => actor)).size).toBe(2)
})

/** A worker whose clock stands still renews nothing: to the others it looks dead. */
async function withFrozenWorker(name: string) {
  const frozen = gate()
  const definition = defineShape({ ...shapes.G, name }, (step) => async ({ claimNo }) => {
    if (step === 'step-three' && claimNo === 1) await frozen.opened
    return { claimNo }
  })
  const dying = await stage(database.url, {
    definitions: [definition],
    slots: 1,
    clock: testClock(),
  })
  const { taskId } = await dying.tasker.tasks.create(definition, { context: {} })
  await dying.events.until('step.execution_requested', ({ stepName }) => stepName === 'step-three')
  const other = await stage(database.url, { definitions: [definition], clock: testClock() })
  return { frozen, dying, other, taskId }
}

test('row 16: a step that another worker holds keeps the task going, never in error', async () => {
  const { frozen, dying, other, taskId } = await withFrozenWorker('held_elsewhere')
  const task = await other.run(taskId)
  expect(task.state).toBe('in_progress')
  expect(statesOf(task)).toEqual({
    'step-one': 'complete',
    'step-two': 'complete',
    'step-three': 'in_progress',
    'step-four': 'pending',
  })
  expect(task.execution).toMatchObject({ executionStatus: 'processing', readySteps: 0 })
  frozen.open()
  expect((await dying.tasker.tasks.waitFor(taskId)).state).toBe('complete')
})

test('row 20: the step of a lost worker runs again and costs no attempt; the late outcome changes nothing', async () => {
  const { frozen, dying, other, taskId } = await withFrozenWorker('worker_lost')
  await other.clock.advance(2 * hourMs) // the dying worker's lease of one hour, renewed by nobody
  const task = await other.run(taskId)
  expect(task.state).toBe('complete')
  const lost = task.steps.find(({ name }) => name === 'step-three')
  expect(lost).toMatchObject({ state: 'complete', attempts: 1, losses: 1, result: { claimNo: 2 } })
  expect(task.steps.filter(({ losses }) => losses > 0)).toHaveLength(1)

  frozen.open()
  await dying.tasker.worker.idle()
  expect((await other.tasker.tasks.get(taskId)).results['step-three']).toEqual({ claimNo: 2 })
  expect(dying.tasker.worker.lateOutcomeCount).toBe(1)
  expect(other.tasker.worker.lateOutcomeCount).toBe(0)
  expect(startedBy(dying)).not.toEqual(expect.arrayContaining(startedBy(other)))
})

test('a stop hands running steps back without spending an attempt, and another worker goes on', async () => {
  const causes: unknown[] = []
  const definition = defineShape(
    { ...shapes.K, name: 'handed_back' },
    (step) =>
      async ({ claimNo, signal }) => {
        if (claimNo > 1 || step === 'step-three') return { claimNo }
        const { promise, reject } = Promise.withResolvers<never>()
        signal.addEventListener('abort', () => {
          causes.push(signal.reason)
          reject(new Error('called off'))
        })
        return promise
      },
  )
  const first = await stage(database.url, { definitions: [definition], slots: 2 })
  const { taskId } = await first.tasker.tasks.create(definition, { context: {} })
  await first.events.until('step.execution_requested', ({ stepName }) => stepName === 'step-two')
  await first.tasker.worker.stop({ waitMs: 0, abortMs: 0 })
  expect(causes).toEqual([
    expect.objectContaining({ abortCause: 'stopping' }),
    expect.objectContaining({ abortCause: 'stopping' }),
  ])
  const stopped = await first.tasker.tasks.get(taskId)
  expect(stopped.state).toBe('in_progress')
  expect(stopped.steps.slice(0, 2)).toMatchObject([
    { state: 'pending', attempts: 0, isReady: true },
    { state: 'pending', attempts: 0, isReady: true },
  ])

  const second = await stage(database.url, { definitions: [definition] })
  const task = await second.run(taskId)
  expect(task.state).toBe('complete')
  expect(attemptsOf(task)).toEqual({ 'step-one': 1, 'step-two': 1, 'step-three': 1 })
  expect(task.results).toMatchObject({ 'step-one': { claimNo: 2 }, 'step-two': { claimNo: 2 } })
})

test('a stop waits for handlers within its grace, records them, and claims nothing more', async () => {
  const last = gate()
  const definition = defineShape(
    { ...shapes.I, name: 'stopped_in_time' },
    () => async () => last.opened.then(() => 'done'),
  )
  const { tasker, events } = await stage(database.url, { definitions: [definition] })
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  await events.until('step.execution_requested')
  const stopping = tasker.worker.stop({ waitMs: 60_000, abortMs: 0 })
  last.open()
  await stopping
  expect(statesOf(await tasker.tasks.get(taskId))).toEqual({
    step_1: 'complete',
    step_2: 'pending',
    step_3: 'pending',
  })
  expect(await tasker.workers()).toEqual(
    expect.arrayContaining([expect.objectContaining({ state: 'stopped' })]),
  )
})

test('a worker that was stopped can be started again and goes on where it was', async () => {
  const definition = defineShape({ ...shapes.I, name: 'started_again' })
  const { tasker, run } = await stage(database.url, { definitions: [definition] })
  await tasker.worker.stop()
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  expect((await run(taskId)).state).toBe('pending')
  await tasker.worker.start()
  expect((await run(taskId)).state).toBe('complete')
})

test('a worker runs only what it has definitions for; a task nobody serves says so', async () => {
  const served = defineTask({ name: 'served' }).step('only', async () => null)
  const foreign = defineTask({ name: 'foreign' }).step('only', async () => null)
  const maker = await stage(database.url, { definitions: [foreign], isWorking: false })
  const { taskId } = await maker.tasker.tasks.create(foreign, { context: {} })
  const worker = await stage(database.url, { definitions: [served] })
  expect((await worker.run(taskId)).state).toBe('pending')
  expect(await maker.tasker.tasks.why(taskId)).toMatchObject({
    summary: expect.stringContaining('No live worker serves default/foreign') as unknown,
    steps: [{ step: 'only', reason: 'no_worker' }],
  })
})

test('the ordering hook decides who starts first; a hook that fails or forgets loses no step', async () => {
  const definition = defineTask({ name: 'ordered' })
    .step('a', async () => null)
    .step('b', async () => null)
    .step('c', async () => null)
  const orders = [
    (steps: readonly { readonly name: string | null }[]) => steps.toReversed(),
    () => [],
    () => {
      throw new Error('a hook of the host')
    },
  ]
  const seen: string[][] = []
  for (const order of orders) {
    // The hook's parameter is a claimed step; only its name matters here.
    const hook = { order: order as never, slots: 3 }
    const set = await stage(database.url, { definitions: [definition], ...hook })
    const { taskId } = await set.tasker.tasks.create(definition, { context: {} })
    expect((await set.run(taskId)).state).toBe('complete')
    seen.push(set.events.of('step.execution_requested').map(({ stepName }) => stepName))
    await set.tasker.close()
  }
  expect(seen).toEqual([
    ['c', 'b', 'a'],
    ['a', 'b', 'c'],
    ['a', 'b', 'c'],
  ])
})
