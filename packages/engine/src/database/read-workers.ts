// Reads of workers: who is there. Live is only who still renews: a lease that is over counts as a worker gone, even before
// another has taken its steps over.
import type { Database } from './connect.ts'
import type { SlotsReason } from './workers.ts'

/** What a worker row says, for lists. */
export interface WorkerRow {
  readonly workerId: number
  /** `overdue`: its lease is over, and no other worker has taken its steps over yet. */
  readonly state: 'live' | 'overdue' | 'stopped' | 'lost'
  readonly host: string
  readonly pid: number
  readonly version: string
  /** How many steps it may run at once, as of its last heartbeat. */
  readonly slots: number
  /** How many it may ever run at once. Null here and in the next: a version of Tasker that does not say. */
  readonly slotsMax: number | null
  /** How many it ran. */
  readonly slotsInUse: number | null
  /** What held `slots` below `slotsMax`; null: nothing. */
  readonly slotsReason: SlotsReason | null
  readonly serves: readonly number[]
  readonly seenAt: Date
}

/** SQL: whether the worker row `alias` is live at the instant in `place`, or now where that is null. */
export const isLive = (alias: string, place: string): string =>
  `(${alias}.state = 'live' and ${alias}.lease_until > coalesce(${place}::timestamptz, clock_timestamp()))`

/** Live ones first, then newest first; at most 100. */
export async function readWorkers(database: Database, at: Date | null): Promise<WorkerRow[]> {
  const live = isLive('w', '$1')
  const rows = await database.run(
    'read_workers',
    `select w.worker_id, w.host, w.pid, w.version, w.slots, w.slots_max, w.slots_in_use, w.slots_reason, w.serves, w.seen_at,
       case when w.state = 'live' and not ${live} then 'overdue' else w.state end as state
     from ${database.schema}.workers w
     order by ${live} desc, w.worker_id desc
     limit 100`,
    [at],
  )
  return rows.map((row) => ({
    workerId: row['worker_id'] as number,
    state: row['state'] as WorkerRow['state'], // its check constraint, and the case above
    host: row['host'] as string,
    pid: row['pid'] as number,
    version: row['version'] as string,
    slots: row['slots'] as number,
    slotsMax: row['slots_max'] as number | null,
    slotsInUse: row['slots_in_use'] as number | null,
    slotsReason: row['slots_reason'] as SlotsReason | null, // what renewWorker wrote
    serves: row['serves'] as number[],
    seenAt: row['seen_at'] as Date,
  }))
}

export interface WorkerCounts {
  readonly live: number
  /** Their leases are over, and nobody has taken their steps over yet. */
  readonly overdue: number
  /** Of the live ones together, as of their last heartbeats: steps they may run at once, and those they ran. */
  readonly slots: number
  readonly slotsInUse: number
}

/** Of the workers that have neither stopped nor been given up. */
export async function countWorkers(database: Database, at: Date | null): Promise<WorkerCounts> {
  const live = isLive('w', '$1')
  const [row] = await database.run(
    'count_workers',
    `select count(*) filter (where ${live})::integer as live, count(*) filter (where not ${live})::integer as overdue,
       coalesce(sum(w.slots) filter (where ${live}), 0)::integer as slots,
       coalesce(sum(w.slots_in_use) filter (where ${live}), 0)::integer as slots_in_use
     from ${database.schema}.workers w
     where w.state = 'live'`,
    [at],
  )
  return {
    live: Number(row?.['live']),
    overdue: Number(row?.['overdue']),
    slots: Number(row?.['slots']),
    slotsInUse: Number(row?.['slots_in_use']),
  }
}
