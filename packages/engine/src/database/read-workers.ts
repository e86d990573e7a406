// Reads of workers: who is there, and whether anybody serves a definition. Live is only who still renews: a lease that is
// over counts as a worker gone, even before another has taken its steps over.
import type { DefinitionId } from '../ids.ts'
import type { Database } from './connect.ts'

/** What a worker row says, for lists. */
export interface WorkerRow {
  readonly workerId: number
  /** `overdue`: its lease is over, and no other worker has taken its steps over yet. */
  readonly state: 'live' | 'overdue' | 'stopped' | 'lost'
  readonly host: string
  readonly pid: number
  readonly version: string
  readonly slots: number
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
    `select w.worker_id, w.host, w.pid, w.version, w.slots, w.serves, w.seen_at,
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
    serves: row['serves'] as number[],
    seenAt: row['seen_at'] as Date,
  }))
}

/** Whether a live worker serves this definition. */
export async function isServed(
  database: Database,
  definitionId: DefinitionId,
  at: Date | null,
): Promise<boolean> {
  const rows = await database.run(
    'is_served',
    `select 1 from ${database.schema}.workers w
     where ${isLive('w', '$2')} and $1::integer = any (w.serves)
     limit 1`,
    [definitionId, at],
  )
  return rows.length > 0
}
