// Finding tasks: every filter, and pages that follow one another without gaps or repeats.
import { beforeAll, expect, test } from 'vitest'
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

test('an id that is none is a task that does not exist, in every call', async () => {
  const { tasker } = await stage(database.url, { definitions, isWorking: false })
  const { tasks } = tasker
  for (const id of ['', '42', "' or 1=1 --", '00000000-0000-0000-0000-000000000000']) {
    for (const call of ['get', 'history', 'why', 'cancel', 'waitFor'] as const) {
      await expect(tasks[call](id)).rejects.toMatchObject({ code: 'TASK_NOT_FOUND' })
    }
  }
})
