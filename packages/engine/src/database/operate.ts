// The callers of operate_tasks, rerun_task and hold_namespace: what an operator asked for, and what became of it.
import type { DefinitionId, TaskId } from '../ids.ts'
import type { Json } from '../json.ts'
import type { StepState, TaskState } from '../states.ts'
import type { Database } from './connect.ts'

export interface OperateCall {
  readonly taskIds: readonly TaskId[]
  /** One of the actions of operate_tasks.sql. */
  readonly action: string
  /** Null: the whole task. */
  readonly steps: readonly string[] | null
  /** JSON text. */
  readonly result: string
  readonly moreAttempts: number
  readonly limit: number | null
  /** The last number of the task's history, else nothing is changed; null: whatever it is. */
  readonly expectedRevision: number | null
  readonly actor: string
  readonly reason: string
  /** One refusal, and nothing is changed. */
  readonly isWhole: boolean
  /** Nothing is changed; the answer is what would have happened. */
  readonly isTrial: boolean
  /** Of a whole task: the steps that end with it too. Default false: it may have many. */
  readonly listsSettled?: boolean
  readonly now: Date | null
}

export interface MovedStep {
  readonly step: string
  readonly stepNo: number
  readonly claimNo: number
  readonly from: StepState
  readonly to: StepState
  /** `asked`: it was named. `descent`: it depends on one that was cancelled. `release`: its last parent was satisfied. */
  readonly by: 'asked' | 'descent' | 'release'
}

export interface RefusedStep {
  readonly step: string
  /** Null: the task has no such step. */
  readonly from: StepState | null
  /** It stands in the due table, for now or for later. */
  readonly isScheduled: boolean
  /** It may be claimed already. */
  readonly isDue: boolean
  readonly attempts: number | null
}

/** What an action meant for one task. */
export interface Operated {
  readonly taskId: TaskId
  readonly definitionId: DefinitionId
  readonly namespace: string
  readonly name: string
  readonly version: string
  readonly from: TaskState
  readonly to: TaskState
  readonly isHeld: boolean
  readonly createdAt: Date
  /** The last number of its history. */
  readonly seq: number
  /** Another number was expected, so nothing was changed. */
  readonly isOutdated: boolean
  /** Null: nothing was changed. */
  readonly steps: readonly MovedStep[] | null
  /** Steps that ended with their task, if they were asked for. */
  readonly settled: readonly MovedStep[]
  readonly refused: readonly RefusedStep[]
}

interface MovedRow {
  readonly step: string
  readonly step_no: number
  readonly claim_no: number
  readonly from: StepState
  readonly to: StepState
  readonly by: MovedStep['by']
}

// What operate_tasks.sql builds.
interface OperatedRow {
  readonly task_id: TaskId
  readonly definition_id: DefinitionId
  readonly namespace: string
  readonly name: string
  readonly version: string
  readonly from: TaskState
  readonly to: TaskState
  readonly held: boolean
  readonly created_at: string
  readonly seq: number
  readonly is_outdated?: boolean
  readonly steps: readonly MovedRow[] | null
  readonly settled?: readonly MovedRow[] | null
  readonly refused: readonly {
    step: string
    from: StepState | null
    is_scheduled: boolean
    is_due?: boolean
    attempts?: number
  }[]
}

/** One row per task that exists. */
export async function operateTasks(database: Database, call: OperateCall): Promise<Operated[]> {
  const order = JSON.stringify({
    action: call.action,
    steps: call.steps,
    more_attempts: call.moreAttempts,
    limit: call.limit,
    lists_settled: call.listsSettled ?? false,
    expected_seq: call.expectedRevision,
  })
  const rows = await database.run(
    'operate_tasks',
    `select operate_tasks as row from ${database.schema}.operate_tasks($1::jsonb, $2, $3, $4, $5, $6, $7)`,
    [
      `${order.slice(0, -1)},"result":${call.result}}`,
      call.taskIds,
      call.actor,
      call.reason,
      call.isWhole,
      call.isTrial,
      call.now,
    ],
  )
  return rows.map(({ row }) => readOperated(row as OperatedRow))
}

const readOperated = (row: OperatedRow): Operated => ({
  taskId: row.task_id,
  definitionId: row.definition_id,
  namespace: row.namespace,
  name: row.name,
  version: row.version,
  from: row.from,
  to: row.to,
  isHeld: row.held,
  createdAt: new Date(row.created_at),
  seq: row.seq,
  isOutdated: row.is_outdated ?? false,
  steps: row.steps?.map(readMoved) ?? null,
  settled: row.settled?.map(readMoved) ?? [],
  refused: row.refused.map(({ step, from, is_scheduled, is_due, attempts }) => ({
    step,
    from,
    isScheduled: is_scheduled,
    isDue: is_due ?? false,
    attempts: attempts ?? null,
  })),
})

const readMoved = ({ step, step_no, claim_no, from, to, by }: MovedRow): MovedStep => ({
  step,
  stepNo: step_no,
  claimNo: claim_no,
  from,
  to,
  by,
})

export interface RerunCall {
  readonly taskId: TaskId
  readonly newTaskId: TaskId
  readonly from: readonly string[]
  readonly inputs: Readonly<Record<string, Json>>
  /** JSON text; null: that of the old task. */
  readonly context: string | null
  readonly actor: string
  readonly reason: string
  readonly isTrial: boolean
  readonly now: Date | null
  /** Of the new task; its correlation id is that of the old one. */
  readonly traceParent: string | null
}

export interface RerunStep {
  readonly step: string
  /** It runs; else its result is taken over. */
  readonly runs: boolean
  /** Its state in the old task. */
  readonly was: StepState
}

/** Null: there is no such task. `steps` is null when the task has not ended. */
export async function rerunTask(
  database: Database,
  call: RerunCall,
): Promise<{ readonly from: TaskState; readonly steps: readonly RerunStep[] | null } | null> {
  const rows = await database.run(
    'rerun_task',
    `select * from ${database.schema}.rerun_task($1, $2, $3, $4::jsonb, $5::jsonb, $6, $7, $8, $9, $10)`,
    [
      call.taskId,
      call.newTaskId,
      call.from,
      JSON.stringify(call.inputs),
      call.context,
      call.actor,
      call.reason,
      call.isTrial,
      call.now,
      call.traceParent,
    ],
  )
  const first = rows[0]
  if (first === undefined) return null
  return {
    from: first['old_state'] as TaskState, // the check constraints of tasks and workflow_steps
    steps:
      first['step'] === null
        ? null
        : rows.map((row) => ({
            step: row['step'] as string,
            runs: row['is_run'] === true,
            was: row['step_state'] as StepState,
          })),
  }
}

/** Whether anything changed; null: there is no such namespace. */
export async function holdNamespace(
  database: Database,
  call: {
    readonly namespace: string
    readonly isHeld: boolean
    readonly actor: string
    readonly reason: string
    readonly now: Date | null
  },
): Promise<boolean | null> {
  const rows = await database.run(
    'hold_namespace',
    `select is_changed from ${database.schema}.hold_namespace($1, $2, $3, $4, $5)`,
    [call.namespace, call.isHeld, call.actor, call.reason, call.now],
  )
  const row = rows[0]
  return row === undefined ? null : row['is_changed'] === true
}

export interface NamespaceRow {
  readonly name: string
  readonly description: string
  /** Since when none of its steps start; null: they do. */
  readonly heldAt: Date | null
  readonly heldBy: string | null
  readonly heldReason: string | null
}

/** By name. */
export async function readNamespaces(database: Database): Promise<NamespaceRow[]> {
  const rows = await database.run(
    'read_namespaces',
    `select n.name, n.description, n.held_at, n.held_by, n.held_reason
     from ${database.schema}.task_namespaces n
     order by n.name`,
    [],
  )
  return rows.map((row) => ({
    name: row['name'] as string,
    description: row['description'] as string,
    heldAt: row['held_at'] as Date | null,
    heldBy: row['held_by'] as string | null,
    heldReason: row['held_reason'] as string | null,
  }))
}

export interface NamespaceChange {
  readonly to: 'held' | 'running'
  readonly actor: string
  readonly reason: string
  readonly at: Date
}

/** Holds and resumes of one namespace, oldest first. */
export async function readNamespaceHistory(
  database: Database,
  namespace: string,
): Promise<NamespaceChange[]> {
  const { schema } = database
  const rows = await database.run(
    'read_namespace_history',
    `select h.to_state, h.actor, h.reason, h.at
     from ${schema}.namespace_transitions h
     join ${schema}.task_namespaces n on n.namespace_id = h.namespace_id
     where n.name = $1
     order by h.seq`,
    [namespace],
  )
  return rows.map((row) => ({
    to: row['to_state'] as NamespaceChange['to'], // its check constraint
    actor: row['actor'] as string,
    reason: row['reason'] as string,
    at: row['at'] as Date,
  }))
}
