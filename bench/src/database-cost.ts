// What a run cost the database: statements, commits, WAL with full-page images apart, heap-only updates, bytes stored, and
// the processor time of its server processes. Counts, so they mean the same on a busy machine.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'

/** What PostgreSQL alone has is null on Redis. */
export interface DatabaseCost {
  readonly statements: number | null
  readonly commits: number | null
  readonly walBytes: number | null
  /** Of those bytes, images of pages that were changed for the first time since a checkpoint. */
  readonly fullPageBytes: number | null
  /** Heap-only updates by all updates, of all tables. */
  readonly hotRatio: number | null
  /** Tables, indexes and TOAST, more than at the start. */
  readonly storedBytes: number | null
  /** Of all server processes; null when the server runs elsewhere. */
  readonly cpuMs: number | null
}

export interface Measuring {
  end(): Promise<DatabaseCost>
}

interface Reading {
  readonly statements: number
  readonly commits: number
  readonly updates: number
  readonly hotUpdates: number
  readonly bytes: number
  readonly lsn: string
  readonly cpuMs: number | null
}

/** Begins to measure; the answer ends it. The server has nothing else to do meanwhile. */
export async function startMeasuring(databaseUrl: string): Promise<Measuring> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  await client.query('create extension if not exists pg_stat_statements')
  await client.query('create extension if not exists pg_walinspect')
  await client.query('checkpoint')
  const before = await read(client)
  return {
    async end() {
      const after = await read(client)
      const wal = await readWal(client, before.lsn, after.lsn)
      await client.end()
      const updates = after.updates - before.updates
      return {
        statements: after.statements - before.statements,
        commits: after.commits - before.commits,
        ...wal,
        hotRatio: updates === 0 ? 1 : (after.hotUpdates - before.hotUpdates) / updates,
        storedBytes: after.bytes - before.bytes,
        cpuMs: after.cpuMs === null || before.cpuMs === null ? null : after.cpuMs - before.cpuMs,
      }
    },
  }
}

/** Statements of transaction control and of this file are not counted. */
const notCounted = '^(begin|commit|start transaction|rollback|set |show |listen|/\\* bench \\*/)'

async function read(client: pg.Client): Promise<Reading> {
  await client.query('/* bench */ select pg_stat_force_next_flush()')
  const { rows } = await client.query<Record<string, string>>(
    `/* bench */ select
       (select coalesce(sum(s.calls), 0) from pg_stat_statements s
        join pg_database d on d.oid = s.dbid
        where d.datname = current_database() and s.query !~* $1) as statements,
       (select xact_commit from pg_stat_database where datname = current_database()) as commits,
       (select coalesce(sum(n_tup_upd), 0) from pg_stat_user_tables) as updates,
       (select coalesce(sum(n_tup_hot_upd), 0) from pg_stat_user_tables) as hot_updates,
       pg_database_size(current_database()) as bytes,
       pg_current_wal_insert_lsn() as lsn,
       current_setting('data_directory') as folder`,
    [notCounted],
  )
  const [row = {}] = rows
  return {
    statements: Number(row['statements']),
    commits: Number(row['commits']),
    updates: Number(row['updates']),
    hotUpdates: Number(row['hot_updates']),
    bytes: Number(row['bytes']),
    lsn: row['lsn'] ?? '',
    cpuMs: cpuOf(row['folder'] ?? ''),
  }
}

async function readWal(
  client: pg.Client,
  from: string,
  to: string,
): Promise<Pick<DatabaseCost, 'walBytes' | 'fullPageBytes'>> {
  // Inserted is not yet flushed, and only what is flushed can be inspected.
  await client.query('/* bench */ create table bench_flush ()')
  await client.query('/* bench */ drop table bench_flush')
  const { rows } = await client.query<{ records: string; images: string }>(
    `/* bench */ select coalesce(sum(record_size), 0) as records, coalesce(sum(fpi_size), 0) as images
     from pg_get_wal_stats($1::pg_lsn, $2::pg_lsn)`,
    [from, to],
  )
  return { walBytes: Number(rows[0]?.records), fullPageBytes: Number(rows[0]?.images) }
}

/** Hundredths of a second: what Linux counts processor time in, whatever the kernel's own tick. */
const tickMs = 10

/** Of the server whose data folder this is, with all its processes. Null unless it runs here, on Linux. */
function cpuOf(dataFolder: string): number | null {
  try {
    const postmaster = Number(
      readFileSync(join(dataFolder, 'postmaster.pid'), 'utf8').split('\n')[0],
    )
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .reduce((sum, pid) => sum + cpuOfProcess(Number(pid), postmaster), 0)
  } catch {
    return null
  }
}

/** Its own, when it belongs to the postmaster; for the postmaster itself, that of its ended children besides. */
function cpuOfProcess(pid: number, postmaster: number): number {
  const fields = statOf(pid)
  if (fields === null) return 0
  const [parent, user, system, childUser, childSystem] = [1, 11, 12, 13, 14].map((at) =>
    Number(fields[at]),
  ) as [number, number, number, number, number] // as many as were asked for
  if (pid === postmaster) return (user + system + childUser + childSystem) * tickMs
  return parent === postmaster ? (user + system) * tickMs : 0
}

/** What follows the program's name in /proc/<pid>/stat; null when the process has ended meanwhile. */
function statOf(pid: number): readonly string[] | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  } catch {
    return null
  }
}
