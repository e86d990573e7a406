// The test databases themselves: cloned from the migrated template, separate, and gone when dropped.
import pg from 'pg'
import { describe, expect, test } from 'vitest'
import { cloneDatabase, databaseForFile, serverMajorVersion } from '../support/database.ts'

async function ask<Row extends pg.QueryResultRow>(url: string, sql: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<Row>(sql)).rows
  } finally {
    await client.end()
  }
}

const taskerTables = `select count(*)::integer as n from pg_tables where schemaname = 'tasker'`

test('a clone runs on the server that the project names', async () => {
  const { url } = await cloneDatabase()
  const [row] = await ask<{ server_version_num: string }>(url, 'show server_version_num')
  expect(Math.floor(Number(row?.server_version_num) / 10_000)).toBe(serverMajorVersion())
})

test('a migrated clone has the schema, an empty one has not', async () => {
  const migrated = await cloneDatabase()
  const empty = await cloneDatabase({ from: 'empty' })
  const [tables] = await ask<{ n: number }>(migrated.url, taskerTables)
  expect(tables?.n).toBeGreaterThan(10)
  expect(await ask(empty.url, taskerTables)).toEqual([{ n: 0 }])
})

test('clones do not see each other', async () => {
  const [one, other] = [await cloneDatabase(), await cloneDatabase()]
  await ask(one.url, 'create table tasker.only_here ()')
  const sql = `select to_regclass('tasker.only_here') is not null as found`
  expect(await ask(one.url, sql)).toEqual([{ found: true }])
  expect(await ask(other.url, sql)).toEqual([{ found: false }])
})

test('a dropped clone is gone, even while somebody is connected to it', async () => {
  const witness = await cloneDatabase()
  const dropped = await cloneDatabase()
  const connected = new pg.Client({ connectionString: dropped.url })
  connected.on('error', () => undefined) // the server ends this connection
  await connected.connect()
  await dropped.drop()
  await dropped.drop()
  const sql = `select count(*)::integer as n from pg_database where datname = '${dropped.name}'`
  expect(await ask(witness.url, sql)).toEqual([{ n: 0 }])
})

describe('the database of a file', () => {
  const database = databaseForFile()
  let seen = ''

  test('is there for the first test', async () => {
    seen = database.url
    await ask(database.url, 'create table tasker.left_by_first ()')
    const sql = `select to_regclass('tasker.left_by_first') is not null as found`
    expect(await ask(database.url, sql)).toEqual([{ found: true }])
  })

  test('is the same for the next', () => {
    expect(database.url).toBe(seen)
  })
})
