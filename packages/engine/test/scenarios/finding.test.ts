// Finding tasks: every filter, and pages that follow one another without gaps or repeats.
import pg from 'pg'
import { beforeAll, describe, expect, test } from 'vitest'
import { defineTask } from '../../src/definitions/builder.ts'
import { createTasker, type Tasker } from '../../src/tasker.ts'
import type { FindFilter } from '../../src/tasks/find-filter.ts'
import { runToEnd, testClock } from '../../src/testing/index.ts'
import { databaseForFile } from '../support/database.ts'
import { stage } from './stage.ts'

const database = databaseForFile()

const invoice = defineTask({ namespace: 'billing', name: 'invoice', version: '1.0.0' })
  .step('send', async () => null)
  .annotate(async ({ context }) => [
    { type: 'customer', annotation: { id: context['customer'] ?? 0, vip: true } },
  ])
const invoiceTwo = defineTask({ namespace: 'billing', name: 'invoice', version: '2.0.0' }).step(
  'send',
  async () => null,
)
const report = defineTask({ name: 'report' }).step('print', { retry: { limit: 1 } }, async () => {
  throw new Error('no paper')
})
const definitions = [invoice, invoiceTwo, report]
/** By a name of the test's own. */
const made: Record<string, string> = {}

beforeAll(async () => {
  const clock = testClock()
  await using tasker: Tasker = await createTasker({
    database: { url: database.url },
    orchestration: {
      heartbeatIntervalMs: 300_000,
      leaseMs: 3_600_000,
      listen: false,
      shutdownGraceMs: 0,
      abortGraceMs: 0,
    },
    definitions,
    clock,
  })
  const create = async (
    name: string,
    ...[definition, request]: Parameters<typeof tasker.tasks.create>
  ): Promise<void> => {
    made[name] = (await tasker.tasks.create(definition as string, request)).taskId // any of its forms
    await clock.advance(60_000)
  }
  await tasker.worker.start()
  await create('first', 'billing/invoice@1.0.0', {
    context: { customer: 1 },
    tags: ['eu', 'big'],
    initiator: 'ana',
  })
  await create('second', 'billing/invoice@1.0.0', {
    context: { customer: 2 },
    tags: ['eu'],
    sourceSystem: 'crm',
  })
  await create('failed', 'report', { context: {}, initiator: 'ana' })
  for (const taskId of Object.values(made)) await runToEnd(tasker, taskId, clock)
  await tasker.worker.stop()
  await create('open', 'billing/invoice@2.0.0', { context: {}, priority: 'low' })
  await create('cancelled', 'report', { context: {} })
  await tasker.tasks.cancel(made['cancelled'] ?? '')
})

test.each<[string, FindFilter, readonly string[]]>([
  ['no filter: all, newest first', {}, ['cancelled', 'open', 'failed', 'second', 'first']],
  ['one state', { states: ['complete'] }, ['second', 'first']],
  ['several states', { states: ['error', 'cancelled'] }, ['cancelled', 'failed']],
  ['no state: nothing', { states: [] }, []],
  ['namespace', { namespace: 'billing' }, ['open', 'second', 'first']],
  ['name', { name: 'report' }, ['cancelled', 'failed']],
  ['version', { version: '2.0.0' }, ['open']],
  ['one tag', { tags: ['eu'] }, ['second', 'first']],
  ['all of the tags', { tags: ['big', 'eu'] }, ['first']],
  ['initiator', { initiator: 'ana' }, ['failed', 'first']],
  ['source system', { sourceSystem: 'crm' }, ['second']],
  [
    'created from, inclusive',
    { createdFrom: new Date('2030-01-01T00:03:00Z') },
    ['cancelled', 'open'],
  ],
  ['created before, exclusive', { createdBefore: new Date('2030-01-01T00:01:00Z') }, ['first']],
  [
    'namespaces that a caller may see',
    { namespaces: ['billing', 'none'] },
    ['open', 'second', 'first'],
  ],
  ['no namespace: nothing', { namespaces: [] }, []],
  ['a namespace outside of those', { namespace: 'billing', namespaces: ['default'] }, []],
  [
    'several namespaces and states',
    { namespaces: ['billing', 'default'], states: ['pending', 'error'] },
    ['open', 'failed'],
  ],
  ['open and ended states', { states: ['pending', 'complete'] }, ['open', 'second', 'first']],
  ['priority', { priority: 'low' }, ['open']],
  ['context', { contextContains: { customer: 2 } }, ['second']],
  [
    'context of a namespace',
    { contextContains: {}, namespace: 'billing' },
    ['open', 'second', 'first'],
  ],
  ['ended from, inclusive', { endedFrom: new Date('2030-01-01T00:04:00Z') }, ['cancelled']],
  [
    'ended before, exclusive',
    { endedBefore: new Date('2030-01-01T00:05:00Z') },
    ['failed', 'second', 'first'],
  ],
  ['oldest first', { order: 'oldest_first', namespace: 'billing' }, ['first', 'second', 'open']],
  ['annotation', { annotation: { type: 'customer', contains: { id: 2 } } }, ['second']],
  ['annotation of another type', { annotation: { type: 'vendor', contains: {} } }, []],
  [
    'several at once',
    { namespace: 'billing', states: ['complete'], tags: ['eu'], initiator: 'ana' },
    ['first'],
  ],
  ['a tag that reads like SQL', { tags: ["'; drop table tasker.tasks; --"] }, []],
])('%s', async (_what, filter, names) => {
  const { tasker } = await stage(database.url, { definitions, isWorking: false })
  const page = await tasker.tasks.find(filter)
  expect(page.tasks.map(({ taskId }) => taskId)).toEqual(names.map((name) => made[name]))
  expect(page.nextCursor).toBeNull()
  const { order: _order, ...selection } = filter
  expect(await tasker.tasks.count(selection)).toEqual({ count: names.length, isCapped: false })
})

test('a listing says what a task is', async () => {
  const { tasker } = await stage(database.url, { definitions, isWorking: false })
  const { tasks } = await tasker.tasks.find({ version: '2.0.0' })
  expect(tasks).toMatchObject([
    { namespace: 'billing', name: 'invoice', state: 'pending', priority: 'low', tags: [] },
  ])
})

test.each([1, 2, 3, 5])(
  'pages of %i follow one another without gap or repeat, also when tasks are added between',
  async (limit) => {
    const { tasker } = await stage(database.url, { definitions, isWorking: false })
    const before = Object.values(made).toReversed()
    const seen: string[] = []
    let after: string | null = null
    do {
      const page: Awaited<ReturnType<typeof tasker.tasks.find>> = await tasker.tasks.find({
        limit,
        createdBefore: new Date('2030-01-01T00:10:00Z'),
        ...(after === null ? {} : { after }),
      })
      seen.push(...page.tasks.map(({ taskId }) => taskId))
      expect(page.tasks.length).toBeLessThanOrEqual(limit)
      after = page.nextCursor
      if (seen.length === limit)
        await tasker.tasks
          .create(report, { context: {} })
          .then(({ taskId }) => tasker.tasks.cancel(taskId))
    } while (after !== null)
    expect(seen.filter((taskId) => before.includes(taskId))).toEqual(before)
    expect(new Set(seen).size).toBe(seen.length)
  },
)

test.each([0, 201, 1.5, Number.NaN])('a limit of %d is refused', async (limit) => {
  const { tasker } = await stage(database.url, { definitions, isWorking: false })
  await expect(tasker.tasks.find({ limit })).rejects.toMatchObject({ code: 'REQUEST_INVALID' })
})

test('pages of the oldest first follow one another, and a cursor serves in either order', async () => {
  const { tasker } = await stage(database.url, { definitions, isWorking: false })
  const filter = { namespaces: ['billing'], limit: 2 }
  const first = await tasker.tasks.find({ ...filter, order: 'oldest_first' })
  expect(first.tasks.map(({ taskId }) => taskId)).toEqual([made['first'], made['second']])
  const after = first.nextCursor ?? ''
  const second = await tasker.tasks.find({ ...filter, order: 'oldest_first', after })
  expect(second.tasks.map(({ taskId }) => taskId)).toEqual([made['open']])
  const back = await tasker.tasks.find({ ...filter, after })
  expect(back.tasks.map(({ taskId }) => taskId)).toEqual([made['first']])
})

describe('among 12,000 tasks of another definition', () => {
  beforeAll(async () => {
    await using tasker = await createTasker({
      database: { url: database.url },
      definitions: [
        defineTask({ namespace: 'crowd', name: 'many' }).step('only', async () => null),
      ],
    })
    await tasker.tasks.create('crowd/many', { context: {}, initiator: 'newest' })
    const client = new pg.Client({ connectionString: database.url })
    await client.connect()
    try {
      await client.query(
        `with newest as (select x.* from tasker.tasks x order by x.task_id desc limit 1),
         made as (
           insert into tasker.tasks (task_id, definition_id, graph_id, state, priority, tags, initiator, source_system,
             reason, requested_at, created_at)
           select ('ffffffff-0000-7000-8000-' || lpad(to_hex(g), 12, '0'))::uuid, n.definition_id, n.graph_id, n.state,
             n.priority, n.tags, 'crowd', n.source_system, n.reason, n.requested_at, n.created_at
           from newest n cross join generate_series(1, 12000) g
           returning task_id
         )
         insert into tasker.task_progress (task_id, open, not_satisfied, errors, seq)
         select m.task_id, 1, 1, 0, 1 from made m`,
      )
    } finally {
      await client.end()
    }
  })

  test.each<[string, FindFilter]>([
    ['all', {}],
    ['definitions', { namespaces: ['crowd'] }],
    ['states', { states: ['pending'] }],
  ])(
    'a condition without an index looks at 10,000 of %s, and the next page goes on behind them',
    async (_what, scope) => {
      const { tasker } = await stage(database.url, { definitions, isWorking: false })
      const filter = { ...scope, initiator: 'newest' }
      const first = await tasker.tasks.find(filter)
      expect(first.tasks).toEqual([])
      const after = first.nextCursor ?? ''
      expect(after).toBe(`ffffffff-0000-7000-8000-${(2_001).toString(16).padStart(12, '0')}`)
      expect(await tasker.tasks.find({ ...filter, after })).toMatchObject({
        tasks: [{ initiator: 'newest', namespace: 'crowd' }],
        nextCursor: null,
      })
      expect(await tasker.tasks.count(filter)).toEqual({ count: 0, isCapped: true })
    },
  )

  test('a count ends at 1,000', async () => {
    const { tasker } = await stage(database.url, { definitions, isWorking: false })
    const { tasks } = tasker
    for (const filter of [{}, { namespaces: ['crowd'] }, { initiator: 'crowd' }]) {
      expect(await tasks.count(filter)).toEqual({ count: 1_000, isCapped: true })
    }
    expect(await tasks.count({ namespaces: ['billing'] })).toEqual({ count: 3, isCapped: false })
  })
})

test('an id that is none is a task that does not exist, in every call', async () => {
  const { tasker } = await stage(database.url, { definitions, isWorking: false })
  const { tasks } = tasker
  for (const id of ['', '42', "' or 1=1 --", '00000000-0000-0000-0000-000000000000']) {
    for (const call of ['get', 'history', 'why', 'cancel', 'waitFor'] as const) {
      await expect(tasks[call](id)).rejects.toMatchObject({ code: 'TASK_NOT_FOUND' })
    }
  }
})
