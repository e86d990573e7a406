// One action on every task that matches a filter: dry run, batches, progress, refusals, stopping.
import pg from 'pg'
import { afterEach, expect, test } from 'vitest'
import { databaseForFile } from '../support/database.ts'
import { failsTimes } from './handlers.ts'
import { diamond, expectWellKept } from './operated.ts'
import { stage, type Stage } from './stage.ts'

const database = databaseForFile()
afterEach(() => expectWellKept(database.url))

const createSome = async (
  { tasker }: Stage,
  definition: ReturnType<typeof diamond>,
  count: number,
) => {
  const context = {}
  const created = await tasker.tasks.createMany(
    Array.from({ length: count }, () => ({ definition, context })),
  )
  return created.map(({ taskId }) => taskId)
}

test('a dry run says what would be done and does nothing; the real one does it, batch by batch', async () => {
  const definition = diamond('bulk_retry', { left: failsTimes(1) })
  const set = await stage(database.url, { definitions: [definition] })
  const { tasker, run } = set
  const ids = await createSome(set, definition, 7)
  for (const id of ids) expect((await run(id)).state).toBe('error')
  const filter = { namespace: 'operated', name: 'bulk_retry' }

  const dry = await tasker.tasks.operate({ action: 'retry', filter, dryRun: true })
  expect(dry).toMatchObject({ dryRun: true, matched: 7, changed: 7, refused: 0, isStopped: false })
  expect(dry.changedTasks[0]).toMatchObject({ from: 'error', state: 'in_progress' })
  expect((await tasker.tasks.find({ ...filter, states: ['error'] })).tasks).toHaveLength(7)

  const progress: number[] = []
  const done = await tasker.tasks.operate({
    action: 'retry',
    filter,
    batchSize: 3,
    actor: 'ana',
    reason: 'the gateway is back',
    onProgress: ({ changed }) => progress.push(changed),
  })
  expect(done).toMatchObject({ matched: 7, changed: 7, refused: 0 })
  expect(progress).toEqual([3, 6, 7])
  for (const id of ids) expect((await run(id)).state).toBe('complete')
  const again = await tasker.tasks.operate({ action: 'retry', filter })
  expect(again, 'complete tasks are not even looked at').toMatchObject({ matched: 0 })
})

test('tasks that refuse are counted and told, the others are done', async () => {
  const definition = diamond('bulk_mixed', { left: failsTimes(1) })
  const set = await stage(database.url, { definitions: [definition] })
  const { tasker, run } = set
  const [failed = '', held = ''] = await createSome(set, definition, 2)
  await run(failed)
  await run(held)
  await tasker.tasks.skip(held, { step: 'left' })
  await run(held)
  const report = await tasker.tasks.operate({
    action: 'skip',
    step: 'left',
    filter: { name: 'bulk_mixed', states: ['error', 'complete'] },
  })
  expect(report).toMatchObject({ matched: 2, changed: 1, refused: 1 })
  expect(report.refusedTasks).toEqual([
    { taskId: held, why: expect.stringContaining('is skipped; it cannot be skipped') as unknown },
  ])
  expect((await run(failed)).state).toBe('complete')
})

test('tasks in which there is nothing to do are counted apart from those that refuse', async () => {
  const definition = diamond('bulk_nothing', { left: failsTimes(1) })
  const set = await stage(database.url, { definitions: [definition] })
  const { tasker, run } = set
  const [failed = ''] = await createSome(set, definition, 1)
  await run(failed)
  await tasker.worker.stop()
  await createSome(set, definition, 2)
  const filter = { name: 'bulk_nothing', states: ['pending', 'error'] } as const
  const woken = await tasker.tasks.operate({ action: 'wake', filter })
  expect(woken).toMatchObject({ matched: 3, changed: 0, unchanged: 2, refused: 1 })
  expect(woken.refusedTasks.map(({ taskId }) => taskId)).toEqual([failed])
  expect(woken.refusedTasks[0]?.why).toContain('is error; it cannot be woken')
  const held = { action: 'hold', filter: { ...filter, states: ['pending'] } } as const
  expect(await tasker.tasks.operate(held)).toMatchObject({ changed: 2, unchanged: 0 })
  expect(await tasker.tasks.operate(held)).toMatchObject({ changed: 0, unchanged: 2, refused: 0 })
})

test('it stops between batches when told to; what was done stays done', async () => {
  const definition = diamond('bulk_stopped')
  const set = await stage(database.url, { definitions: [definition], isWorking: false })
  const { tasker } = set
  await createSome(set, definition, 6)
  const controller = new AbortController()
  const report = await tasker.tasks.operate({
    action: 'cancel',
    filter: { name: 'bulk_stopped' },
    batchSize: 2,
    signal: controller.signal,
    onProgress: ({ changed }) => {
      if (changed === 4) controller.abort()
    },
  })
  expect(report).toMatchObject({ changed: 4, isStopped: true })
  const left = await tasker.tasks.find({ name: 'bulk_stopped', states: ['pending'] })
  expect(left.tasks).toHaveLength(2)
})

test('it takes no more tasks than it is told to, and says that there may be others', async () => {
  const definition = diamond('bulk_some')
  const set = await stage(database.url, { definitions: [definition], isWorking: false })
  const ids = await createSome(set, definition, 5)
  const order = { action: 'hold', filter: { name: 'bulk_some' }, batchSize: 2 } as const
  const some = await set.tasker.tasks.operate({ ...order, tasksMax: 3 })
  expect(some).toMatchObject({ matched: 3, changed: 3, isStopped: true })
  expect(new Set(some.changedTasks.map(({ taskId }) => taskId))).toEqual(new Set(ids.slice(2)))
  await expect(set.tasker.tasks.operate({ ...order, tasksMax: 0 })).rejects.toThrow('tasksMax')
  const after = some.nextCursor ?? ''
  const rest = await set.tasker.tasks.operate({ ...order, tasksMax: 3, after, dryRun: true })
  expect(rest).toMatchObject({ matched: 2, changed: 2, isStopped: false, nextCursor: null })
  const all = await set.tasker.tasks.operate({ ...order, tasksMax: 50 })
  expect(all).toMatchObject({ matched: 5, changed: 2, unchanged: 3, isStopped: false })
})

test('all that are held are found, and resumed together', async () => {
  const definition = diamond('bulk_held')
  const set = await stage(database.url, { definitions: [definition], isWorking: false })
  const { tasker } = set
  const [first = ''] = await createSome(set, definition, 3)
  await tasker.tasks.hold(first)
  const filter = { name: 'bulk_held', held: true }
  expect((await tasker.tasks.find(filter)).tasks.map(({ taskId }) => taskId)).toEqual([first])
  const report = await tasker.tasks.operate({ action: 'resume', filter })
  expect(report).toMatchObject({ matched: 1, changed: 1 })
  expect((await tasker.tasks.find(filter)).tasks).toEqual([])
})

test('a batch that the database refuses ends the run; what was done before is told', async () => {
  const definition = diamond('bulk_failing')
  const set = await stage(database.url, { definitions: [definition], isWorking: false })
  const ids = await createSome(set, definition, 4)
  const oldest = ids.toSorted()[0] ?? ''
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  // A gate before the oldest task, which is last in line.
  await client.query(`
    create function tasker.refuse_oldest() returns trigger language plpgsql as $$
    begin
      if new.task_id = '${oldest}' then raise exception 'out of order'; end if;
      return new;
    end $$`)
  await client.query(
    'create trigger refuse before update on tasker.task_progress for each row execute function tasker.refuse_oldest()',
  )
  try {
    const report = await set.tasker.tasks.operate({
      action: 'hold',
      filter: { name: 'bulk_failing' },
      batchSize: 2,
    })
    expect(report).toMatchObject({ matched: 2, changed: 2, isStopped: true })
    expect(report.failure).toContain('out of order')
  } finally {
    await client.query('drop function tasker.refuse_oldest() cascade')
    await client.end()
  }
})

test('a batch that takes longer than a statement may is halved', async () => {
  const definition = diamond('bulk_slow')
  const set = await stage(database.url, { definitions: [definition], isWorking: false })
  await createSome(set, definition, 4)
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  // Stands for a batch of wide tasks: more than two tasks in one statement take too long.
  await client.query(`
    create function tasker.limit_batch() returns trigger language plpgsql as $$
    begin
      if (select count(*) from changed_rows) > 2 then
        raise exception using errcode = '57014', message = 'canceling statement due to statement timeout';
      end if;
      return null;
    end $$`)
  await client.query(
    'create trigger limit_batch after update on tasker.task_progress referencing new table as changed_rows for each statement execute function tasker.limit_batch()',
  )
  try {
    const filter = { name: 'bulk_slow' }
    const report = await set.tasker.tasks.operate({ action: 'hold', filter })
    expect(report).toMatchObject({ matched: 4, changed: 4, isStopped: false, failure: null })
  } finally {
    await client.query('drop function tasker.limit_batch() cascade')
    await client.end()
  }
})

test('an empty filter is refused: it would be everything', async () => {
  const { tasker } = await stage(database.url, { definitions: [], isWorking: false })
  await expect(tasker.tasks.operate({ action: 'cancel', filter: {} })).rejects.toMatchObject({
    code: 'REQUEST_INVALID',
    message: expect.stringContaining('every task there is') as unknown,
  })
})
