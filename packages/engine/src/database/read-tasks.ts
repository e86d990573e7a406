// Reads of tasks by their ids: rows with what belongs to them, states of those somebody waits for, the history. By filter and
// page: find-tasks.ts. Their steps: read-steps.ts.
import type { DefinitionId, TaskId } from '../ids.ts'
import type { JsonObject } from '../json.ts'
import type { ExecutionStatus, HealthStatus, RecommendedAction, TaskState } from '../states.ts'
import type { Database, Row } from './connect.ts'

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

/** A task with what is stored apart from its row, as far as it was asked for. */
export interface TaskDetail extends TaskRow {
  readonly context: JsonObject | null
  /** What its caller knows it by; null: nothing but its id. */
  readonly correlationId: string | null
  readonly execution: ExecutionContextRow | null
}

export interface DetailsAsked {
  readonly context: boolean
  readonly execution: boolean
}

/** Those of the given tasks that there are, in one statement and so of one moment. */
export async function readTasks(
  database: Database,
  taskIds: readonly TaskId[],
  at: Date | null,
  asked: DetailsAsked,
): Promise<ReadonlyMap<TaskId, TaskDetail>> {
  const { schema } = database
  const rows = await database.run(
    'read_tasks',
    `select ${taskColumns}, c.correlation_id, case when $3::boolean then c.context end as context,
       x.status, x.total_steps, x.pending_steps, x.in_progress_steps, x.completed_steps, x.failed_steps, x.cancelled_steps,
       x.ready_steps, x.permanently_blocked_steps, x.next_due_at, x.execution_status, x.recommended_action,
       x.completion_percentage, x.health_status
     from ${taskTables(schema)}
     left join ${schema}.task_contexts c on c.task_id = t.task_id
     left join ${schema}.task_execution_context(case when $4::boolean then $1::uuid[] else '{}' end, $2) x
       on x.task_id = t.task_id
     where t.task_id = any ($1::uuid[])`,
    [taskIds, at, asked.context, asked.execution],
  )
  return new Map(
    rows.map((row) => {
      const task = readTaskRow(row)
      return [
        task.taskId,
        {
          ...task,
          context: asked.context ? ((row['context'] ?? {}) as JsonObject) : null,
          correlationId: (row['correlation_id'] ?? null) as string | null,
          execution: row['status'] === null ? null : readExecution(row),
        },
      ]
    }),
  )
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

const readExecution = (row: Row): ExecutionContextRow => ({
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
})

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
