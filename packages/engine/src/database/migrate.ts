// Brings a database to this version: migrations forward, then every function again, in one transaction under one lock.
// Also says what would be done (dry run, plain SQL). A schema newer than itself it leaves alone, and refuses when that one
// does not bear processes as old as this.
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import semver from 'semver'
import { TaskerError } from '../errors.ts'
import { packageVersion } from '../version.ts'
import { isTransient, sqlState, translate, type Ask, type Row } from './connect.ts'
import { connectionFault } from './connection-fault.ts'
import { readSqlFiles, type Migration, type SqlFiles } from './sql-files.ts'

export interface MigrateOptions {
  readonly url: string
  readonly schema: string
}

export interface MigrationPlan {
  /** Names of the migrations that are still to be applied, in order. */
  readonly pending: readonly string[]
  /** True when the functions in the database differ from this version's. */
  readonly functionsChange: boolean
  /** The version of Tasker that migrated the database last; null on an empty one. */
  readonly databaseVersion: string | null
  readonly version: string
  /** True when a newer Tasker has migrated the database, and lets processes of this version run on it: nothing is to do. */
  readonly databaseIsNewer: boolean
}

interface Applied {
  readonly migrations: readonly {
    readonly id: number
    readonly name: string
    readonly checksum: string
  }[]
  readonly functionsChecksum: string | null
  readonly version: string | null
  /** A process must know this migration to run on a schema that is newer than itself. Null: the schema does not say. */
  readonly runsFrom: number | null
}

const nothingApplied: Applied = {
  migrations: [],
  functionsChecksum: null,
  version: null,
  runsFrom: null,
}
const oldestServer = 150_000
const connectTimeoutMs = 10_000

/** How long one try waits for the lock of a table, and how often it is tried: a minute and a half of the first. */
export interface LockPatience {
  /**
   * Milliseconds. Short, because everybody who comes after a migration that waits, waits behind it: this is the longest
   * that the workers stand still for somebody else's open transaction.
   */
  readonly waitMs: number
  readonly triesMax: number
}

const usualPatience: LockPatience = { waitMs: 2_000, triesMax: 45 }
/** For another process that migrates. */
const turnTimeoutMs = 60_000
/** Between two tries: the workers catch up. */
const betweenTriesMs = 500

/**
 * Migrates. Safe to run from several processes at once: one does the work, the others find it done. Safe under load: what
 * it changes is locked for moments, and workers go on with the functions as they are found at each call.
 * @throws {TaskerError} MIGRATION_BLOCKED, SCHEMA_TOO_NEW, MIGRATION_CHANGED, DATABASE_UNREACHABLE
 */
export async function migrate(options: MigrateOptions): Promise<MigrationPlan> {
  return migrateWith(await readSqlFiles(options.schema), options)
}

/** The same with the SQL of another version, which is how upgrades are tested. */
export async function migrateWith(
  files: SqlFiles,
  options: MigrateOptions,
  patience: LockPatience = usualPatience,
): Promise<MigrationPlan> {
  for (let tries = 1; ; tries += 1) {
    const done = await withClient(options, (client) =>
      tryToMigrate(client, files, { ...options, ...patience }),
    )
    if (done !== 'blocked') return done
    if (tries >= patience.triesMax) {
      throw new TaskerError(
        'MIGRATION_BLOCKED',
        `A table of schema "${options.schema}" was in use at each of ${tries} tries, for ${patience.waitMs} ms each.`,
      )
    }
    await pause(betweenTriesMs)
  }
}

async function tryToMigrate(
  client: pg.Client,
  files: SqlFiles,
  { schema, waitMs }: MigrateOptions & LockPatience,
): Promise<MigrationPlan | 'blocked'> {
  let isOurTurn = false
  await client.query('begin')
  try {
    await client.query(`set local statement_timeout = 0; set local lock_timeout = ${turnTimeoutMs}`)
    await client.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [lockName(schema)])
    isOurTurn = true
    await client.query(`set local lock_timeout = ${waitMs}`)
    const applied = await readApplied(asking(client), schema)
    const plan = makePlan(files, applied)
    for (const statement of script(files, applied, schema)) await client.query(statement)
    await client.query('commit')
    return plan
  } catch (error) {
    await client.query('rollback').catch(() => undefined)
    if (isOurTurn && (sqlState(error) === '55P03' || isTransient(error))) return 'blocked'
    throw error
  }
}

/** What `migrate` would do, without doing it. */
export async function planMigration(options: MigrateOptions): Promise<MigrationPlan> {
  return withClient(options, (client) => planMigrationOver(asking(client), options.schema))
}

/** The same over a connection that is there already. */
export async function planMigrationOver(ask: Ask, schema: string): Promise<MigrationPlan> {
  return makePlan(await readSqlFiles(schema), await readApplied(ask, schema))
}

/** The SQL that `migrate` would run, for a DBA to read and run by hand. */
export async function migrationSql(options: MigrateOptions): Promise<string> {
  const files = await readSqlFiles(options.schema)
  return withClient(options, async (client) => {
    const applied = await readApplied(asking(client), options.schema)
    makePlan(files, applied)
    const statements = script(files, applied, options.schema)
    if (statements.length === 0) return '-- Nothing to do: the database is at this version.\n'
    return `begin;\nset local lock_timeout = ${usualPatience.waitMs};\n\n${statements.map((text) => text.trimEnd().replace(/;?$/, ';')).join('\n\n')}\n\ncommit;\n`
  })
}

/**
 * Refuses a database that this version cannot run on, in one sentence: one that is older, and one that is newer and does
 * not bear it. Workers call it before they start.
 */
export async function checkSchema(options: MigrateOptions): Promise<void> {
  refuseUnfit(await planMigration(options), options.schema)
}

/** The same over a connection that is there already. */
export async function checkSchemaOver(ask: Ask, schema: string): Promise<void> {
  refuseUnfit(await planMigrationOver(ask, schema), schema)
}

function refuseUnfit(plan: MigrationPlan, schema: string): void {
  if (plan.databaseVersion === null) {
    throw new TaskerError('SCHEMA_MISSING', `Schema "${schema}" holds no tables of Tasker.`)
  }
  if (plan.pending.length > 0 || plan.functionsChange) {
    throw new TaskerError(
      'SCHEMA_OUTDATED',
      `Schema "${schema}" was migrated by Tasker ${plan.databaseVersion}, this is ${plan.version}; ${
        plan.pending.length > 0 ? `missing: ${plan.pending.join(', ')}` : 'its functions differ'
      }.`,
      { pending: plan.pending },
    )
  }
}

function makePlan(files: SqlFiles, applied: Applied): MigrationPlan {
  const known = new Set(applied.migrations.map((migration) => migration.id))
  const pending = files.migrations
    .filter((migration) => !known.has(migration.id))
    .map(({ name }) => name)
  const databaseIsNewer = isNewer(files, applied)
  if (databaseIsNewer) refuseUnbearable(files, { ...applied, pending })
  refuseChanged(files.migrations, applied)
  return {
    pending,
    // An older process must not put old function bodies back: its calls are answered by the new ones.
    functionsChange: !databaseIsNewer && applied.functionsChecksum !== files.functionsChecksum,
    databaseVersion: applied.version,
    version: packageVersion,
    databaseIsNewer,
  }
}

const newestOf = (migrations: readonly { readonly id: number }[]): number =>
  Math.max(0, ...migrations.map(({ id }) => id))

const isNewer = (files: SqlFiles, { migrations, version }: Applied): boolean =>
  newestOf(migrations) > newestOf(files.migrations) ||
  (version !== null && semver.gt(version, packageVersion))

function refuseUnbearable(
  files: SqlFiles,
  applied: Applied & { readonly pending: readonly string[] },
): void {
  const { version, migrations, runsFrom, pending } = applied
  const ours = newestOf(files.migrations)
  if (runsFrom !== null && ours >= runsFrom && pending.length === 0) return
  const bears =
    runsFrom === null ? '' : ` and lets none run that is older than migration ${runsFrom}`
  throw new TaskerError(
    'SCHEMA_TOO_NEW',
    `The database was migrated by Tasker ${version} (migration ${newestOf(migrations)})${bears}; this is Tasker ${packageVersion} (migration ${ours}).`,
    { databaseVersion: version, version: packageVersion, runsFrom },
  )
}

function refuseChanged(migrations: readonly Migration[], applied: Applied): void {
  for (const migration of migrations) {
    const before = applied.migrations.find(({ id }) => id === migration.id)
    if (before !== undefined && before.checksum !== migration.checksum) {
      throw new TaskerError(
        'MIGRATION_CHANGED',
        `Migration ${migration.name} was applied with checksum ${before.checksum.slice(0, 12)}, the file has ${migration.checksum.slice(0, 12)}.`,
      )
    }
  }
}

function script(files: SqlFiles, applied: Applied, schema: string): string[] {
  const plan = makePlan(files, applied)
  if (plan.pending.length === 0 && !plan.functionsChange) return []
  const pending = files.migrations.filter((migration) => plan.pending.includes(migration.name))
  return [
    'set local check_function_bodies = off',
    ...(applied.version === null ? [bookkeeping(schema)] : []),
    ...pending.flatMap((migration) => [migration.sql, recorded(migration, schema)]),
    ...files.functions.map((file) => file.sql),
    `update ${schema}.schema_version set version = '${packageVersion}', functions_checksum = '${files.functionsChecksum}', migrated_at = clock_timestamp()`,
  ]
}

const bookkeeping = (schema: string): string => `
create schema if not exists ${schema};
create table ${schema}.migrations (
  id integer primary key,
  name text not null,
  checksum text not null,
  version text not null,
  applied_at timestamptz not null default clock_timestamp()
);
create table ${schema}.schema_version (
  only_row boolean primary key default true check (only_row),
  version text not null,
  functions_checksum text not null,
  migrated_at timestamptz not null
);
insert into ${schema}.schema_version (version, functions_checksum, migrated_at)
values ('${packageVersion}', '', clock_timestamp())`

const recorded = (migration: Migration, schema: string): string =>
  `insert into ${schema}.migrations (id, name, checksum, version) values (${migration.id}, '${migration.name}', '${migration.checksum}', '${packageVersion}')`

async function readApplied(ask: Ask, schema: string): Promise<Applied> {
  try {
    // A savepoint is not needed: to_regclass answers null where a table is missing.
    const [exists] = await ask('select to_regclass($1) is not null as found', [
      `${schema}.schema_version`,
    ])
    if (exists?.['found'] !== true) return nothingApplied
    const migrations = await ask(
      `select id, name, checksum from ${schema}.migrations order by id`,
      [],
    )
    // As a whole, because its columns differ between versions.
    const [row] = await ask(`select to_jsonb(v) as standing from ${schema}.schema_version v`, [])
    const standing = (row?.['standing'] ?? {}) as Row // to_jsonb of a row is an object
    return {
      migrations: migrations as unknown as Applied['migrations'], // the columns of the bookkeeping
      functionsChecksum: (standing['functions_checksum'] ?? null) as string | null,
      version: (standing['version'] ?? null) as string | null,
      runsFrom: (standing['runs_from'] ?? null) as number | null,
    }
  } catch (error) {
    if (sqlState(error) === '42P01') return nothingApplied
    throw error
  }
}

async function withClient<T>(
  options: MigrateOptions,
  use: (client: pg.Client) => Promise<T>,
): Promise<T> {
  let client: pg.Client | null = null
  try {
    client = newClient(options.url)
    await client.connect()
    await refuseOldServer(client)
    return await use(client)
  } catch (error) {
    throw connectionFault(error) ?? translate(error)
  } finally {
    await client?.end().catch(() => undefined)
  }
}

/** @throws TypeError when the address is no URL. */
function newClient(url: string): pg.Client {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: connectTimeoutMs,
    application_name: 'tasker migrate',
  })
  client.on('error', () => undefined) // a lost connection surfaces in the query that needed it
  return client
}

async function refuseOldServer(client: pg.Client): Promise<void> {
  const answer = await client.query<{ server_version_num: string }>('show server_version_num')
  const version = Number(answer.rows[0]?.server_version_num ?? 0)
  if (version < oldestServer) {
    throw new TaskerError(
      'DATABASE_VERSION',
      `This server is PostgreSQL ${Math.floor(version / 10_000)}.`,
    )
  }
}

const asking =
  (client: pg.Client): Ask =>
  async (text, values) =>
    (await client.query<Row>(text, [...values])).rows

const lockName = (schema: string): string => `tasker migrate ${schema}`
