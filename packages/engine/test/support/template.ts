// The template: one database per server, migrated once, from which every test file gets its clone (some 30 ms).
import pg from 'pg'
import { migrate } from '../../src/database/migrate.ts'
import { databaseUrl, type TestServerAddress } from './server.ts'

/** The schema that tests use unless they are about another one. */
export const testSchema = 'tasker'
export const migratedTemplate = 'template_migrated'
export const emptyTemplate = 'template_empty'

/** A comment on a database that a failed test left: the name of the test. */
export interface KeptDatabase {
  readonly name: string
  readonly test: string
}

export async function makeTemplates(address: TestServerAddress): Promise<void> {
  await onServer(address, async (client) => {
    await client.query(`create database ${emptyTemplate}`)
    await withClient(databaseUrl(address, emptyTemplate), (empty) =>
      empty.query('create extension pg_stat_statements'),
    )
    await client.query(`create database ${migratedTemplate} template ${emptyTemplate}`)
  })
  await migrate({ url: databaseUrl(address, migratedTemplate), schema: testSchema })
}

export async function cloneTemplate(
  address: TestServerAddress,
  template: string,
  name: string,
): Promise<void> {
  // A third of the work of copying through the log.
  await onServer(address, (client) =>
    client.query(`create database ${name} template ${template} strategy file_copy`),
  )
}

/** Ends whatever is still connected, so that a leaked pool cannot hide a finished test's database. */
export async function dropDatabase(address: TestServerAddress, name: string): Promise<void> {
  await onServer(address, (client) => client.query(`drop database if exists ${name} with (force)`))
}

export async function keepDatabase(
  address: TestServerAddress,
  name: string,
  test: string,
): Promise<void> {
  await onServer(address, (client) =>
    client.query(`comment on database ${name} is ${pg.escapeLiteral(test)}`),
  )
}

export async function listKeptDatabases(
  address: TestServerAddress,
): Promise<readonly KeptDatabase[]> {
  const found = await onServer(address, (client) =>
    client.query<{ name: string; test: string }>(
      `select d.datname as name, shobj_description(d.oid, 'pg_database') as test
       from pg_database d
       where d.datname like 'test\\_%' and shobj_description(d.oid, 'pg_database') is not null
       order by d.datname`,
    ),
  )
  return found.rows
}

function onServer<T>(
  address: TestServerAddress,
  use: (client: pg.Client) => Promise<T>,
): Promise<T> {
  return withClient(databaseUrl(address, 'postgres'), use)
}

async function withClient<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return await use(client)
  } finally {
    await client.end()
  }
}
