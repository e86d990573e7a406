// The reads behind the analysis of a task: its graph, where each step stands and how the task is, in one statement and so of
// one moment; and what an analysis is good for: as long as nothing of that changes. No contexts and no results.
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
  /** Milliseconds its last attempt took, the running one until now. Null: it never ran in this task. */
  readonly ranMs: number | null
}

/** Which task it is. */
export interface TaskAddress {
  readonly namespace: string
  readonly name: string
  readonly version: string
}

export interface TaskGraphReading {
  /** When it was read. */
  readonly at: Date
  readonly address: TaskAddress
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
       r.dependencies_satisfied, r.retry_eligible, r.next_retry_at, g.parents, x.health_status, n.at,
       d.namespace, d.name as task_name, d.version,
       -- A step that a rerun took over ran in another task, before this one was there.
       case when r.last_attempted_at >= t.created_at then
         extract(epoch from case when r.current_state = 'in_progress' then n.at else r.ended_at end - r.last_attempted_at) * 1000
       end::double precision as ran_ms
     from ${schema}.step_readiness(array[$1::uuid], $2) r
     join ${schema}.tasks t on t.task_id = r.task_id
     join ${schema}.task_execution_context(array[$1::uuid], $2) x on x.task_id = r.task_id
     cross join (select coalesce($2::timestamptz, statement_timestamp()) as at) n
     cross join lateral (
       select ns.name as namespace, nt.name, d.version
       from ${schema}.definitions d
       join ${schema}.named_tasks nt on nt.named_task_id = d.named_task_id
       join ${schema}.task_namespaces ns on ns.namespace_id = nt.namespace_id
       where d.definition_id = t.definition_id
       offset 0
     ) d
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
    address: {
      namespace: first['namespace'] as string,
      name: first['task_name'] as string,
      version: first['version'] as string,
    },
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
      ranMs: row['ran_ms'] as number | null,
    })),
  }
}

/**
 * Numbers that differ once anything that an analysis is made of has changed: entries of the history, claims (they have no
 * entry), due times that have passed, and whether the namespace is held. Null: there is no such task.
 */
export async function readTaskVersion(
  database: Database,
  taskId: TaskId,
  at: Date | null,
): Promise<readonly number[] | null> {
  const { schema } = database
  const [row] = await database.run(
    'read_task_version',
    `select p.seq, d.held::integer as held,
       (select coalesce(sum(s.claim_no), 0)::integer from ${schema}.workflow_steps s where s.task_id = t.task_id) as claims,
       (select count(*)::integer from ${schema}.due u
        where u.task_id = t.task_id and u.run_at <= coalesce($2::timestamptz, statement_timestamp())) as due
     from ${schema}.tasks t
     join ${schema}.task_progress p on p.task_id = t.task_id
     join ${schema}.definitions d on d.definition_id = t.definition_id
     where t.task_id = $1`,
    [taskId, at],
  )
  // Casts: the columns named above.
  return row === undefined
    ? null
    : [row['seq'], row['claims'], row['due'], row['held']].map((value) => value as number)
}
