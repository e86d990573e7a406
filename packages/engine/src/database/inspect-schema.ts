// Readings of the schema for `tasker doctor`: where the live catalog differs from what this version makes.
import { describeSchema, entriesOf, releasedSchema } from './describe-schema.ts'
import type { Inspection } from './inspection.ts'
import { readSqlFiles } from './sql-files.ts'

export interface SchemaDrift {
  /** Entries of sql/schema.snapshot.sql that the database has not, or has otherwise. */
  readonly missing: readonly string[]
  /** Entries of the database that this version does not make. */
  readonly unknown: readonly string[]
  /** Functions with another body than the file of this version. */
  readonly changedBodies: readonly string[]
}

export async function readDrift(inspection: Inspection): Promise<SchemaDrift> {
  const { ask, schema } = inspection
  const released = entriesOf(withoutSchema(await releasedSchema(), 'tasker'))
  const live = entriesOf(withoutSchema(await describeSchema(ask, schema), schema))
  return {
    missing: released.filter((entry) => !live.includes(entry)),
    unknown: live.filter((entry) => !released.includes(entry)),
    changedBodies: await changedBodies(inspection),
  }
}

// Under another name every reference reads otherwise; and some are printed with it or without, by the search path.
const withoutSchema = (description: string, schema: string): string =>
  description.replaceAll(new RegExp(`\\b${schema}\\.`, 'g'), '')

async function changedBodies({ ask, schema }: Inspection): Promise<readonly string[]> {
  const { functions } = await readSqlFiles(schema)
  const released = new Map(functions.flatMap(({ sql }) => bodiesIn(sql)))
  const rows = await ask(
    `select p.proname as name, p.prosrc as body
     from pg_proc p
     join pg_namespace n on n.oid = p.pronamespace
     where n.nspname = $1
     order by p.proname`,
    [schema],
  )
  return rows
    .map((row) => ({ name: String(row['name']), body: String(row['body']) }))
    .filter(({ name, body }) => released.has(name) && released.get(name) !== body)
    .map(({ name }) => name)
}

/** PostgreSQL keeps what stands between the dollar signs as it was written. */
function bodiesIn(sql: string): (readonly [name: string, body: string])[] {
  const functions = /^create or replace function \w+\.(\w+)\([^$]*\$\$([^]*?)\$\$/gm
  return [...sql.matchAll(functions)].map(([, name = '', body = '']) => [name, body] as const)
}
