// The read behind the analysis of a task: its graph, where each step stands, and how the task is, in one statement and so
// of one moment. No contexts and no results.
import type { TaskId } from '../ids.ts'
import type { HealthStatus, StepState } from '../states.ts'
import type { Database } from './connect.ts'
import type { StepRow } from './read-steps.ts'

export interface TaskGraphStep extends Pick<
  StepRow,
  | 'stepNo'
  | 'name'
  | 'state'
  | 'isReady'
  | 'blockedBy'
  | 'attempts'
  | 'retryLimit'
  | 'dependenciesSatisfied'
  | 'retryEligible'
  | 'nextRetryAt'
> {
  /** Numbers of the steps that it waits for, in ascending order. */
  readonly parents: readonly number[]
}

export interface TaskGraphReading {
  /** When it was read. */
  readonly at: Date
  readonly health: HealthStatus
  /** In the order of declaration; at least one. */
  readonly steps: readonly TaskGraphStep[]
}

/** Null: there is no such task. */
export async function readTaskGraph(
  database: Database,
  taskId: TaskId,
  at: Date | null,
): Promise<TaskGraphReading | null> {
  const { schema } = database
  const rows = await database.run(
    'read_task_graph',
    `select r.step_no, r.name, r.current_state, r.ready_for_execution, r.blocked_by, r.attempts, r.retry_limit,
       r.dependencies_satisfied, r.retry_eligible, r.next_retry_at, g.parents, x.health_status,
       coalesce($2::timestamptz, statement_timestamp()) as at
     from ${schema}.step_readiness(array[$1::uuid], $2) r
     join ${schema}.tasks t on t.task_id = r.task_id
     join ${schema}.task_execution_context(array[$1::uuid], $2) x on x.task_id = r.task_id
     cross join lateral (
       select g.parents from ${schema}.graph_steps g
       where g.graph_id = t.graph_id and g.step_no = r.step_no
       offset 0 -- see finish_steps.sql
     ) g
     order by r.step_no`,
    [taskId, at],
  )
  const first = rows[0]
  if (first === undefined) return null
  return {
    // Casts: the columns named above, with the types and checks of sql/.
    at: first['at'] as Date,
    health: first['health_status'] as HealthStatus,
    steps: rows.map((row) => ({
      stepNo: row['step_no'] as number,
      name: row['name'] as string,
      state: row['current_state'] as StepState,
      isReady: row['ready_for_execution'] === true,
      blockedBy: row['blocked_by'] as string | null,
      attempts: row['attempts'] as number,
      retryLimit: row['retry_limit'] as number,
      dependenciesSatisfied: row['dependencies_satisfied'] === true,
      retryEligible: row['retry_eligible'] === true,
      nextRetryAt: row['next_retry_at'] as Date | null,
      parents: row['parents'] as number[],
    })),
  }
}
