// Readings of the server for `tasker doctor`: its version, settings and connections, its clock, transactions that stay
// open, and the state of Tasker's tables. Judging them is reports/doctor/.
import type { Row } from './connect.ts'
import type { Inspection } from './inspection.ts'

export interface ServerReading {
  /** `18.1 (Debian …)` */
  readonly version: string
  readonly versionNumber: number
  readonly isReadOnly: boolean
  /** By name, as pg_settings prints them. */
  readonly settings: Readonly<Record<string, string>>
  /** Of clients, this one included. */
  readonly connectionCount: number
  /** For ordinary roles. */
  readonly connectionsMax: number
  /** The server's clock minus this host's. */
  readonly clockAheadMs: number
  /** The answer took this long; half of it is what `clockAheadMs` may be wrong by. */
  readonly roundTripMs: number
}

export interface OpenTransaction {
  /** `session 4711 (app), idle in transaction` */
  readonly holder: string
  readonly ageSeconds: number
}

export interface TableReading {
  readonly table: string
  readonly liveRows: number
  readonly deadRows: number
  readonly updates: number
  readonly hotUpdates: number
  readonly isAutovacuumed: boolean
}

const settingsRead = [
  'autovacuum',
  'default_transaction_isolation',
  'fsync',
  'full_page_writes',
  'idle_in_transaction_session_timeout',
  'idle_session_timeout',
  'synchronous_commit',
  'track_counts',
]

export async function readServer({ ask }: Inspection, nowMs: () => number): Promise<ServerReading> {
  await ask('select 1', []) // what only the first statement costs is not the round trip
  const sentMs = nowMs()
  const [clock] = await ask('select clock_timestamp() as at', [])
  const receivedMs = nowMs()
  const [row] = await ask(
    `select current_setting('server_version') as version,
       current_setting('server_version_num')::integer as number,
       pg_is_in_recovery() or current_setting('default_transaction_read_only')::boolean as is_read_only,
       (select count(*)::integer from pg_stat_activity where backend_type = 'client backend') as connections,
       current_setting('max_connections')::integer
         - current_setting('superuser_reserved_connections')::integer
         - coalesce(current_setting('reserved_connections', true), '0')::integer as connections_max,
       (select json_object_agg(name, setting) from pg_settings where name = any ($1)) as settings`,
    [settingsRead],
  )
  const at = clock?.['at'] as Date // timestamptz
  return {
    version: String(row?.['version']),
    versionNumber: Number(row?.['number']),
    isReadOnly: row?.['is_read_only'] === true,
    settings: row?.['settings'] as Record<string, string>, // two text columns of pg_settings
    connectionCount: Number(row?.['connections']),
    connectionsMax: Number(row?.['connections_max']),
    clockAheadMs: at.getTime() - (sentMs + receivedMs) / 2,
    roundTripMs: receivedMs - sentMs,
  }
}

/** Oldest first, at most 5: everything in this database that keeps vacuum from removing what died since. */
export async function readOpenTransactions(
  { ask }: Inspection,
  olderThanSeconds: number,
): Promise<OpenTransaction[]> {
  const rows = await ask(
    `select *
     from (
       select format('session %s (%s), %s', a.pid, coalesce(nullif(a.application_name, ''), 'unnamed'),
           coalesce(a.state, 'hidden from this role')) as holder,
         extract(epoch from clock_timestamp() - a.xact_start)::float8 as age
       from pg_stat_activity a
       where a.datname = current_database() and a.backend_type = 'client backend' and a.xact_start is not null
       union all
       select format('prepared transaction %s', p.gid), extract(epoch from clock_timestamp() - p.prepared)::float8
       from pg_prepared_xacts p
       where p.database = current_database()
     ) t
     where t.age > $1
     order by t.age desc
     limit 5`,
    [olderThanSeconds],
  )
  return rows.map((row) => ({ holder: String(row['holder']), ageSeconds: Number(row['age']) }))
}

export async function readTables({ ask, schema }: Inspection): Promise<TableReading[]> {
  const rows = await ask(
    `select t.relname as table, t.n_live_tup::float8 as live, t.n_dead_tup::float8 as dead,
       t.n_tup_upd::float8 as updates, t.n_tup_hot_upd::float8 as hot_updates,
       not coalesce('autovacuum_enabled=false' = any (c.reloptions) or 'autovacuum_enabled=off' = any (c.reloptions),
         false) as is_autovacuumed
     from pg_stat_user_tables t
     join pg_class c on c.oid = t.relid
     where t.schemaname = $1
     order by t.relname`,
    [schema],
  )
  return rows.map((row: Row) => ({
    table: String(row['table']),
    liveRows: Number(row['live']),
    deadRows: Number(row['dead']),
    updates: Number(row['updates']),
    hotUpdates: Number(row['hot_updates']),
    isAutovacuumed: row['is_autovacuumed'] === true,
  }))
}
