// The caller of roll_up_tasks: adds tasks that have ended to the counts that statistics are answered from.
import type { WorkerId } from '../ids.ts'
import type { Database } from './connect.ts'

const tasksPerCall = 2000

/** Whether it may have left some. One worker does it; for the others there is nothing to do. */
export async function rollUpTasks(database: Database, workerId: WorkerId): Promise<boolean> {
  const rows = await database.run(
    'roll_up_tasks',
    `select ${database.schema}.roll_up_tasks($1, $2) as added`,
    [workerId, tasksPerCall],
  )
  const added = rows[0]?.['added'] as number | null | undefined // null: another worker does it
  return (added ?? 0) >= tasksPerCall
}
