// A connection for looking on: every statement in a read-only transaction of its own, ended after a time, so that an
// inspection of a database in trouble adds nothing to it and always ends. What is asked stands in the files inspect-*.ts.
import pg from 'pg'
import { translate, type Ask, type Row } from './connect.ts'
import { connectionFault } from './connection-fault.ts'

export interface Inspection {
  readonly schema: string
  /** Rejects with the driver's error, or because the connection is gone. */
  readonly ask: Ask
  close(): Promise<void>
}

/** Longest run of one statement. */
const statementTimeoutMs = 10_000
/** Beyond that, how long the answer may take. */
const silenceMs = 5_000

/** @throws {TaskerError} DATABASE_UNREACHABLE */
export async function openInspection(options: {
  readonly url: string
  readonly schema: string
  readonly connectTimeoutMs: number
}): Promise<Inspection> {
  const client = await connected(options)
  let isLost = false
  client.on('error', () => {
    isLost = true
  })
  return {
    schema: options.schema,
    async ask(text, values) {
      if (isLost) throw new Error('the connection was lost')
      try {
        await client.query(readingOnly)
        return (await client.query<Row>(text, [...values])).rows
      } catch (error) {
        // A connection that went silent stays so; the next statement would only wait as long again.
        isLost ||= error instanceof Error && error.message === 'Query read timeout'
        throw error
      } finally {
        if (!isLost) await client.query('rollback').catch(() => undefined)
      }
    },
    async close() {
      await client.end().catch(() => undefined)
    },
  }
}

/** `set local`: nothing of it stays with a connection that a pooler gives to others. */
const readingOnly = [
  'begin transaction isolation level read committed read only',
  `set local statement_timeout = ${statementTimeoutMs}`,
  'set local search_path = pg_catalog', // so that the catalog prints every other name with its schema
].join('; ')

async function connected(options: {
  readonly url: string
  readonly connectTimeoutMs: number
}): Promise<pg.Client> {
  let client: pg.Client | null = null
  try {
    client = new pg.Client({
      connectionString: options.url,
      connectionTimeoutMillis: options.connectTimeoutMs,
      query_timeout: statementTimeoutMs + silenceMs,
      application_name: 'tasker doctor',
    })
    await client.connect()
    return client
  } catch (error) {
    await client?.end().catch(() => undefined)
    throw connectionFault(error) ?? translate(error)
  }
}
