// The caller of prune_cache_entries: clears away entries of the store in PostgreSQL whose time is over.
import type { WorkerId } from '../ids.ts'
import type { Database } from './connect.ts'

const rowsPerCall = 1_000

/** Whether it may have left some. One worker does it; for the others there is nothing to do. */
export async function pruneCache(
  database: Database,
  workerId: WorkerId,
  now: Date | null,
): Promise<boolean> {
  const rows = await database.run(
    'prune_cache_entries',
    `select ${database.schema}.prune_cache_entries($1, $2, $3) as removed`,
    [workerId, rowsPerCall, now],
  )
  const removed = rows[0]?.['removed'] as number | null | undefined // null: another worker does it
  return (removed ?? 0) >= rowsPerCall
}
