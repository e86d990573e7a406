// The caller of edit_task: what is said of a task, or given to a step of it, changed without moving anything.
import type { TaskId } from '../ids.ts'
import type { StepState, TaskState } from '../states.ts'
import type { Database } from './connect.ts'

export interface EditCall {
  readonly taskId: TaskId
  /** JSON text, in one of the forms of edit_task.sql. */
  readonly edit: string
  readonly actor: string
  readonly reason: string
  /** The last number of the task's history, else nothing is changed; null: whatever it is. */
  readonly expectedRevision: number | null
  readonly now: Date | null
}

export interface Edited {
  readonly state: TaskState
  /** Of the step that is edited. */
  readonly stepState: StepState | null
  /** The last number of its history. */
  readonly revision: number
  /** Null: it was not. */
  readonly refused: 'revision' | 'state' | 'step' | null
  readonly isChanged: boolean
}

/** Null: there is no such task. */
export async function editTask(database: Database, call: EditCall): Promise<Edited | null> {
  const rows = await database.run(
    'edit_task',
    `select * from ${database.schema}.edit_task($1, $2::jsonb, $3, $4, $5, $6)`,
    [call.taskId, call.edit, call.actor, call.reason, call.expectedRevision, call.now],
  )
  const row = rows[0]
  if (row === undefined) return null
  return {
    // Casts: the columns of the function, with the checks of the tables.
    state: row['state'] as TaskState,
    stepState: row['step_state'] as StepState | null,
    revision: row['last_seq'] as number,
    refused: row['refused'] as Edited['refused'],
    isChanged: row['is_changed'] === true,
  }
}
