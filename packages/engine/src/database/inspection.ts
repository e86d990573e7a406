// A connection for looking on: every statement in a read-only transaction of its own, ended after a time, so that an
// inspection of a database in trouble adds nothing to it and always ends; or some of them in one, to see one moment. What is
// asked stands in the files inspect-*.ts and in invariants.ts.
import pg from 'pg'
import { translate, type Ask, type Row } from './connect.ts'
import { connectionFault } from './connection-fault.ts'

export interface Inspection {
  readonly schema: string
  /** Rejects with the driver's error, or because the connection is gone. */
  readonly ask: Ask
  /**
   * Every `ask` inside sees the same moment. A statement that fails leaves the others possible. While it lasts vacuum
   * removes nothing that is newer: not for long looks.
   */
  snapshot<T>(look: (ask: Ask) => Promise<T>): Promise<T>
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
  /** `undo` ends what `begin` began, whatever became of it. */
  const between = async <T>(
    { begin, undo }: { readonly begin: string; readonly undo: string },
    look: () => Promise<T>,
  ): Promise<T> => {
    if (isLost) throw new Error('the connection was lost')
    try {
      await client.query(begin)
      return await look()
    } catch (error) {
      // A connection that went silent stays so; the next statement would only wait as long again.
      isLost ||= error instanceof Error && error.message === 'Query read timeout'
      throw error
    } finally {
      if (!isLost) await client.query(undo).catch(() => undefined)
    }
  }
  const askBetween =
    (limits: { readonly begin: string; readonly undo: string }): Ask =>
    (text, values) =>
      between(limits, async () => (await client.query<Row>(text, [...values])).rows)
  return {
    schema: options.schema,
    ask: askBetween({ begin: readingOnly('read committed'), undo: 'rollback' }),
    snapshot: (look) =>
      between({ begin: readingOnly('repeatable read'), undo: 'rollback' }, () =>
        look(askBetween({ begin: 'savepoint look', undo: 'rollback to look; release look' })),
      ),
    async close() {
      await client.end().catch(() => undefined)
    },
  }
}

/** `set local`: nothing of it stays with a connection that a pooler gives to others. */
const readingOnly = (isolation: 'read committed' | 'repeatable read'): string =>
  [
    `begin transaction isolation level ${isolation} read only`,
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
