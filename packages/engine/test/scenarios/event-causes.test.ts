// Each event by its real cause, and exactly once: across two workers, a worker that is lost, operators and refusals. What was
// told is compared with the history, which is the truth.
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { defineTask } from '../../src/definitions/builder.ts'
import { PermanentError } from '../../src/errors.ts'
import {
  EventSubscriber,
  type Events,
  type HistoryEvent,
  type Tasker,
  type ToldEvent,
} from '../../src/index.ts'
import { historyEventNames } from '../../src/history/events-of-entry.ts'
import { payloadFaults } from '../events/payload-faults.ts'
import { databaseForFile } from '../support/database.ts'
import { kitFor } from '../testing/kit.ts'
import { alwaysFails, failsTimes, gate } from './handlers.ts'
import { stage } from './stage.ts'

const database = databaseForFile()

/** What was told, as `<name> <event id>`; every payload is as the catalogue describes it. */
function hear(...heardFrom: readonly Events[]): {
  readonly told: readonly ToldEvent[]
  readonly ids: (name: string, taskId?: string) => readonly string[]
} {
  const told: ToldEvent[] = []
  for (const events of heardFrom) {
    events.subscribe('*', (event) => {
      expect(payloadFaults(event.name, event.payload)).toEqual([])
      told.push(event)
    })
  }
  const ids = (name: string, taskId?: string): readonly string[] =>
    told
      .filter((event) => event.name === name)
      .map(({ payload }) => ('eventId' in payload ? payload.eventId : ''))
      .filter((id) => taskId === undefined || id.startsWith(taskId))
      .toSorted()
  return { told, ids }
}

/** What any process reads of the namespace's tasks, from the beginning of the journal: each entry once. */
async function followed(
  { history }: Tasker,
  namespace: string,
): Promise<{
  readonly events: readonly HistoryEvent[]
  readonly ids: (name: string, taskId?: string) => readonly string[]
}> {
  const events: HistoryEvent[] = []
  let after = 'start'
  for (;;) {
    const page = await history.read({ after, namespace, limit: 2 })
    events.push(...page.events)
    after = page.cursor
    if (page.isEnd) break
  }
  const names = events.map(({ name, eventId }) => `${name} ${eventId}`)
  expect(names).toEqual([...new Set(names)])
  for (const { name, payload } of events) expect(payloadFaults(name, payload)).toEqual([])
  const ids = (name: string, taskId = ''): readonly string[] =>
    events
      .filter((event) => event.name === name && event.eventId.startsWith(taskId))
      .map(({ eventId }) => eventId)
      .toSorted()
  return { events, ids }
}

/** What was told in these processes is what the history tells: the same names, ids and payloads. */
async function expectFollowed(
  tasker: Tasker,
  namespace: string,
  told: readonly ToldEvent[],
): Promise<readonly HistoryEvent[]> {
  const { events } = await followed(tasker, namespace)
  // Who does something to a task need not know its correlation id; the history does.
  for (const { payload } of events) expect(payload.correlationId).toBe(payload.taskId)
  const comparable = (all: readonly Pick<ToldEvent, 'name' | 'payload'>[]) =>
    all
      .filter(({ name }) => isOfHistory(name))
      .map(({ name, payload }) => {
        return { name, payload: { ...payload, durationMs: 0, correlationId: null } }
      })
      .toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
  expect(comparable(events)).toEqual(comparable(told))
  return events
}

const isOfHistory = (name: string): boolean => historyEventNames.some((known) => known === name)

const keyOf = (event: { readonly name: string; readonly payload: object }): string =>
  `${event.name} ${'eventId' in event.payload ? String(event.payload.eventId) : ''}`

/** The keys of the entries of a task's history, as events have them. */
async function keysOf(
  url: string,
  taskId: string,
): Promise<{ readonly claims: string[]; readonly into: (state: string) => readonly string[] }> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  onTestFinished(() => client.end())
  const { rows: claims } = await client.query<{ key: string }>(
    `select task_id || '/' || step_no || '/' || claim_no as key from tasker.step_claims
     where task_id = $1 and step_no > 0 order by 1`,
    [taskId],
  )
  const { rows: ends } = await client.query<{ key: string; to_state: string }>(
    `select task_id || '/' || step_no || '/' || claim_no as key, to_state
     from tasker.workflow_step_transitions
     where task_id = $1 and from_state = 'in_progress' and actor <> 'ada' order by 1`,
    [taskId],
  )
  return {
    claims: claims.map(({ key }) => key),
    into: (state) => ends.filter(({ to_state }) => to_state === state).map(({ key }) => key),
  }
}

test('two workers tell of a task what its history says, each entry once, by one of them', async () => {
  const met = [gate(), gate()] as const
  const meet = (own: 0 | 1) => async () => {
    met[own].open()
    await met[own === 0 ? 1 : 0].opened // each worker has one slot, so these two run in two of them
    return own
  }
  const definition = defineTask({ namespace: 'causes', name: 'shared' })
    .step('left', meet(0))
    .step('right', meet(1))
    .step('flaky', { dependsOn: ['left', 'right'] }, failsTimes(2))
    .step('waits', { dependsOn: ['flaky'] }, async ({ claimNo, waitUntil }) =>
      claimNo === 1 ? waitUntil(new Date('2030-01-02T00:00:00Z'), 'a day') : 'waited',
    )
    .step(
      'tells',
      { dependsOn: ['waits'], customEvents: [{ name: 'shared.told', description: '' }] },
      async ({ publish }) => publish('shared.told', { by: 'tells' }),
    )
  const one = await stage(database.url, { definitions: [definition], slots: 1 })
  const two = await stage(database.url, { definitions: [definition], slots: 1, clock: one.clock })
  const { told, ids } = hear(one.tasker.events, two.tasker.events)

  const { taskId } = await one.tasker.tasks.create(definition, { context: {} })
  two.tasker.worker.wake()
  let task = await one.run(taskId)
  // What the other one holds keeps the first from going on.
  while (task.state === 'in_progress') {
    await two.tasker.worker.idle()
    task = await one.run(taskId)
  }
  await two.tasker.worker.idle()
  expect(task.state).toBe('complete')

  const { claims, into } = await keysOf(database.url, taskId)
  expect(ids('step.execution_requested')).toEqual(claims)
  expect(ids('step.before_handle')).toEqual(claims)
  expect(ids('step.completed')).toEqual(into('complete'))
  expect(ids('step.failed')).toEqual(into('error'))
  expect(ids('step.retry_requested')).toEqual(into('error'))
  expect(ids('step.waiting')).toEqual(into('pending'))
  expect(ids('shared.told')).toHaveLength(1)
  expect(ids('task.initialize_requested')).toEqual([`${taskId}/0`])
  expect(ids('task.start_requested')).toEqual([`${taskId}/1`])
  const last = (await one.tasker.tasks.history(taskId)).at(-1)
  expect(ids('task.completed')).toEqual([`${taskId}/${last?.seq}`])
  await expectFollowed(two.tasker, 'causes', told)
  const discovered = told.flatMap((event) =>
    event.category === 'tasker' && event.name === 'workflow.viable_steps_discovered'
      ? event.payload.steps.map(({ stepName, claimNo }) => `${stepName} ${claimNo}`)
      : [],
  )
  expect(discovered.toSorted()).toEqual([
    'flaky 1',
    'flaky 2',
    'flaky 3',
    'left 1',
    'right 1',
    'tells 1',
    'waits 1',
    'waits 2',
  ])
})

test('a worker is lost between handler and record: the next one tells the end, once', async () => {
  const definition = defineTask({ name: 'order' })
    .step('fetch', async () => 1)
    .step('charge', { dependsOn: ['fetch'] }, async () => 2)
  const kit = await kitFor({ definitions: [definition] })
  const { told, ids } = hear(kit.tasker.events)
  kit.crash(definition, 'charge', 'after_handler')
  const task = await kit.create(definition, { context: {} })
  await task.runToEnd()
  const charged = (claimNo: number): string => `${task.taskId}/2/${claimNo}`
  const fetched = `${task.taskId}/1/1`
  expect(ids('step.execution_requested')).toEqual([fetched, charged(1), charged(2)])
  expect(ids('step.completed')).toEqual([fetched, charged(2)])
  expect(ids('task.start_requested')).toHaveLength(1)
  expect(ids('task.completed')).toHaveLength(1)

  // The lost attempt's end is written by whoever takes its step over, and told by the history alone.
  const { events, ids: read } = await followed(kit.tasker, 'default')
  expect(read('step.failed')).toEqual([charged(1)])
  expect(read('step.retry_requested')).toEqual([charged(1)])
  expect(events).toHaveLength(told.filter(({ name }) => isOfHistory(name)).length + 2)
})

test('the last attempt that the limit allows is told as such; an error that ends a step at once is not', async () => {
  const ends = async (): Promise<never> => {
    throw new PermanentError('never again')
  }
  const definition = defineTask({ namespace: 'limits', name: 'limits' })
    .step('tired', { retry: { limit: 2 } }, alwaysFails('again'))
    .step('stubborn', { retry: { limit: 2 } }, ends)
  const { tasker, run } = await stage(database.url, { definitions: [definition] })
  const { told, ids } = hear(tasker.events)
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  expect((await run(taskId)).state).toBe('error')
  expect(ids('observability.step.max_retries_reached')).toEqual([`${taskId}/1/2`])
  expect(ids('step.failed')).toEqual([`${taskId}/1/1`, `${taskId}/1/2`, `${taskId}/2/1`])
  expect(ids('step.retry_requested')).toEqual([`${taskId}/1/1`])
  expect(ids('task.failed')).toHaveLength(1)
  expect(told.at(-1)?.name).toBe('task.failed')
  await expectFollowed(tasker, 'limits', told)
})

test('a kept result is used without a call of the handler, and told as cached', async () => {
  const definition = defineTask({ namespace: 'kept', name: 'kept' }).step(
    'ask',
    { cache: { key: () => 'one', ttlMs: 60_000 } },
    async () => 'answer',
  )
  const { tasker, run } = await stage(database.url, { definitions: [definition] })
  const { told, ids } = hear(tasker.events)
  const first = await tasker.tasks.create(definition, { context: {} })
  await run(first.taskId)
  const second = await tasker.tasks.create(definition, { context: {} })
  await run(second.taskId)
  expect(ids('step.before_handle')).toEqual([`${first.taskId}/1/1`])
  const cached = told.flatMap((event) =>
    event.category === 'tasker' && event.name === 'step.completed' ? [event.payload.isCached] : [],
  )
  expect(cached).toEqual([false, true])
  await expectFollowed(tasker, 'kept', told)
})

test('a step in a transaction calls its handler, and tells it, once', async () => {
  const definition = defineTask({ namespace: 'together', name: 'together' }).step(
    'writes',
    { transaction: true, timeoutMs: 60_000 },
    async ({ tx }) => {
      await tx.query('select 1')
      return 1
    },
  )
  const { tasker, run } = await stage(database.url, { definitions: [definition] })
  const { told, ids } = hear(tasker.events)
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  await run(taskId)
  for (const name of ['step.execution_requested', 'step.before_handle', 'step.completed'])
    expect(ids(name)).toEqual([`${taskId}/1/1`])
  await expectFollowed(tasker, 'together', told)
})

test('what operators do is told once, by the process that did it', async () => {
  const fails = alwaysFails('as scripted')
  const definition = defineTask({ namespace: 'operated', name: 'operated' })
    .step('first', { retry: { limit: 1 } }, fails)
    .step('second', { retry: { limit: 1 } }, fails)
    .step('third', { dependsOn: ['first', 'second'] }, async () => 3)
  const worker = await stage(database.url, { definitions: [definition] })
  const operator = await stage(database.url, { definitions: [definition], isWorking: false })
  const { told, ids } = hear(worker.tasker.events, operator.tasker.events)
  const failed = async (): Promise<string> => {
    const { taskId } = await worker.tasker.tasks.create(definition, { context: {} })
    expect((await worker.run(taskId)).state).toBe('error')
    return taskId
  }
  const { tasks } = operator.tasker
  const signed = { actor: 'ada', reason: 'by hand' }

  const moved = await failed()
  await tasks.resolve(moved, { ...signed, step: 'first' })
  await tasks.skip(moved, { ...signed, step: 'second' })
  expect((await worker.run(moved)).state).toBe('complete')
  expect(ids('step.resolved_manually', moved)).toEqual([`${moved}/1/1/resolved_manually`])
  expect(ids('step.skipped', moved)).toEqual([`${moved}/2/1/skipped`])
  expect(ids('task.retry_requested', moved)).toHaveLength(1)
  expect(ids('task.completed', moved)).toHaveLength(1)

  const settled = await failed()
  await tasks.resolve(settled, signed)
  expect(ids('task.resolved_manually', settled)).toHaveLength(1)

  const { taskId: cancelled } = await tasks.create(definition, { context: {} })
  await tasks.cancel(cancelled, signed)
  await tasks.cancel(cancelled, signed).catch(() => undefined)
  expect(ids('task.cancelled', cancelled)).toHaveLength(1)

  const { taskId: cut } = await tasks.create(definition, { context: {} })
  await tasks.cancel(cut, { ...signed, step: 'first' })
  expect(ids('step.cancelled', cut)).toEqual([`${cut}/1/0/cancelled`, `${cut}/3/0/cancelled`])

  const { taskId: again } = await tasks.rerun(settled, { ...signed, from: ['first'] })
  expect(ids('task.initialize_requested', again ?? '-')).toEqual([`${again}/0`])
  await worker.run(again ?? '-')
  await expectFollowed(operator.tasker, 'operated', told)
})

test('an outcome that comes too late is told once, and the end of its step never', async () => {
  const started = gate()
  const end = gate()
  const answered = gate()
  const definition = defineTask({ namespace: 'late', name: 'late' }).step('slow', async () => {
    started.open()
    await end.opened
    answered.open()
    return 1
  })
  const { tasker } = await stage(database.url, { definitions: [definition] })
  const { told, ids } = hear(tasker.events)
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  await started.opened
  await tasker.tasks.cancel(taskId, { actor: 'ada', reason: 'too slow' })
  const refused = Promise.withResolvers<void>()
  tasker.events.on('step.outcome_refused', () => refused.resolve())
  end.open()
  await answered.opened
  await refused.promise
  expect(ids('step.outcome_refused')).toEqual([`${taskId}/1/1`])
  expect(ids('step.completed')).toEqual([])
  expect(ids('step.cancelled')).toEqual([`${taskId}/1/1/cancelled`])
  await expectFollowed(tasker, 'late', told)
})

test('a request that is refused is told with its fault, and no task', async () => {
  const definition = defineTask({ namespace: 'causes', name: 'refused' }).step('a', async () => 1)
  const { tasker } = await stage(database.url, { definitions: [definition], isWorking: false })
  const { told } = hear(tasker.events)
  const wrong = { definition, context: null }
  // @ts-expect-error: what JavaScript may pass
  await expect(tasker.tasks.create(definition, { context: null })).rejects.toThrow(
    'must be an object',
  )
  await expect(
    tasker.tasks.createMany([{ definition, context: {} }, wrong, { definition, context: [] }]),
  ).rejects.toThrow('must be an object')
  expect(told.map(({ name }) => name)).toEqual(['task.rejected', 'task.rejected', 'task.rejected'])
  expect(told[0]?.payload).toMatchObject({ taskName: 'refused', code: 'CONTEXT_INVALID' })
})

test('subscribers given to createTasker hear of each definition', async () => {
  class Registrations extends EventSubscriber {
    static override readonly subscribeTo = ['handler.*']
    readonly heard: unknown[] = []

    handleHandlerRegistered({ payload }: ToldEvent): void {
      this.heard.push(payload)
    }
  }
  const registrations = new Registrations()
  const definitions = ['one', 'two'].map((name) =>
    defineTask({ namespace: 'causes', name, version: '1.2.0' }).step('a', async () => 1),
  )
  await stage(database.url, { definitions, subscribers: [registrations], isWorking: false })
  expect(registrations.heard).toEqual([
    { namespace: 'causes', taskName: 'one', version: '1.2.0' },
    { namespace: 'causes', taskName: 'two', version: '1.2.0' },
  ])
})
