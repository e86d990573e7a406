// The caller of sweep_due: a slow look at whether exactly the right steps are due.
import type { TaskId, WorkerId } from '../ids.ts'
import type { Database } from './connect.ts'

/** Where the sweep stands: it walks open tasks and due rows in pages, and starts over at the end. */
export interface SweepPosition {
  readonly task: TaskId
  readonly due: TaskId
}

const first = '00000000-0000-0000-0000-000000000000' as TaskId // below every id
export const sweepStart: SweepPosition = { task: first, due: first }

const tasksPerSweep = 1000

export async function sweepDue(
  database: Database,
  workerId: WorkerId,
  position: SweepPosition,
  now: Date | null,
): Promise<{ readonly next: SweepPosition; readonly repairedCount: number }> {
  const rows = await database.run(
    'sweep_due',
    `select last_task, last_due, repaired from ${database.schema}.sweep_due($1, $2, $3, $4, $5)`,
    [workerId, position.task, position.due, tasksPerSweep, now],
  )
  const row = rows[0]
  if (row === undefined) return { next: position, repairedCount: 0 } // another worker sweeps
  return {
    next: {
      task: (row['last_task'] as TaskId | null) ?? first, // null: the end was reached
      due: (row['last_due'] as TaskId | null) ?? first,
    },
    repairedCount: row['repaired'] as number,
  }
}
