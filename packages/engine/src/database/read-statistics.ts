// Reads of all tasks together: health counts, analytics, the slowest tasks and steps; and the levels of one task's graph.
// Each is one SQL function; what its numbers mean stands in the function's header, in sql/functions.
import type { TaskId } from '../ids.ts'
import type { StepState, TaskState } from '../states.ts'
import type { Database } from './connect.ts'

export interface HealthCounts {
  readonly tasks: { readonly total: number } & Readonly<Record<TaskState, number>>
  readonly steps: { readonly total: number } & Readonly<Record<StepState, number>>
  /** Steps in error, told apart: `retryable` will be tried again, `inBackoff` are those of them whose time has not come. */
  readonly errors: {
    readonly retryable: number
    readonly inBackoff: number
    /** No retry will come. */
    readonly exhausted: number
  }
  /** Of the server: sessions of this database that run a statement now, and sessions it allows. */
  readonly connections: { readonly active: number; readonly max: number }
}

export async function readHealthCounts(database: Database, at: Date | null): Promise<HealthCounts> {
  const [row] = await database.run(
    'system_health_counts',
    `select * from ${database.schema}.system_health_counts($1)`,
    [at],
  )
  const count = (name: string): number => Number(row?.[name]) // bigint arrives as text
  return {
    tasks: {
      total: count('total_tasks'),
      pending: count('pending_tasks'),
      in_progress: count('in_progress_tasks'),
      complete: count('complete_tasks'),
      error: count('error_tasks'),
      cancelled: count('cancelled_tasks'),
      resolved_manually: count('resolved_manually_tasks'),
    },
    steps: {
      total: count('total_steps'),
      pending: count('pending_steps'),
      in_progress: count('in_progress_steps'),
      complete: count('complete_steps'),
      error: count('error_steps'),
      cancelled: count('cancelled_steps'),
      resolved_manually: count('resolved_manually_steps'),
      skipped: count('skipped_steps'),
    },
    errors: {
      retryable: count('retryable_error_steps'),
      inBackoff: count('in_backoff_steps'),
      exhausted: count('exhausted_retry_steps'),
    },
    connections: { active: count('active_connections'), max: count('max_connections') },
  }
}

/** Which tasks: created since then, of this namespace, name and version. Null: the function's default, or all. */
export interface StatisticsScope {
  readonly since: Date | null
  readonly namespace: string | null
  readonly name: string | null
  readonly version: string | null
}

export interface AnalyticsMetrics {
  /** The full minute that the window begins with. */
  readonly since: Date
  readonly at: Date
  /** In progress now, whenever they were created. */
  readonly activeTasks: number
  /** Namespaces and names of which there is a task now. */
  readonly namespaces: number
  readonly taskTypes: number
  /** Tasks created in the window, with their steps; and how many of them are complete and in error. */
  readonly tasks: number
  readonly steps: number
  readonly completeTasks: number
  readonly errorTasks: number
  /** Per cent of `tasks`. */
  readonly completionRate: number
  readonly errorRate: number
  /** 1 - errorTasks / tasks; 1 without a task. */
  readonly healthScore: number
  /** Averages; null of nothing. Of complete tasks, from creation to end. */
  readonly taskDurationMs: number | null
  /** Of complete steps, from start to end of the last attempt. */
  readonly stepDurationMs: number | null
  /** Of complete steps, from the creation of the task to that start: parents, retries and queueing. */
  readonly stepWaitMs: number | null
}

export async function readAnalytics(
  database: Database,
  { since, namespace, name, version }: StatisticsScope,
  at: Date | null,
): Promise<AnalyticsMetrics> {
  const [row = {}] = await database.run(
    'analytics_metrics',
    `select * from ${database.schema}.analytics_metrics($1, $2, $3, $4, $5)`,
    [since, at, namespace, name, version],
  )
  return {
    since: row['analysis_period_start'] as Date, // timestamptz
    at: row['calculated_at'] as Date,
    activeTasks: Number(row['active_tasks_count']),
    namespaces: Number(row['total_namespaces_count']),
    taskTypes: Number(row['unique_task_types_count']),
    tasks: Number(row['task_throughput']),
    steps: Number(row['step_throughput']),
    completeTasks: Number(row['completion_count']),
    errorTasks: Number(row['error_count']),
    completionRate: Number(row['completion_rate']),
    errorRate: Number(row['error_rate']),
    healthScore: Number(row['system_health_score']),
    taskDurationMs: toMs(row['avg_task_duration']),
    stepDurationMs: toMs(row['avg_step_duration']),
    stepWaitMs: toMs(row['avg_step_wait']),
  }
}

export interface SlowTask {
  readonly taskId: TaskId
  readonly namespace: string
  readonly name: string
  readonly version: string
  readonly state: TaskState
  /** From creation to end. */
  readonly durationMs: number
  readonly stepCount: number
  readonly completedSteps: number
  readonly errorSteps: number
  readonly createdAt: Date
  readonly endedAt: Date
  readonly initiator: string
  readonly sourceSystem: string
}

export async function readSlowestTasks(
  database: Database,
  call: SlowestCall,
): Promise<readonly SlowTask[]> {
  const rows = await database.run(
    'slowest_tasks',
    `select * from ${database.schema}.slowest_tasks($1, $2, $3, $4, $5, $6)`,
    slowestValues(call),
  )
  // Casts: columns with the types and checks of sql/migrations.
  return rows.map((row) => ({
    taskId: row['task_id'] as TaskId,
    namespace: row['namespace_name'] as string,
    name: row['task_name'] as string,
    version: row['version'] as string,
    state: row['state'] as TaskState,
    durationMs: toMs(row['duration_seconds']) ?? 0,
    stepCount: Number(row['step_count']),
    completedSteps: Number(row['completed_steps']),
    errorSteps: Number(row['error_steps']),
    createdAt: row['created_at'] as Date,
    endedAt: row['completed_at'] as Date,
    initiator: row['initiator'] as string,
    sourceSystem: row['source_system'] as string,
  }))
}

export interface SlowStep {
  readonly taskId: TaskId
  readonly step: string
  readonly namespace: string
  readonly name: string
  readonly version: string
  /** From start to end of its last attempt. */
  readonly durationMs: number
  /** From the creation of its task to its end. */
  readonly totalMs: number
  readonly attempts: number
  readonly isRetryable: boolean
  /** When its task was created. */
  readonly createdAt: Date
  readonly endedAt: Date
}

export async function readSlowestSteps(
  database: Database,
  call: SlowestCall,
): Promise<readonly SlowStep[]> {
  const rows = await database.run(
    'slowest_steps',
    `select * from ${database.schema}.slowest_steps($1, $2, $3, $4, $5, $6)`,
    slowestValues(call),
  )
  return rows.map((row) => ({
    taskId: row['task_id'] as TaskId,
    step: row['step_name'] as string,
    namespace: row['namespace_name'] as string,
    name: row['task_name'] as string,
    version: row['version'] as string,
    durationMs: toMs(row['duration_seconds']) ?? 0,
    totalMs: toMs(row['total_seconds']) ?? 0,
    attempts: row['attempts'] as number,
    isRetryable: row['retryable'] === true,
    createdAt: row['created_at'] as Date,
    endedAt: row['completed_at'] as Date,
  }))
}

export interface StepLevel {
  readonly step: string
  readonly stepNo: number
  /** 0 without parents, else one more than the highest of its parents. */
  readonly level: number
}

/** By level, then in the order of declaration; none for a task that is not there. */
export async function readDependencyLevels(
  database: Database,
  taskId: TaskId,
): Promise<readonly StepLevel[]> {
  const rows = await database.run(
    'calculate_dependency_levels',
    `select step_no, name, dependency_level from ${database.schema}.calculate_dependency_levels($1)`,
    [taskId],
  )
  return rows.map((row) => ({
    step: row['name'] as string,
    stepNo: row['step_no'] as number,
    level: row['dependency_level'] as number,
  }))
}

interface SlowestCall {
  readonly scope: StatisticsScope
  readonly limit: number
  readonly at: Date | null
}

const slowestValues = ({ scope, limit, at }: SlowestCall): readonly unknown[] => [
  scope.since,
  limit,
  scope.namespace,
  scope.name,
  scope.version,
  at,
]

/** Notes all ended tasks for the roll-up again. Nobody ends a task meanwhile. */
export async function recountTasks(database: Database): Promise<void> {
  await database.run('recount_tasks', `select ${database.schema}.recount_tasks()`, [])
}

/** Seconds as numeric, which arrives as text, with three decimals. */
const toMs = (seconds: unknown): number | null =>
  seconds === null ? null : Math.round(Number(seconds) * 1000)
