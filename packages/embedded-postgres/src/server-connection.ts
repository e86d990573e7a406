// Questions put to the server over a real connection: is it up, which data does it serve, is the
// database there.

import { Client } from 'pg'

import { serverRole } from './data-folder.ts'
import { errorCodeOf } from './error.ts'

/** Where a server listens. */
export interface ServerAddress {
  readonly host: string
  readonly port: number
}

export interface ServerFacts {
  readonly dataFolder: string
  readonly version: string
  readonly isDurable: boolean
}

const connectTimeoutMs = 5_000

export async function askServer(address: ServerAddress): Promise<ServerFacts> {
  return await withClient(address, async (client) => {
    const { rows } = await client.query<{ folder: string; version: string; fsync: string }>(
      `select current_setting('data_directory') as folder,
              current_setting('server_version') as version,
              current_setting('fsync') as fsync`,
    )
    const row = rows[0]
    if (row === undefined) throw new Error('the server answered without a row')
    return { dataFolder: row.folder, version: row.version, isDurable: row.fsync === 'on' }
  })
}

/** False when trying again cannot help: the server answered, and refused us for what we are. */
export function mayAnswerLater(error: unknown): boolean {
  return !/^(28|3D|42)/.test(errorCodeOf(error) ?? '')
}

export async function createDatabaseIfMissing(
  address: ServerAddress,
  database: string,
): Promise<void> {
  await withClient(address, async (client) => {
    const found = await client.query('select 1 from pg_catalog.pg_database where datname = $1', [
      database,
    ])
    if (found.rows.length > 0) return
    try {
      await client.query(`create database ${client.escapeIdentifier(database)}`)
    } catch (error) {
      if (!isThereAlready(error)) throw error
    }
  })
}

/**
 * The session of a process that was killed while it made the database went on and was faster: duplicate_database, or the
 * unique index behind it.
 */
const isThereAlready = (error: unknown): boolean =>
  ['42P04', '23505'].includes(errorCodeOf(error) ?? '')

async function withClient<Answer>(
  address: ServerAddress,
  ask: (client: Client) => Promise<Answer>,
): Promise<Answer> {
  const client = new Client({
    host: address.host,
    port: address.port,
    user: serverRole,
    database: 'postgres',
    // PGOPTIONS of the developer's shell is for other servers.
    options: '',
    application_name: 'tasker embedded-postgres',
    connectionTimeoutMillis: connectTimeoutMs,
    query_timeout: 60_000,
  })
  // A server that goes away between two answers is reported by the query; without a listener it
  // would end us.
  client.on('error', () => undefined)
  try {
    await client.connect()
    return await ask(client)
  } finally {
    await client.end().catch(() => undefined)
  }
}
