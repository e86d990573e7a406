// Reads of which definitions there are: a mark that changes with them, their numbers by namespace, and which database it is.
import type { Database } from './connect.ts'

export interface NamespaceSize {
  readonly name: string
  readonly description: string
  /** Names of tasks, whatever their versions. */
  readonly handlerCount: number
  readonly versionCount: number
}

/** Another text whenever a definition, a name or a namespace has come, gone or changed. Costs one look at each. */
export async function readDefinitionsMark(database: Database): Promise<string> {
  const { schema } = database
  const [row] = await database.run(
    'read_definitions_mark',
    `select md5(concat_ws(' ',
       (select string_agg(md5(n.name || n.description), '' order by n.namespace_id) from ${schema}.task_namespaces n),
       (select string_agg(d.definition_id || d.digest, ' ' order by d.definition_id) from ${schema}.definitions d)
     )) as mark`,
    [],
  )
  return row?.['mark'] as string // an aggregate: one row, and md5 of a text
}

/** By name, those without a definition too; of these namespaces, if they are given. */
export async function readNamespaceSizes(
  database: Database,
  at: Date | null,
  namespaces: readonly string[] | null,
): Promise<{ readonly at: Date; readonly namespaces: readonly NamespaceSize[] }> {
  const { schema } = database
  const rows = await database.run(
    'read_namespace_sizes',
    `with instant as (select coalesce($1::timestamptz, statement_timestamp()) as at)
     select i.at, n.name, n.description, count(distinct d.named_task_id)::integer as handlers,
       count(d.definition_id)::integer as versions
     from instant i
     left join (
       ${schema}.task_namespaces n
       left join ${schema}.named_tasks nt on nt.namespace_id = n.namespace_id
       left join ${schema}.definitions d on d.named_task_id = nt.named_task_id
     ) on $2::text[] is null or n.name = any ($2)
     group by i.at, n.namespace_id, n.name, n.description
     order by n.name`,
    [at, namespaces],
  )
  // Casts: the columns named above.
  const sizes = rows.filter((row) => row['name'] !== null)
  return {
    at: rows[0]?.['at'] as Date, // one row at least: the instant is joined to nothing when nothing is stored
    namespaces: sizes.map((row) => ({
      name: row['name'] as string,
      description: row['description'] as string,
      handlerCount: row['handlers'] as number,
      versionCount: row['versions'] as number,
    })),
  }
}

/** A text that no other database and schema has, but copies of this one under its name on another server. */
export async function readDatabaseIdentity(database: Database): Promise<string> {
  const [row] = await database.run(
    'read_database_identity',
    `select concat_ws(' ', (select extract(epoch from m.applied_at) from ${database.schema}.migrations m order by m.id limit 1),
       current_database(), $1::text) as identity`,
    [database.schema],
  )
  return row?.['identity'] as string // never null: it is concatenated
}
