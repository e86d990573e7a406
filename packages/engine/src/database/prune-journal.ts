// The caller of prune_history_journal: keeps the journal of the history as short as it may be.
import type { WorkerId } from '../ids.ts'
import type { Database } from './connect.ts'

const rowsPerCall = 5_000

/** Whether it may have left some. One worker does it; for the others there is nothing to do. */
export async function pruneJournal(
  database: Database,
  workerId: WorkerId,
  keptHours: number,
): Promise<boolean> {
  // By the database's own clock, which wrote the times in the journal: a test clock does not.
  const rows = await database.run(
    'prune_history_journal',
    `select ${database.schema}.prune_history_journal($1, statement_timestamp() - $2 * interval '1 hour', $3) as removed`,
    [workerId, keptHours, rowsPerCall],
  )
  const removed = rows[0]?.['removed'] as number | null | undefined // null: another worker does it
  return (removed ?? 0) >= rowsPerCall
}
