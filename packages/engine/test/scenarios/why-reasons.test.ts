// What `why` says of one step, reason by reason: what is the case, since when, what comes next and when, and the commands
// that would change it, best first.
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { defineTask } from '../../src/definitions/builder.ts'
import { PermanentError, RetryableError } from '../../src/errors.ts'
import type { StepReason } from '../../src/reports/reason-types.ts'
import type { Tasker } from '../../src/tasker.ts'
import { cloneDatabase, databaseForFile } from '../support/database.ts'
import { gate } from './handlers.ts'
import { stage } from './stage.ts'

const database = databaseForFile()
const start = new Date('2030-01-01T00:00:00.000Z') // of every test clock
const after = (ms: number): Date => new Date(start.getTime() + ms)

const containing = (text: string): unknown => expect.stringContaining(text)

/** The commands of a step, without what ends the whole task. */
const commandsOf = (step: StepReason | undefined): readonly string[] =>
  (step?.remedies ?? [])
    .map(({ command }) => command)
    .filter((command) => !command.startsWith('tasker task cancel'))

async function reasonOf(tasker: Tasker, taskId: string, name: string): Promise<StepReason> {
  const step = (await tasker.tasks.why(taskId)).steps.find(({ step }) => step === name)
  if (step === undefined) throw new Error(`Step ${name} is done.`)
  return step
}

async function sql(url: string, text: string, values: readonly unknown[]): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(text, [...values])
  } finally {
    await client.end()
  }
}

test('exhausted: attempts are spent; the error, and retry before resolve and skip', async () => {
  const definition = defineTask({ name: 'spent' })
    .step('charge', { retry: { limit: 2 } }, async () => {
      throw new TypeError('no such card\nand a second line')
    })
    .step('receipt', { dependsOn: ['charge'] }, async () => null)
    .step('other', async ({ attempt }) => {
      if (attempt < 9) throw new RetryableError('not yet', { afterMs: 60_000 })
    })
  const { tasker, clock } = await stage(database.url, { definitions: [definition] })
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  await tasker.worker.idle()
  await clock.advance(1_000)
  await tasker.worker.idle()
  const charge = await reasonOf(tasker, taskId, 'charge')
  expect(charge).toMatchObject({
    state: 'error',
    reason: 'exhausted',
    cause: 'attempts',
    attempts: 2,
    retryLimit: 2,
    error: { class: 'TypeError', message: 'no such card\nand a second line', code: null },
    explanation: 'failed for good after 2 of 2 attempts (TypeError: no such card)',
    since: after(1_000),
    nextAt: null,
    next: 'nothing by itself: an operator decides',
  })
  expect(charge.remedies.map(({ command }) => command)).toEqual([
    `tasker task retry ${taskId} --step charge`,
    `tasker task resolve ${taskId} --step charge --result '<json>'`,
    `tasker task skip ${taskId} --step charge`,
    `tasker task cancel ${taskId}`,
  ])
  const why = await tasker.tasks.why(taskId)
  expect(why).toMatchObject({ rootCause: 'charge', remedies: charge.remedies, end: null })
  expect(why.summary).toBe(
    'charge failed for good after 2 of 2 attempts (TypeError: no such card); ' +
      '0 of 3 steps done, 1 failed for good, 1 waiting to be retried, 1 behind other steps.',
  )
})

test('exhausted: an error that no attempt can help says so, with its code', async () => {
  const definition = defineTask({ name: 'permanent' })
    .step('charge', async () => {
      throw new PermanentError('card stolen', { code: 'CARD_STOLEN' })
    })
    .step('other', async ({ waitUntil }) => waitUntil(after(3_600_000), 'keeps the task open'))
  const { tasker } = await stage(database.url, { definitions: [definition] })
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  await tasker.worker.idle()
  expect(await reasonOf(tasker, taskId, 'charge')).toMatchObject({
    reason: 'exhausted',
    cause: 'permanent_error',
    error: { code: 'CARD_STOLEN' },
    explanation: containing('attempt 1 of 3, with an error that no attempt can help'),
  })
})

test('exhausted: lost with its worker once too often', async () => {
  const open = gate()
  onTestFinished(() => open.open())
  const definition = defineTask({ name: 'lost_for_good' }).step('only', async () => open.opened)
  const dying = await stage(database.url, { definitions: [definition] })
  const { taskId } = await dying.tasker.tasks.create(definition, { context: {} })
  await dying.events.until('step.execution_requested')
  const { tasker, clock } = await stage(database.url, {
    definitions: [definition],
    execution: { workerLostLimit: 1 },
  })
  await clock.advance(7_200_000)
  const why = await tasker.tasks.why(taskId)
  expect(why.steps).toMatchObject([
    {
      reason: 'exhausted',
      cause: 'losses',
      losses: 1,
      explanation: 'failed for good: it was lost 1 time with its worker',
    },
  ])
  expect(commandsOf(why.steps[0])[0]).toBe(`tasker task retry ${taskId} --step only`)
})

test('exhausted: not retryable and lost with its worker, it may have done its work', async () => {
  const open = gate()
  onTestFinished(() => open.open())
  const definition = defineTask({ name: 'parked' }).step(
    'charge',
    { retry: { retryable: false } },
    async () => open.opened,
  )
  const dying = await stage(database.url, { definitions: [definition] })
  const { taskId } = await dying.tasker.tasks.create(definition, { context: {} })
  await dying.events.until('step.execution_requested')
  const { tasker, clock } = await stage(database.url, { definitions: [definition] })
  await clock.advance(7_200_000)
  const [charge] = (await tasker.tasks.why(taskId)).steps
  expect(charge).toMatchObject({
    reason: 'exhausted',
    cause: 'lost_not_retryable',
    explanation: containing('its worker was lost while it ran, and it is not retryable'),
    next: containing('finds out whether it did its work'),
  })
  expect(commandsOf(charge).slice(0, 3)).toEqual([
    `tasker task resolve ${taskId} --step charge --result '<json>'`,
    `tasker task retry ${taskId} --step charge`,
    `tasker task skip ${taskId} --step charge`,
  ])
})

test('retry: when, after which attempt, and whether the ladder or the handler named the time', async () => {
  const definition = defineTask({ name: 'retried' })
    .step('ladder', async () => {
      throw new Error('unlucky')
    })
    .step('asked for', { retry: { limit: 5 } }, async () => {
      throw new RetryableError('429', { afterMs: 250_000 })
    })
  const { tasker } = await stage(database.url, { definitions: [definition] })
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  await tasker.worker.idle()
  const ladder = await reasonOf(tasker, taskId, 'ladder')
  expect(ladder).toMatchObject({
    reason: 'retry',
    rule: 'ladder',
    attempt: 1,
    retryLimit: 3,
    dueAt: after(1_000),
    nextAt: after(1_000),
    since: start,
    explanation: 'failed its attempt 1 of 3 (Error: unlucky)',
    next: 'tried again at 2030-01-01T00:00:01.000Z',
  })
  expect(commandsOf(ladder)).toEqual([`tasker task retry-now ${taskId} --step ladder`])
  const asked = await reasonOf(tasker, taskId, 'asked for')
  expect(asked).toMatchObject({
    reason: 'retry',
    rule: 'asked_for',
    nextAt: after(250_000),
    explanation: containing('it asked for the time of the next one itself'),
  })
  expect(commandsOf(asked)).toEqual([`tasker task retry-now ${taskId} --step 'asked for'`])

  await tasker.worker.stop()
  expect(await reasonOf(tasker, taskId, 'ladder')).toMatchObject({
    reason: 'retry',
    next: 'tried again at 2030-01-01T00:00:01.000Z, once a worker serves it',
    remedies: [{ command: 'tasker worker --config <file>' }, {}, {}],
  })
})

test('wait: until when, with the reason the handler gave', async () => {
  const definition = defineTask({ name: 'approval' }).step('ask', async ({ waitUntil }) =>
    waitUntil(after(7_200_000), 'nobody has decided'),
  )
  const { tasker } = await stage(database.url, { definitions: [definition] })
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  await tasker.worker.idle()
  const step = await reasonOf(tasker, taskId, 'ask')
  expect(step).toMatchObject({
    state: 'pending',
    reason: 'wait',
    why: 'nobody has decided',
    explanation: 'asked to wait: nobody has decided',
    nextAt: after(7_200_000),
  })
  expect(commandsOf(step)).toEqual([`tasker task wake ${taskId} --step ask`])
})

test('running: on which worker, since when, and when it times out', async () => {
  const open = gate()
  onTestFinished(() => open.open())
  const definition = defineTask({ name: 'runs' })
    .step('limited', { timeoutMs: 60_000 }, async () => open.opened)
    .step('default', async () => open.opened)
  const { tasker, clock, events } = await stage(database.url, {
    definitions: [definition],
    slots: 2,
    execution: { stepTimeoutMs: null },
  })
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  await events.until('step.execution_requested', ({ stepName }) => stepName === 'default')
  await clock.advance(5_000)
  const limited = await reasonOf(tasker, taskId, 'limited')
  expect(limited).toMatchObject({
    reason: 'running',
    worker: { pid: process.pid },
    attempt: 1,
    since: start,
    timesOutAt: after(60_000),
    nextAt: after(60_000),
  })
  expect(commandsOf(limited)).toEqual([
    `tasker task resolve ${taskId} --step limited --result '<json>'`,
    `tasker task skip ${taskId} --step limited`,
  ])
  expect(await reasonOf(tasker, taskId, 'default')).toMatchObject({
    timesOutAt: null,
    nextAt: null,
    next: 'it ends; it has no time-out',
  })
})

test('concurrency: due, and every slot of the workers that serve it is in use, by tasks of any kind', async () => {
  const open = gate()
  onTestFinished(() => open.open())
  const busy = defineTask({ name: 'keeps_slots' }).step('only', async () => open.opened)
  const waiting = defineTask({ name: 'waits_for_slots' }).step('only', async () => null)
  const { tasker, clock, events } = await stage(database.url, {
    definitions: [busy, waiting],
    slots: 2,
  })
  for (const key of ['one', 'two']) {
    const { taskId } = await tasker.tasks.create(busy, { context: { key } })
    await events.until('step.execution_requested', (started) => started.taskId === taskId)
  }
  const { taskId } = await tasker.tasks.create(waiting, { context: {} })
  await tasker.worker.settled()
  await clock.advance(30_000)
  const step = await reasonOf(tasker, taskId, 'only')
  expect(step).toMatchObject({
    reason: 'concurrency',
    serving: { workers: 1, running: 2, slots: 2 },
    since: start,
    explanation: 'is due, and all 2 slots of the one live worker that serves it are in use',
  })
  expect(commandsOf(step)).toEqual(['tasker worker --config <file>'])
})

test('due: unclaimed with a free slot; another worker is offered only when nobody looks for long', async () => {
  const definition = defineTask({ name: 'unclaimed' }).step('only', async () => null)
  const worker = await stage(database.url, { definitions: [definition], slots: 4 })
  await worker.tasker.worker.settled() // its clock stands still from here on: it does not look again
  const { tasker, clock } = await stage(database.url, {
    definitions: [definition],
    isWorking: false,
  })
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  await clock.advance(2_000)
  expect(await reasonOf(tasker, taskId, 'only')).toMatchObject({
    reason: 'due',
    since: start,
    serving: { running: 0, slots: 4 },
    explanation: 'is due and unclaimed; 0 of 4 slots of the one live worker that serves it in use',
  })
  expect(commandsOf(await reasonOf(tasker, taskId, 'only'))).toEqual([])
  await clock.advance(60_000)
  expect(commandsOf(await reasonOf(tasker, taskId, 'only'))).toEqual([
    'tasker worker --config <file>',
  ])
})

test('no_worker: says which versions of the definition live workers serve', async () => {
  const version = (number: string) =>
    defineTask({ namespace: 'rolling', name: 'deploy', version: number }).step(
      'only',
      async () => null,
    )
  const [old, recent] = [version('1.0.0'), version('2.0.0')]
  const maker = await stage(database.url, { definitions: [old], isWorking: false })
  const { taskId } = await maker.tasker.tasks.create(old, { context: {} })
  await stage(database.url, { definitions: [recent] })
  const why = await maker.tasker.tasks.why(taskId)
  expect(why.steps).toMatchObject([
    { reason: 'no_worker', servedVersions: ['2.0.0'], since: start, nextAt: null },
  ])
  expect(why.summary).toContain(
    'No live worker serves rolling/deploy@1.0.0; live workers serve 2.0.0 of it; 0 of 1 steps done',
  )
  expect(why.remedies[0]?.command).toBe('tasker worker --config <file>')
})

test('held: by whom, why and since when, for a task and for its namespace', async () => {
  const definition = defineTask({ namespace: 'pay in', name: 'held' })
    .step('first', async () => null)
    .step('second', { dependsOn: ['first'] }, async () => null)
  const { tasker } = await stage(database.url, { definitions: [definition], isWorking: false })
  const held = await tasker.tasks.create(definition, { context: {} })
  await tasker.tasks.hold(held.taskId, { actor: 'ana', reason: 'wrong price' })
  await stage(database.url, { definitions: [definition] })
  const task = await tasker.tasks.why(held.taskId)
  expect(task.summary).toContain(
    'The task is held by ana since 2030-01-01T00:00:00.000Z: wrong price; 0 of 2 steps done',
  )
  expect(task.steps).toMatchObject([
    {
      reason: 'held',
      scope: 'task',
      by: 'ana',
      why: 'wrong price',
      since: start,
      explanation: 'may not start: the task is held by ana: wrong price',
    },
    { reason: 'parent', rootCauses: [{ step: 'first', reason: 'held' }] },
  ])
  for (const step of task.steps)
    expect(commandsOf(step)).toEqual([`tasker task resume ${held.taskId}`])
  expect(task.remedies[0]?.command).toBe(`tasker task resume ${held.taskId}`)

  await tasker.namespaces.hold('pay in', { actor: 'ben', reason: 'gateway is down' })
  const free = await tasker.tasks.create(definition, { context: { other: true } })
  const other = await tasker.tasks.why(free.taskId)
  expect(other.summary).toContain('The namespace pay in is held by ben since')
  expect(other.steps[0]).toMatchObject({
    reason: 'held',
    scope: 'namespace',
    by: 'ben',
    why: 'gateway is down',
    next: 'nothing before the namespace is resumed',
  })
  expect(commandsOf(other.steps[0])).toEqual([`tasker namespace resume 'pay in'`])
})

test('unqueued: a step that fell out of the due table has a reason too, and who repairs it', async () => {
  const definition = defineTask({ name: 'fell_out' }).step('only', async () => null)
  const { url } = await cloneDatabase() // no worker of another test
  const { tasker } = await stage(url, { definitions: [definition], isWorking: false })
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  await sql(url, 'delete from tasker.due where task_id = $1', [taskId])
  expect((await tasker.tasks.why(taskId)).steps).toMatchObject([
    {
      reason: 'unqueued',
      explanation: 'waits for nothing, and is missing from the due table',
      next: 'nothing before a worker starts, whose sweep puts it back',
      remedies: [{ command: 'tasker worker --config <file>' }, {}],
    },
  ])
})

test('a step name is one word of the shell, whatever is in it', async () => {
  const definition = defineTask({ name: 'quoted', context: { type: 'object' } }).expand(
    'load',
    { retry: { limit: 1 } },
    () => [{ key: `it's $HOME; a.csv`, inputs: null }],
    async () => {
      throw new Error('no')
    },
  )
  const { tasker, run } = await stage(database.url, { definitions: [definition] })
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  await run(taskId)
  const [step] = (await tasker.tasks.why(taskId)).steps
  expect(commandsOf(step)[0]).toBe(
    `tasker task retry ${taskId} --step 'load[it'\\''s $HOME; a.csv]'`,
  )
})
