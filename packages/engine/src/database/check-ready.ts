// What readiness asks of the database: that it answers, and that its tables are those of this version.
import type { Ask, Database } from './connect.ts'
import { checkSchemaOver } from './migrate.ts'

const asking =
  (database: Database): Ask =>
  (text, values) =>
    database.run('check_readiness', text, values, { isPrepared: false })

export async function requireAnswer(database: Database): Promise<void> {
  await asking(database)('select 1', [])
}

/** @throws {TaskerError} SCHEMA_MISSING, SCHEMA_OUTDATED, SCHEMA_TOO_NEW, MIGRATION_CHANGED */
export const requireOurSchema = (database: Database): Promise<void> =>
  checkSchemaOver(asking(database), database.schema)
