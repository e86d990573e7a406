// Sends a notification: alone, in a statement of its own, because NOTIFY inside a transaction serialises commits.
import type { Database } from './connect.ts'

/** The channel of a schema. Payloads: `due <sender>`, or `cancelled <task id>[/<step number>/<claim number>],…`. */
export const channelOf = (schema: string): string => `${schema}_wake_up`

/** To every listening worker. One that cannot be sent costs them one poll. */
export async function notify(database: Database, payload: string): Promise<void> {
  await database
    .run('notify', 'select pg_notify($1, $2)', [channelOf(database.schema), payload])
    .catch(() => undefined)
}

export const listenStatement = (schema: string): string => `listen ${channelOf(schema)}`
