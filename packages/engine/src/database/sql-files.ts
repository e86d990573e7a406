// The SQL of the package, as files: migrations (history, applied once) and functions (what is true today, applied again
// after every migrate). Renaming the schema is one replacement of the prefix `tasker.`.
import { createHash } from 'node:crypto'
import { readFile, readdir } from 'node:fs/promises'

export interface SqlFile {
  /** File name without `.sql`. */
  readonly name: string
  readonly sql: string
}

export interface Migration extends SqlFile {
  /** The number its name begins with. */
  readonly id: number
  /** SHA-256 of the file as released. An applied migration never changes. */
  readonly checksum: string
}

export interface SqlFiles {
  readonly migrations: readonly Migration[]
  readonly functions: readonly SqlFile[]
  /** SHA-256 over all function files: tells whether a database has these bodies. */
  readonly functionsChecksum: string
}

const sqlFolder = new URL('../../sql/', import.meta.url)

export async function readSqlFiles(schema: string): Promise<SqlFiles> {
  const [migrations, functions] = await Promise.all([
    readFolder('migrations/'),
    readFolder('functions/'),
  ])
  return {
    migrations: migrations.map((file) => ({
      id: Number.parseInt(file.name, 10),
      name: file.name,
      checksum: checksum(file.sql),
      sql: inSchema(file.sql, schema),
    })),
    functions: functions.map((file) => ({ name: file.name, sql: inSchema(file.sql, schema) })),
    functionsChecksum: checksum(functions.map((file) => file.sql).join('\n')),
  }
}

/** The same SQL for another schema. Schema names are checked by the configuration to need no quotes. */
export function inSchema(sql: string, schema: string): string {
  return schema === 'tasker' ? sql : sql.replaceAll(/\btasker\./g, `${schema}.`)
}

async function readFolder(folder: string): Promise<SqlFile[]> {
  const names = (await readdir(new URL(folder, sqlFolder))).filter((name) => name.endsWith('.sql'))
  return Promise.all(
    names.sort().map(async (name) => ({
      name: name.slice(0, -'.sql'.length),
      sql: await readFile(new URL(`${folder}${name}`, sqlFolder), 'utf8'),
    })),
  )
}

const checksum = (text: string): string => createHash('sha256').update(text).digest('hex')
