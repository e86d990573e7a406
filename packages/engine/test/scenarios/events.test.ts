// The event bus: each event once, after its commit, with what it promises; subscribers cannot hurt anybody.
import { expect, test } from 'vitest'
import { defineTask } from '../../src/definitions/builder.ts'
import { databaseForFile } from '../support/database.ts'
import { failsTimes } from './handlers.ts'
import { stage, type Stage } from './stage.ts'

const database = databaseForFile()

const tell = (name: string) =>
  defineTask({ name })
    .step('a', async () => 1)
    .step('b', { dependsOn: ['a'] }, failsTimes(1))
    .step(
      'c',
      { dependsOn: ['b'], customEvents: [{ name: 'story.told', description: 'at the end' }] },
      async ({ publish }) => {
        publish('story.told', { chapter: 3 })
        return 3
      },
    )

const story = tell('story')

test('a task tells its story in order, each event once', async () => {
  const { tasker, events, run } = await stage(database.url, { definitions: [story] })
  const { taskId } = await tasker.tasks.create(story, { context: {} })
  await run(taskId)
  const told = events.all.filter(({ payload }) => 'taskId' in payload && payload.taskId === taskId)
  expect(
    told.map(({ name, payload }) => ('stepName' in payload ? `${name} ${payload.stepName}` : name)),
  ).toEqual([
    'task.initialize_requested',
    'task.start_requested',
    'step.execution_requested a',
    'step.before_handle a',
    'step.completed a',
    'step.execution_requested b',
    'step.before_handle b',
    'step.failed b',
    'step.retry_requested b',
    'step.execution_requested b',
    'step.before_handle b',
    'step.completed b',
    'step.execution_requested c',
    'step.before_handle c',
    'step.completed c',
    'custom c',
    'task.completed',
  ])
})

test('payloads say where it happened, which attempt, and which history entry', async () => {
  const { tasker, events, run } = await stage(database.url, { definitions: [story] })
  const { taskId } = await tasker.tasks.create(story, { context: {} })
  await run(taskId)
  const where = { taskId, namespace: 'default', taskName: 'story', version: '0.1.0' }
  expect(events.of('step.failed').at(-1)).toMatchObject({
    ...where,
    stepName: 'b',
    attempt: 1,
    retryLimit: 3,
    claimNo: 1,
    durationMs: 0,
    retryAt: new Date('2030-01-01T00:00:01Z'),
    error: { class: 'Error', message: 'as scripted' },
  })
  expect(events.of('custom').at(-1)).toMatchObject({
    ...where,
    name: 'story.told',
    payload: { chapter: 3 },
  })
  const completed = events.of('task.completed').at(-1)
  const history = await tasker.tasks.history(taskId)
  expect(completed).toMatchObject({
    ...where,
    state: 'complete',
    endedAt: new Date('2030-01-01T00:00:01Z'),
  })
  expect(completed?.eventId).toBe(`${taskId}/${history.at(-1)?.seq}`)
})

test('a repeat that finds its task is no creation', async () => {
  const definition = tell('told_once')
  const { tasker, events } = await stage(database.url, {
    definitions: [definition],
    isWorking: false,
  })
  const request = { context: {}, idempotencyKey: 'once' }
  await tasker.tasks.create(definition, request)
  await tasker.tasks.create(definition, request)
  expect(events.of('task.initialize_requested')).toHaveLength(1)
})

test('subscribers that throw, reject or never end affect nobody; each failure is counted and logged', async () => {
  const logged: string[] = []
  const ignore = (): void => undefined
  const logger = {
    debug: ignore,
    info: ignore,
    warn: ignore,
    error: (_fields: object, message: string) => void logged.push(message),
  }
  const { tasker, events, run } = await stage(database.url, { definitions: [story], logger })
  const heard: string[] = []
  tasker.events.on('step.completed', () => {
    throw new Error('a subscriber of the host')
  })
  tasker.events.on('step.completed', async () => Promise.reject(new Error('another')))
  tasker.events.on('step.completed', () => Promise.withResolvers<void>().promise)
  tasker.events.on('step.completed', ({ stepName }) => void heard.push(stepName))
  const { taskId } = await tasker.tasks.create(story, { context: {} })
  expect((await run(taskId)).state).toBe('complete')
  expect(heard).toEqual(['a', 'b', 'c'])
  expect(events.of('task.completed')).toHaveLength(1)
  expect(tasker.events.failureCount).toBe(6)
  expect(logged).toEqual(Array.from({ length: 6 }, () => 'a subscriber failed'))
})

test('closing tells what waits for asynchronous subscribers, for as long as a stop may take', async () => {
  const orchestration = { shutdownGraceMs: 60_000 }
  const { tasker, run } = await stage(database.url, { definitions: [story], orchestration })
  const mayTell = Promise.withResolvers<void>()
  const told: string[] = []
  const slow = async (name: string): Promise<void> => {
    await mayTell.promise
    told.push(name)
  }
  tasker.events.subscribe('task.*', ({ name }) => slow(name), { delivery: 'async' })
  const { taskId } = await tasker.tasks.create(story, { context: {} })
  await run(taskId)
  const closing = tasker.close()
  mayTell.resolve()
  await closing
  expect(told).toEqual(['task.initialize_requested', 'task.start_requested', 'task.completed'])
})

test('closing does not wait for a subscriber that never ends', async () => {
  const { tasker, run } = await stage(database.url, { definitions: [story] })
  tasker.events.subscribe('task.*', () => new Promise(() => undefined), { delivery: 'async' })
  const { taskId } = await tasker.tasks.create(story, { context: {} })
  await run(taskId)
  await expect(tasker.close()).resolves.toBeUndefined()
})

test('a subscriber that stopped hears nothing more; one that stops others while hearing does no harm', async () => {
  const { tasker, run } = await stage(database.url, { definitions: [story] })
  const heard: string[] = []
  const stops: (() => void)[] = []
  tasker.events.on('step.completed', () => stops.forEach((stop) => stop()))
  stops.push(tasker.events.on('step.completed', ({ stepName }) => void heard.push(stepName)))
  await run((await tasker.tasks.create(story, { context: {} })).taskId)
  expect(heard.length).toBeLessThanOrEqual(1)
})

test('an event that the step does not declare fails the step for good; events of a failed attempt are not published', async () => {
  const definition = defineTask({ name: 'undeclared' })
    .step('wrong', async ({ publish }) => publish('not.declared', {}))
    .step(
      'fails',
      { retry: { limit: 1 }, customEvents: [{ name: 'kept.back', description: '' }] },
      async ({ publish }) => {
        publish('kept.back', {})
        throw new Error('after publishing')
      },
    )
  const { tasker, events, run } = await stage(database.url, { definitions: [definition] })
  const task = await run((await tasker.tasks.create(definition, { context: {} })).taskId)
  expect(task.steps[0]).toMatchObject({
    state: 'error',
    attempts: 1,
    error: { code: 'DEFINITION_INVALID' },
  })
  expect(events.of('custom')).toEqual([])
})

/** Lets time tick, a second and a look at the task at a time, until the wait is over. */
async function tickUntilOver(
  wait: Promise<unknown>,
  { tasker, clock }: Stage,
  taskId: string,
): Promise<void> {
  const wakeful = { isOver: false }
  const end = (): void => void (wakeful.isOver = true)
  wait.then(end, end)
  while (!wakeful.isOver) {
    await tasker.tasks.get(taskId)
    await clock.advance(1_000)
  }
}

test('a task that waits in one process hears of an end in another by its poll', async () => {
  const worker = await stage(database.url, { definitions: [story] })
  const waiter = await stage(database.url, { definitions: [story], isWorking: false })
  const { taskId } = await worker.tasker.tasks.create(story, { context: {} })
  const waiting = waiter.tasker.tasks.waitFor(taskId)
  await worker.run(taskId)
  await tickUntilOver(waiting, waiter, taskId)
  expect((await waiting).state).toBe('complete')
})

test('a wait ends with its time, its signal, or the Tasker, and says which task goes on', async () => {
  const definition = tell('waited_for')
  const set = await stage(database.url, { definitions: [definition], isWorking: false })
  const { tasks } = set.tasker
  const { taskId } = await tasks.create(definition, { context: {} })
  const ended = { code: 'WAIT_ENDED', details: { taskId } }
  await expect(tasks.waitFor(taskId, { signal: AbortSignal.abort() })).rejects.toMatchObject(ended)

  const given = new AbortController()
  const called = tasks.waitFor(taskId, { signal: given.signal })
  given.abort()
  await expect(called).rejects.toMatchObject(ended)

  const timed = tasks.waitFor(taskId, { timeoutMs: 500 })
  await tickUntilOver(timed, set, taskId)
  await expect(timed).rejects.toMatchObject(ended)
  await expect(timed).rejects.toThrow('500 ms')

  const left = tasks.waitFor(taskId)
  await Promise.all([
    expect(left).rejects.toMatchObject({ category: 'unavailable' }),
    set.tasker.close(),
  ])
})
