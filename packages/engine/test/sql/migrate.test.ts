// Bringing a database to this version: once, by whoever comes first, all or nothing, and never backwards.
import pg from 'pg'
import { describe, expect, test } from 'vitest'
import { checkSchema, migrate, migrationSql, planMigration } from '../../src/database/migrate.ts'
import { TaskerError } from '../../src/errors.ts'
import { createTasker, defineTask } from '../../src/index.ts'
import { packageVersion } from '../../src/version.ts'
import { cloneDatabase } from '../support/database.ts'

async function query<Row extends object>(
  url: string,
  text: string,
  values: unknown[] = [],
): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<Row>(text, values)).rows
  } finally {
    await client.end()
  }
}

async function codeOf(run: Promise<unknown>): Promise<string> {
  try {
    await run
  } catch (error) {
    if (error instanceof TaskerError) return error.code
    throw error
  }
  return 'nothing was thrown'
}

const twoSteps = defineTask({ namespace: 'sql', name: 'two_steps', version: '1.0.0' })
  .step('one', async () => 1)
  .step('two', { dependsOn: ['one'] }, async ({ results }) => results.one + 1)

describe('migrate', () => {
  test('started four times at once does the work once, and all four find it done', async () => {
    const { url } = await cloneDatabase({ from: 'empty' })
    const target = { url, schema: 'tasker' }

    const plans = await Promise.all([
      migrate(target),
      migrate(target),
      migrate(target),
      migrate(target),
    ])

    const workers = plans.filter(({ pending }) => pending.length > 0)
    expect(workers).toHaveLength(1)
    const applied = await query<{ name: string }>(
      url,
      'select name from tasker.migrations order by id',
    )
    expect(applied.map(({ name }) => name)).toEqual(workers[0]?.pending)
    await checkSchema(target)
  })

  test('plans without touching anything, and its SQL run by hand leads to the same place', async () => {
    const { url } = await cloneDatabase({ from: 'empty' })
    const target = { url, schema: 'tasker' }

    const plan = await planMigration(target)
    expect(plan).toMatchObject({
      databaseVersion: null,
      version: packageVersion,
      functionsChange: true,
    })
    expect(plan.pending[0]).toBe('0001_initial')
    expect(await query(url, "select 1 from pg_namespace where nspname = 'tasker'")).toEqual([])

    await query(url, await migrationSql(target))
    await checkSchema(target)
    expect(await migrationSql(target)).toContain('Nothing to do')
  })

  test('that fails in the middle leaves nothing behind', async () => {
    const { url } = await cloneDatabase({ from: 'empty' })
    // A type of this name makes the last statement of the first migration fail.
    await query(url, 'create schema tasker; create type tasker.claimed_steps as (x integer)')

    await expect(migrate({ url, schema: 'tasker' })).rejects.toThrow('claimed_steps')

    const tables = await query(url, "select 1 from pg_tables where schemaname = 'tasker'")
    expect(tables).toEqual([])
  })

  test('leaves a database of a newer Tasker as it is, when that one bears processes of this version', async () => {
    const { url } = await cloneDatabase()
    await query(
      url,
      "update tasker.schema_version set version = '99.1.0', functions_checksum = 'newer'",
    )
    const target = { url, schema: 'tasker' }

    expect(await migrate(target)).toMatchObject({
      pending: [],
      functionsChange: false,
      databaseIsNewer: true,
      databaseVersion: '99.1.0',
    })
    expect(await migrationSql(target)).toContain('Nothing to do')
    await checkSchema(target)
    expect(
      await query(url, 'select version, functions_checksum from tasker.schema_version'),
    ).toEqual([{ version: '99.1.0', functions_checksum: 'newer' }])
  })

  test('refuses one that does not, as does a worker, in one sentence with both versions', async () => {
    const { url } = await cloneDatabase()
    await query(url, "update tasker.schema_version set version = '99.1.0', runs_from = 9000")
    const target = { url, schema: 'tasker' }

    await expect(migrate(target)).rejects.toThrow(
      /migrated by Tasker 99\.1\.0 .* older than migration 9000; this is Tasker \d/,
    )
    expect(await codeOf(migrate(target))).toBe('SCHEMA_TOO_NEW')
    expect(await codeOf(checkSchema(target))).toBe('SCHEMA_TOO_NEW')
    expect(await codeOf(createTasker({ database: url, definitions: [twoSteps] }))).toBe(
      'SCHEMA_TOO_NEW',
    )
  })

  test('refuses when an applied migration was edited', async () => {
    const { url } = await cloneDatabase()
    await query(url, "update tasker.migrations set checksum = 'another'")
    expect(await codeOf(migrate({ url, schema: 'tasker' }))).toBe('MIGRATION_CHANGED')
  })

  test('puts function bodies right again', async () => {
    const { url } = await cloneDatabase()
    const target = { url, schema: 'tasker' }
    await query(url, "update tasker.schema_version set functions_checksum = 'of an older version'")
    expect(await codeOf(checkSchema(target))).toBe('SCHEMA_OUTDATED')

    expect(await migrate(target)).toMatchObject({ pending: [], functionsChange: true })

    await checkSchema(target)
  })
})

describe('createTasker on a server', () => {
  test('only checks: an empty database is refused with the command that mends it', async () => {
    const { url } = await cloneDatabase({ from: 'empty' })
    await expect(createTasker({ database: url })).rejects.toThrow('Run `tasker migrate`')
  })

  test('migrates when it is told to', async () => {
    const { url } = await cloneDatabase({ from: 'empty' })
    const tasker = await createTasker({ database: { url, migrate: 'auto' } })
    await tasker.close()
    expect((await planMigration({ url, schema: 'tasker' })).pending).toEqual([])
  })

  test('says which address does not answer', async () => {
    const unreachable = createTasker({ database: 'postgresql://localhost:1/none' })
    expect(await codeOf(unreachable)).toBe('DATABASE_UNREACHABLE')
  })
})

test('under another schema name everything works, and nothing is called tasker', async () => {
  const { url } = await cloneDatabase({ from: 'empty' })
  const tasker = await createTasker({
    database: { url, schema: 'orders_engine', migrate: 'auto' },
    definitions: [twoSteps],
  })
  await tasker.worker.start()
  const { taskId } = await tasker.tasks.create(twoSteps, { context: {} })
  const done = await tasker.tasks.waitFor(taskId, { of: twoSteps })
  await tasker.close()

  expect(done.results).toEqual({ one: 1, two: 2 })
  expect(await query(url, "select 1 from pg_namespace where nspname = 'tasker'")).toEqual([])
})
