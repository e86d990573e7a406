// A table of the host's own, which handlers with `transaction: true` write to, in a database of the file that calls this.
import pg from 'pg'
import { beforeAll } from 'vitest'
import { databaseForFile } from '../support/database.ts'

export interface Ledger {
  readonly database: { readonly url: string }
  /** One statement on a connection of its own. */
  query(
    this: void,
    text: string,
    values?: readonly unknown[],
  ): Promise<readonly Record<string, unknown>[]>
  /** What stands in the ledger for a task, in order. */
  entriesOf(this: void, taskId: string): Promise<unknown[]>
}

export function ledgerOfFile(): Ledger {
  const database = databaseForFile()
  const query: Ledger['query'] = async (text, values = []) => {
    const client = new pg.Client({ connectionString: database.url })
    await client.connect()
    try {
      return (await client.query<Record<string, unknown>>(text, [...values])).rows
    } finally {
      await client.end()
    }
  }
  beforeAll(async () => {
    await query('create table ledger (task_id uuid not null, entry text not null)')
  })
  return {
    database,
    query,
    async entriesOf(taskId) {
      const rows = await query('select entry from ledger where task_id = $1 order by entry', [
        taskId,
      ])
      return rows.map(({ entry }) => entry)
    },
  }
}
