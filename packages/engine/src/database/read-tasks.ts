// Reads of tasks: one with its steps, states of those somebody waits for, the history. Many by filter and page: find-tasks.ts.
import type { DefinitionId, TaskId } from '../ids.ts'
import type { Json, JsonObject } from '../json.ts'
import {
  type ExecutionStatus,
  type HealthStatus,
  type RecommendedAction,
  type StepState,
  type TaskState,
} from '../states.ts'
import type { Database, Row } from './connect.ts'
import { isLive } from './read-workers.ts'

export interface TaskRow {
  readonly taskId: TaskId
  /** The stored definition version: what a worker must serve to run this task. */
  readonly definitionId: DefinitionId
  readonly namespace: string
  readonly name: string
  readonly version: string
  readonly state: TaskState
  readonly priority: number
  readonly tags: readonly string[]
  readonly initiator: string
  readonly sourceSystem: string
  readonly reason: string
  readonly requestedAt: Date
  readonly createdAt: Date
  readonly startedAt: Date | null
  readonly endedAt: Date | null
  readonly deadlineAt: Date | null
  /** An operator holds it: none of its steps start. */
  readonly isHeld: boolean
  /** The ended task of which this one does a part again; null for all others. */
  readonly rerunOf: TaskId | null
  /** The last number of its history: another one as soon as anything has happened to it but a claim. */
  readonly revision: number
}

/** SQL: the task may go on, so it can be held: a revived one still is. */
export const holdable = `t.state in ('pending', 'in_progress', 'error')`

export const taskColumns = `t.task_id, t.definition_id, n.name as namespace, nt.name, d.version, t.state, t.priority, t.tags, t.initiator,
  t.source_system, t.reason, t.requested_at, t.created_at, t.started_at, t.ended_at, t.deadline_at,
  t.rerun_of, p.held and ${holdable} as is_held, p.seq as revision`

const taskTables = (schema: string): string => `${schema}.tasks t
  join ${schema}.task_progress p on p.task_id = t.task_id
  join ${schema}.definitions d on d.definition_id = t.definition_id
  join ${schema}.named_tasks nt on nt.named_task_id = d.named_task_id
  join ${schema}.task_namespaces n on n.namespace_id = nt.namespace_id`

// Casts below: the columns named above, with the types and checks of sql/migrations.
export const readTaskRow = (row: Row): TaskRow => ({
  taskId: row['task_id'] as TaskId,
  definitionId: row['definition_id'] as DefinitionId,
  namespace: row['namespace'] as string,
  name: row['name'] as string,
  version: row['version'] as string,
  state: row['state'] as TaskState,
  priority: row['priority'] as number,
  tags: row['tags'] as string[],
  initiator: row['initiator'] as string,
  sourceSystem: row['source_system'] as string,
  reason: row['reason'] as string,
  requestedAt: row['requested_at'] as Date,
  createdAt: row['created_at'] as Date,
  startedAt: row['started_at'] as Date | null,
  endedAt: row['ended_at'] as Date | null,
  deadlineAt: row['deadline_at'] as Date | null,
  isHeld: row['is_held'] === true,
  rerunOf: row['rerun_of'] as TaskId | null,
  revision: row['revision'] as number,
})

/** A task with what is stored apart from its row. */
export interface TaskDetail extends TaskRow {
  readonly context: JsonObject
  /** What its caller knows it by; null: nothing but its id. */
  readonly correlationId: string | null
}

export async function readTask(database: Database, taskId: TaskId): Promise<TaskDetail | null> {
  const { schema } = database
  const rows = await database.run(
    'read_task',
    `select ${taskColumns}, c.context, c.correlation_id
     from ${taskTables(schema)}
     left join ${schema}.task_contexts c on c.task_id = t.task_id
     where t.task_id = $1`,
    [taskId],
  )
  const row = rows[0]
  return row === undefined
    ? null
    : {
        ...readTaskRow(row),
        context: (row['context'] ?? {}) as JsonObject,
        correlationId: (row['correlation_id'] ?? null) as string | null,
      }
}

/** Cheap: no more than the row. */
export async function isTaskKnown(database: Database, taskId: TaskId): Promise<boolean> {
  const rows = await database.run(
    'is_task_known',
    `select 1 from ${database.schema}.tasks t where t.task_id = $1`,
    [taskId],
  )
  return rows.length > 0
}

export interface StepRow {
  readonly stepNo: number
  readonly name: string
  /** The declared step it comes from: its own name, or that of the step that generated it. */
  readonly handler: string
  readonly state: StepState
  readonly isReady: boolean
  /** Why it may not run now; null when it may, or when it has ended. */
  readonly blockedBy: string | null
  readonly blockedDetail: string | null
  readonly attempts: number
  readonly retryLimit: number
  readonly losses: number
  /** Lost twice with its worker: it is claimed alone, so that no other step is lost with it. */
  readonly isSuspect: boolean
  /** Whether the worker that runs it still renews its lease; null when it does not run. */
  readonly isWorkerLive: boolean | null
  readonly waits: number
  readonly totalParents: number
  readonly completedParents: number
  readonly dependenciesSatisfied: boolean
  readonly retryEligible: boolean
  readonly nextRetryAt: Date | null
  readonly lastFailureAt: Date | null
  readonly startedAt: Date | null
  readonly endedAt: Date | null
  readonly result: Json
  /** The error of the last failed attempt; null once the step is satisfied. */
  readonly error: JsonObject | null
}

/** The steps of a task with readiness, results and last errors, in the order of declaration. */
export async function readSteps(
  database: Database,
  taskId: TaskId,
  at: Date | null,
): Promise<StepRow[]> {
  const { schema } = database
  const rows = await database.run(
    'read_steps',
    `select r.*, g.handler, s.result, f.error, coalesce(q.is_suspect, false) as is_suspect,
       case when r.current_state = 'in_progress' then coalesce(w.is_live, false) end as is_worker_live
     from ${schema}.step_readiness(array[$1::uuid], $2) r
     join ${schema}.tasks t on t.task_id = r.task_id
     cross join lateral (
       select g.handler from ${schema}.graph_steps g
       where g.graph_id = t.graph_id and g.step_no = r.step_no
       offset 0 -- see finish_steps.sql
     ) g
     left join lateral (
       select coalesce(o.result, s.result) as result from ${schema}.step_results s
       left join ${schema}.step_results o on o.task_id = s.source_task_id and o.step_no = s.step_no
       where s.task_id = r.task_id and s.step_no = r.step_no
       offset 0
     ) s on true
     left join lateral (
       select d.lane < 0 as is_suspect from ${schema}.due d
       where d.task_id = r.task_id and d.step_no = r.step_no
       offset 0
     ) q on true
     left join lateral (
       select ${isLive('w', '$2')} as is_live
       from ${schema}.workflow_steps k
       join ${schema}.workers w on w.worker_id = k.worker_id
       where k.task_id = r.task_id and k.step_no = r.step_no
       offset 0
     ) w on true
     left join (
       select distinct on (h.step_no) h.step_no, h.metadata -> 'error' as error
       from ${schema}.workflow_step_transitions h
       where h.task_id = $1 and h.to_state = 'error' and h.from_state = 'in_progress'
       order by h.step_no, h.seq desc
     ) f on f.step_no = r.step_no and r.current_state in ('error', 'pending', 'in_progress', 'cancelled')
     order by r.step_no`,
    [taskId, at],
  )
  return rows.map((row) => ({
    stepNo: row['step_no'] as number,
    name: row['name'] as string,
    handler: row['handler'] as string,
    state: row['current_state'] as StepState,
    isReady: row['ready_for_execution'] === true,
    blockedBy: row['blocked_by'] as string | null,
    blockedDetail: row['blocked_detail'] as string | null,
    attempts: row['attempts'] as number,
    retryLimit: row['retry_limit'] as number,
    losses: row['losses'] as number,
    isSuspect: row['is_suspect'] === true,
    isWorkerLive: row['is_worker_live'] as boolean | null,
    waits: row['waits'] as number,
    totalParents: row['total_parents'] as number,
    completedParents: row['completed_parents'] as number,
    dependenciesSatisfied: row['dependencies_satisfied'] === true,
    retryEligible: row['retry_eligible'] === true,
    nextRetryAt: row['next_retry_at'] as Date | null,
    lastFailureAt: row['last_failure_at'] as Date | null,
    startedAt: row['last_attempted_at'] as Date | null,
    endedAt: row['ended_at'] as Date | null,
    result: (row['result'] ?? null) as Json,
    error: (row['error'] ?? null) as JsonObject | null,
  }))
}

export interface ExecutionContextRow {
  readonly status: TaskState
  readonly totalSteps: number
  readonly pendingSteps: number
  readonly inProgressSteps: number
  readonly completedSteps: number
  readonly failedSteps: number
  readonly cancelledSteps: number
  readonly readySteps: number
  readonly permanentlyBlockedSteps: number
  readonly nextDueAt: Date | null
  readonly executionStatus: ExecutionStatus
  readonly recommendedAction: RecommendedAction
  readonly completionPercentage: number
  readonly healthStatus: HealthStatus
}

export async function readExecutionContext(
  database: Database,
  taskId: TaskId,
  at: Date | null,
): Promise<ExecutionContextRow | null> {
  const rows = await database.run(
    'task_execution_context',
    `select * from ${database.schema}.task_execution_context(array[$1::uuid], $2)`,
    [taskId, at],
  )
  const row = rows[0]
  if (row === undefined) return null
  return {
    status: row['status'] as TaskState,
    totalSteps: row['total_steps'] as number,
    pendingSteps: row['pending_steps'] as number,
    inProgressSteps: row['in_progress_steps'] as number,
    completedSteps: row['completed_steps'] as number,
    failedSteps: row['failed_steps'] as number,
    cancelledSteps: row['cancelled_steps'] as number,
    readySteps: row['ready_steps'] as number,
    permanentlyBlockedSteps: row['permanently_blocked_steps'] as number,
    nextDueAt: row['next_due_at'] as Date | null,
    executionStatus: row['execution_status'] as ExecutionStatus,
    recommendedAction: row['recommended_action'] as RecommendedAction,
    completionPercentage: Number(row['completion_percentage']), // numeric(5,2) arrives as text
    healthStatus: row['health_status'] as HealthStatus,
  }
}

/** Those of the given tasks that have ended. */
export async function readEnded(database: Database, taskIds: readonly TaskId[]): Promise<TaskId[]> {
  const rows = await database.run(
    'read_ended',
    `select t.task_id from ${database.schema}.tasks t where t.task_id = any ($1) and t.ended_at is not null`,
    [taskIds],
  )
  return rows.map((row) => row['task_id'] as TaskId)
}

export interface HistoryRow {
  readonly seq: number
  /** Null: an entry of the task itself. */
  readonly step: string | null
  readonly claimNo: number | null
  readonly from: string | null
  readonly to: string
  readonly attempt: number | null
  readonly actor: string
  readonly reason: string | null
  readonly metadata: JsonObject | null
  readonly at: Date
}

/** The whole history of a task, in order. */
export async function readHistory(database: Database, taskId: TaskId): Promise<HistoryRow[]> {
  const rows = await database.run(
    'read_history',
    `select * from ${database.schema}.task_history h
     where h.task_id = $1
     order by h.seq, h.after_seq, h.step_no, h.claim_no`,
    [taskId],
  )
  return rows.map((row) => ({
    seq: row['seq'] as number,
    step: row['step'] as string | null,
    claimNo: row['claim_no'] as number | null,
    from: row['from_state'] as string | null,
    to: row['to_state'] as string,
    attempt: row['attempt'] as number | null,
    actor: row['actor'] as string,
    reason: row['reason'] as string | null,
    metadata: row['metadata'] as JsonObject | null,
    at: row['at'] as Date,
  }))
}
