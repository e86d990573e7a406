// The statistics computed again, naively, from dumps of the tables: what the SQL functions must answer at any moment.
import type {
  AnalyticsMetrics,
  HealthCounts,
  SlowStep,
  SlowTask,
} from '../../src/database/read-statistics.ts'
import { stepStates, taskStates, type StepState, type TaskState } from '../../src/states.ts'
import type { TaskId } from '../../src/ids.ts'

interface DumpedTask {
  readonly task_id: TaskId
  readonly definition_id: number
  readonly graph_id: string
  readonly state: TaskState
  readonly initiator: string
  readonly source_system: string
  readonly created_at: Date
  readonly ended_at: Date | null
}

interface DumpedStep {
  readonly task_id: TaskId
  readonly step_no: number
  readonly state: StepState
  readonly attempts: number
  readonly started_at: Date | null
  readonly ended_at: Date | null
}

interface DumpedDefinition {
  readonly definition_id: number
  readonly namespace: string
  readonly name: string
  readonly version: string
}

export interface Dump {
  readonly tasks: readonly DumpedTask[]
  readonly steps: readonly DumpedStep[]
  readonly due: readonly { task_id: TaskId; step_no: number; run_at: Date }[]
  readonly definitions: readonly DumpedDefinition[]
  readonly graphs: readonly {
    graph_id: string
    step_no: number
    name: string
    retryable: boolean
  }[]
}

export interface Scope {
  readonly since: Date
  readonly namespace?: string
  readonly name?: string
  readonly version?: string
}

/** Where the tables are: a connection that answers with rows. */
export interface Ask {
  query(text: string): Promise<readonly unknown[]>
}

export async function dump(on: Ask): Promise<Dump> {
  await on.query("set datestyle to 'ISO'") // the one style that the driver reads
  // Casts: rows of the tables, with the types and checks of sql/migrations.
  return {
    tasks: (await on.query('select * from tasker.tasks')) as Dump['tasks'],
    steps: (await on.query(
      'select * from tasker.workflow_steps where step_no > 0',
    )) as Dump['steps'],
    due: (await on.query('select * from tasker.due')) as Dump['due'],
    definitions: (await on.query(
      `select d.definition_id, n.name as namespace, m.name, d.version
       from tasker.definitions d, tasker.named_tasks m, tasker.task_namespaces n
       where m.named_task_id = d.named_task_id and n.namespace_id = m.namespace_id`,
    )) as Dump['definitions'],
    graphs: (await on.query('select * from tasker.graph_steps')) as Dump['graphs'],
  }
}

export function healthOf({ tasks, steps, due }: Dump, at: Date): Omit<HealthCounts, 'connections'> {
  const failed = steps.filter(({ state }) => state === 'error')
  const retries = failed.flatMap((step) => due.filter((row) => isOf(row, step)))
  return {
    tasks: { total: tasks.length, ...countEach(taskStates, tasks) },
    steps: { total: steps.length, ...countEach(stepStates, steps) },
    errors: {
      retryable: retries.length,
      inBackoff: retries.filter(({ run_at: runAt }) => runAt > at).length,
      exhausted: failed.length - retries.length,
    },
  }
}

export function analyticsOf(all: Dump, scope: Scope, at: Date): AnalyticsMetrics {
  const scoped = all.tasks.filter((task) => isOfScope(all, task, scope))
  const definitions = scoped.map((task) => definitionOf(all, task))
  const since = new Date(Math.floor(scope.since.getTime() / 60_000) * 60_000)
  const tasks = scoped.filter(({ created_at: createdAt }) => createdAt >= since)
  const steps = tasks.flatMap((task) => all.steps.filter((step) => step.task_id === task.task_id))
  const complete = tasks.filter(({ state }) => state === 'complete')
  const error = tasks.filter(({ state }) => state === 'error')
  const ran = tasks.flatMap((task) =>
    steps
      .filter((step) => step.task_id === task.task_id && hasRun(task, step))
      .map((step) => ({ task, step })),
  )
  return {
    since,
    at,
    activeTasks: scoped.filter(({ state }) => state === 'in_progress').length,
    namespaces: new Set(definitions.map(({ namespace }) => namespace)).size,
    taskTypes: new Set(definitions.map(({ namespace, name }) => `${namespace}/${name}`)).size,
    tasks: tasks.length,
    steps: steps.length,
    completeTasks: complete.length,
    errorTasks: error.length,
    completionRate: share(complete.length, tasks.length, 100, 2) ?? 0,
    errorRate: share(error.length, tasks.length, 100, 2) ?? 0,
    healthScore: share(tasks.length - error.length, tasks.length, 1, 3) ?? 1,
    taskDurationMs: average(complete.map((task) => ms(task.ended_at) - ms(task.created_at))),
    stepDurationMs: average(ran.map(({ step }) => ms(step.ended_at) - ms(step.started_at))),
    stepWaitMs: average(ran.map(({ task, step }) => ms(step.started_at) - ms(task.created_at))),
  }
}

/** All of them, the slowest first. */
export function slowestTasksOf(all: Dump, scope: Scope): readonly SlowTask[] {
  return all.tasks
    .filter((task) => isOfScope(all, task, scope) && task.created_at >= scope.since)
    .filter(({ state }) => state === 'complete' || state === 'error')
    .map((task) => {
      const steps = all.steps.filter((step) => step.task_id === task.task_id)
      const counts = countEach(stepStates, steps)
      return {
        taskId: task.task_id,
        ...addressOf(all, task),
        state: task.state,
        durationMs: ms(task.ended_at) - ms(task.created_at),
        stepCount: steps.length,
        completedSteps: counts.complete + counts.resolved_manually + counts.skipped,
        errorSteps: counts.error,
        createdAt: task.created_at,
        endedAt: task.ended_at ?? never(),
        initiator: task.initiator,
        sourceSystem: task.source_system,
      }
    })
    .toSorted((a, b) => b.durationMs - a.durationMs || compare(a.taskId, b.taskId))
}

/** All of them, the slowest first. */
export function slowestStepsOf(all: Dump, scope: Scope): readonly SlowStep[] {
  return all.tasks
    .filter((task) => isOfScope(all, task, scope) && task.created_at >= scope.since)
    .flatMap((task) => {
      const steps = all.steps.filter((step) => step.task_id === task.task_id && hasRun(task, step))
      return steps.map((step) => {
        const planned = all.graphs.find(
          (row) => row.graph_id === task.graph_id && row.step_no === step.step_no,
        )
        return {
          taskId: task.task_id,
          step: planned?.name ?? never(),
          ...addressOf(all, task),
          durationMs: ms(step.ended_at) - ms(step.started_at),
          totalMs: ms(step.ended_at) - ms(task.created_at),
          attempts: step.attempts,
          isRetryable: planned?.retryable ?? never(),
          createdAt: task.created_at,
          endedAt: step.ended_at ?? never(),
          stepNo: step.step_no,
        }
      })
    })
    .filter(({ durationMs }) => durationMs > 0)
    .toSorted(
      (a, b) => b.durationMs - a.durationMs || compare(a.taskId, b.taskId) || a.stepNo - b.stepNo,
    )
    .map(({ stepNo: _, ...step }) => step)
}

/** Durations of the complete tasks that ended, and of their steps that ran, of the tasks of a scope created since the full minute. */
export function durationsOf(all: Dump, scope: Scope) {
  const since = Math.floor(scope.since.getTime() / 60_000) * 60_000
  const ended = all.tasks.filter(
    (task) => isOfScope(all, task, scope) && ms(task.created_at) >= since && task.ended_at !== null,
  )
  const tasks = ended
    .filter(({ state }) => state === 'complete')
    .map((task) => ms(task.ended_at) - ms(task.created_at))
  const steps = ended.flatMap((task) =>
    all.steps
      .filter((step) => step.task_id === task.task_id && hasRun(task, step))
      .map((step) => ms(step.ended_at) - ms(step.started_at)),
  )
  return { ended: ended.map((task) => task.task_id), tasks, steps }
}

/** A step that a rerun took over is complete and did not run. */
const hasRun = (task: DumpedTask, step: DumpedStep): boolean =>
  step.state === 'complete' && step.started_at !== null && step.started_at >= task.created_at

function isOfScope(all: Dump, task: DumpedTask, scope: Scope): boolean {
  const { namespace, name, version } = definitionOf(all, task)
  return (
    (scope.namespace ?? namespace) === namespace &&
    (scope.name ?? name) === name &&
    (scope.version ?? version) === version
  )
}

const definitionOf = (all: Dump, task: DumpedTask): DumpedDefinition =>
  all.definitions.find((row) => row.definition_id === task.definition_id) ?? never()

function addressOf(all: Dump, task: DumpedTask) {
  const { namespace, name, version } = definitionOf(all, task)
  return { namespace, name, version }
}

const isOf = (
  row: { readonly task_id: TaskId; readonly step_no: number },
  step: DumpedStep,
): boolean => row.task_id === step.task_id && row.step_no === step.step_no

function countEach<State extends string>(
  states: readonly State[],
  rows: readonly { readonly state: State }[],
): Record<State, number> {
  const counts = states.map((state) => [state, rows.filter((row) => row.state === state).length])
  return Object.fromEntries(counts) as Record<State, number> // each state once
}

const average = (values: readonly number[]): number | null =>
  values.length === 0
    ? null
    : Math.round(values.reduce((sum, value) => sum + value, 0) / values.length)

const share = (part: number, whole: number, of: number, decimals: number): number | null =>
  whole === 0 ? null : Math.round((part * of * 10 ** decimals) / whole) / 10 ** decimals

const ms = (time: Date | null): number => (time ?? never()).getTime()

const compare = (a: string, b: string): number => (a < b ? -1 : 1)

function never(): never {
  throw new Error('The dump does not hold together.')
}
