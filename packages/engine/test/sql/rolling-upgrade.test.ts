// A database is migrated while workers run on it, as in a rolling upgrade. The next version is the present one with columns,
// an index and a table added, and every function made again: what an additive migration does.
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { migrateWith, planMigration } from '../../src/database/migrate.ts'
import { readSqlFiles, type SqlFiles } from '../../src/database/sql-files.ts'
import { createTasker, defineTask, type Tasker, type TaskerOptions } from '../../src/index.ts'
import { cloneDatabase } from '../support/database.ts'

const schema = 'tasker'
const tablesThatGrow = [
  'tasks',
  'task_progress',
  'workflow_steps',
  'due',
  'receipts',
  'workers',
  'definitions',
]

/** What the next version does beside adding to tables. */
interface NextParts {
  /** Ends its migrations. */
  readonly sql?: string
  /** Its functions take one more parameter, with a default. */
  readonly isSignatureLonger?: boolean
}

/** The SQL of a version that is `ahead` of this one. */
async function nextVersion(
  ahead: number,
  { sql: lastSql = '', isSignatureLonger = false }: NextParts = {},
): Promise<SqlFiles> {
  const files = await readSqlFiles(schema)
  const added = Array.from({ length: ahead }, (_, index) => {
    const id = 9_001 + index
    const columns = tablesThatGrow.map(
      (table) => `alter table tasker.${table} add column of_${id} text not null default 'new';`,
    )
    return {
      id,
      name: `${id}_next`,
      checksum: `of ${id}`,
      sql: `${columns.join('\n')}
        create table tasker.things_${id} (thing_id integer primary key);
        create index tasks_of_${id}_idx on tasker.tasks (of_${id}) where of_${id} <> 'new';
        ${lastSql}`,
    }
  })
  return {
    migrations: [...files.migrations, ...added],
    functions: files.functions.map(({ name, sql }) => ({
      name,
      // Another body: the server plans it anew.
      sql: (isSignatureLonger ? withOneMoreParameter(sql) : sql).replace(
        /^begin$/m,
        `begin\n  -- version ${ahead}`,
      ),
    })),
    functionsChecksum: `of version ${ahead}`,
  }
}

/** Replacing a function cannot add to its parameters, so the old one is dropped first, as a release would. */
function withOneMoreParameter(sql: string): string {
  const [, name] = /create or replace function tasker\.(\w+)\(/.exec(sql) ?? []
  const longer = sql.replace(
    /(p_now timestamptz default null)\n\)/,
    '$1,\n  p_new text default null\n)',
  )
  if (longer === sql) return sql
  return `
    do $drop$
    begin
      execute (select 'drop function ' || p.oid::regprocedure from pg_proc p where p.proname = '${name}');
    end
    $drop$;
    ${longer}`
}

const ran = new Map<string, number>()
const diamond = defineTask({ namespace: 'upgrade', name: 'diamond', version: '1.0.0' })
  .step('start', async ({ taskId }) => count(taskId, 'start'))
  .step('left', { dependsOn: ['start'] }, async ({ taskId }) => count(taskId, 'left'))
  .step('right', { dependsOn: ['start'] }, async ({ taskId }) => count(taskId, 'right'))
  .step('end', { dependsOn: ['left', 'right'] }, async ({ taskId, results }) => {
    count(taskId, 'end')
    return `${results.left} and ${results.right}`
  })

function count(taskId: string, step: string): string {
  const key = `${taskId}/${step}`
  ran.set(key, (ran.get(key) ?? 0) + 1)
  return step
}

interface Working {
  readonly tasker: Tasker
  /** What the worker warned of, or called an error. */
  readonly said: readonly string[]
}

async function work(url: string, options: Partial<TaskerOptions> = {}): Promise<Working> {
  const said: string[] = []
  const note = (fields: object, message: string): void =>
    void said.push(`${message} ${JSON.stringify(fields)}`)
  const quiet = (): void => undefined
  const tasker = await createTasker({
    database: { url, migrate: 'off' },
    definitions: [diamond],
    execution: { blockedLoopWarningMs: null }, // how busy the machine is says nothing of migrations
    logger: { debug: quiet, info: quiet, warn: note, error: note },
    ...options,
  })
  onTestFinished(() => tasker.close())
  await tasker.worker.start()
  return { tasker, said }
}

async function open(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  onTestFinished(() => client.end())
  return client
}

/** Creates until told to stop, and returns all ids once every task has ended. */
async function loadUntil(over: Promise<unknown>, { tasker }: Working): Promise<readonly string[]> {
  const end = new AbortController()
  const ending = over.finally(() => end.abort())
  const ids: string[] = []
  while (!end.signal.aborted) {
    const requests = Array.from({ length: 5 }, () => ({ definition: diamond, context: {} }))
    const created = await tasker.tasks.createMany(requests)
    ids.push(...created.map(({ taskId }) => taskId))
    await tasker.tasks.waitFor(ids.at(-1) ?? '') // no more than the workers can do
  }
  await ending
  for (const id of ids) await tasker.tasks.waitFor(id)
  return ids
}

test('three migrations under load: every outcome is recorded once, and no worker has anything to say', async () => {
  const { url } = await cloneDatabase()
  const target = { url, schema }
  const first = await work(url)
  const second = await work(url)
  const migrating = async (): Promise<readonly (readonly string[])[]> => {
    const pending: (readonly string[])[] = []
    for (const ahead of [1, 2, 3]) {
      const plan = await migrateWith(await nextVersion(ahead), target)
      pending.push(plan.pending)
      // The next migration comes after work under this one.
      const { taskId } = await second.tasker.tasks.create(diamond, { context: {} })
      await second.tasker.tasks.waitFor(taskId)
    }
    return pending
  }
  const migrated = migrating()
  const ids = await loadUntil(migrated, first)

  expect(await migrated).toEqual([['9001_next'], ['9002_next'], ['9003_next']])
  expect(ids.length).toBeGreaterThan(0)
  for (const id of ids) {
    const { state, steps, results } = await second.tasker.tasks.get(id)
    expect(state).toBe('complete')
    expect(results).toMatchObject({ end: 'left and right' })
    expect(steps.map(({ attempts, losses }) => [attempts, losses])).toEqual([
      [1, 0],
      [1, 0],
      [1, 0],
      [1, 0],
    ])
    const runs = steps.map(({ name }) => ran.get(`${id}/${name}`))
    expect(runs).toEqual([1, 1, 1, 1])
  }
  expect([...first.said, ...second.said]).toEqual([])
})

test('an old worker goes on under a new schema, on its old connections too, and one that starts there works', async () => {
  const { url } = await cloneDatabase()
  // One connection, on which everything is prepared before and asked after.
  const { tasker, said } = await work(url, { database: { url, migrate: 'off', poolSize: 1 } })
  const askAll = async (): Promise<void> => {
    const { taskId } = await tasker.tasks.create(diamond, { context: {} })
    await tasker.tasks.waitFor(taskId)
    await tasker.tasks.find({ states: ['complete'] })
    await tasker.tasks.history(taskId)
    await tasker.tasks.timeline(taskId)
    await tasker.tasks.why(taskId)
    await tasker.workers()
    await tasker.namespaces.list()
    expect((await tasker.tasks.get(taskId)).state).toBe('complete')
  }
  await askAll()
  await migrateWith(await nextVersion(1, { isSignatureLonger: true }), { url, schema })
  await askAll()
  expect(said).toEqual([])

  for (const migrate of ['check', 'auto'] as const) {
    const restarted = await work(url, { database: { url, migrate } })
    const { taskId } = await restarted.tasker.tasks.create(diamond, { context: {} })
    expect(await restarted.tasker.tasks.waitFor(taskId)).toMatchObject({ state: 'complete' })
    await restarted.tasker.close()
  }
  // The functions are still those of the new version.
  const target = await planMigration({ url, schema })
  expect(target).toMatchObject({ databaseIsNewer: true, functionsChange: false })
  await askAll()
})

test('an old worker that starts under a schema that does not bear it is refused, and the running one goes on', async () => {
  const { url } = await cloneDatabase()
  const { tasker } = await work(url)
  const sql = 'update tasker.schema_version set runs_from = 9001;'
  await migrateWith(await nextVersion(1, { sql }), { url, schema })
  const refused = createTasker({ database: url, definitions: [diamond] })
  await expect(refused).rejects.toMatchObject({
    code: 'SCHEMA_TOO_NEW',
    details: { runsFrom: 9001 },
  })
  const { taskId } = await tasker.tasks.create(diamond, { context: {} })
  expect(await tasker.tasks.waitFor(taskId)).toMatchObject({ state: 'complete' })
})

test('a new worker is refused by an old schema, which keeps the old ones; after the migration it starts', async () => {
  const { url } = await cloneDatabase({ from: 'empty' })
  const files = await readSqlFiles(schema)
  // As it was before its last migration, as far as a worker that starts can tell.
  const old = { ...files, migrations: files.migrations.slice(0, 1), functionsChecksum: 'older' }
  await migrateWith({ ...old, functions: [] }, { url, schema })
  const refused = createTasker({ database: url, definitions: [diamond] })
  await expect(refused).rejects.toMatchObject({
    code: 'SCHEMA_OUTDATED',
    details: { pending: files.migrations.slice(1).map(({ name }) => name) },
  })

  await migrateWith(files, { url, schema })
  const { tasker } = await work(url, { database: url })
  const { taskId } = await tasker.tasks.create(diamond, { context: {} })
  expect(await tasker.tasks.waitFor(taskId)).toMatchObject({ state: 'complete' })
})

test('a migration that meets an open transaction gives way, so that workers wait for moments only', async () => {
  const { url } = await cloneDatabase()
  const target = { url, schema }
  const { tasker } = await work(url)
  const reader = await open(url)
  await reader.query('begin; select 1 from tasker.tasks limit 1')

  const blocked = migrateWith(await nextVersion(1), target, { waitMs: 100, triesMax: 2 })
  await expect(blocked).rejects.toMatchObject({ code: 'MIGRATION_BLOCKED' })
  const { rows } = await reader.query('select name from tasker.migrations where id > 9000')
  expect(rows).toEqual([])

  // In a second try of its own, which lasts as long as the reader: work goes on between its tries.
  const patient = migrateWith(await nextVersion(1), target, { waitMs: 100, triesMax: 10_000 })
  const { taskId } = await tasker.tasks.create(diamond, { context: {} })
  expect(await tasker.tasks.waitFor(taskId)).toMatchObject({ state: 'complete' })
  await reader.query('commit')
  expect(await patient).toMatchObject({ pending: ['9001_next'] })
})

/** Resolves when some other session waits for a lock of this table. */
async function somebodyWaitsFor(client: pg.Client, table: string): Promise<void> {
  for (;;) {
    const { rowCount } = await client.query(
      'select 1 from pg_locks where relation = $1::regclass and not granted',
      [table],
    )
    if (rowCount !== 0) return
  }
}

test('a question that PostgreSQL ends to resolve a deadlock with a migration is asked again', async () => {
  const { url } = await cloneDatabase()
  const { tasker } = await work(url)
  const { taskId } = await tasker.tasks.create(diamond, { context: {} })
  await tasker.tasks.waitFor(taskId)
  await tasker.worker.stop()
  const migrating = await open(url)
  await migrating.query("begin; set local deadlock_timeout = '1h'") // so that it is not the one that gives way
  await migrating.query('lock table tasker.task_contexts in access exclusive mode')
  const asked = tasker.tasks.get(taskId)
  await somebodyWaitsFor(migrating, 'tasker.task_contexts')
  await migrating.query('lock table tasker.tasks in access exclusive mode')
  await migrating.query('commit')
  expect(await asked).toMatchObject({ state: 'complete' })
})
