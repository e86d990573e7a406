// `tasker stats`: all tasks and steps by state, what became of the tasks of a window, and the slowest of them.
import {
  count,
  formatAddress,
  formatDuration,
  stepStates,
  systemClock,
  type AnalyticsMetrics,
  type HealthCounts,
  type SlowStep,
  type SlowTask,
  type StepState,
} from '@tasker/engine'
import { formatTable, type Column } from '../columns.ts'
import type { ExitCode } from '../failure.ts'
import type { CommandContext } from '../program.ts'
import type { Terminal } from '../terminal.ts'
import { withTasker } from '../with-tasker.ts'
import { formatTime, paintState } from '../wording.ts'

export interface StatsOptions {
  /** Milliseconds. */
  readonly since?: number
  readonly namespace?: string
  readonly name?: string
  readonly slowest?: boolean
  readonly limit: number
  readonly recount?: boolean
}

export async function stats(command: CommandContext, options: StatsOptions): Promise<ExitCode> {
  const { terminal } = command
  const { slowest, limit, recount } = options
  const filter = filterOf(options)
  return withTasker(command, async ({ reports }) => {
    if (recount === true) {
      await reports.recount()
      terminal.log('Counting anew: a worker adds all ended tasks up again.')
    }
    const [health, analytics, slowestTasks, slowestSteps] = await Promise.all([
      reports.health(),
      reports.analytics(filter),
      slowest === true ? reports.slowestTasks({ ...filter, limit }) : null,
      slowest === true ? reports.slowestSteps({ ...filter, limit }) : null,
    ])
    terminal.document({
      health,
      analytics,
      ...(slowestTasks === null ? {} : { slowestTasks, slowestSteps }),
    })
    if (terminal.isJson) return 0
    terminal.print(
      [
        formatHealth(health, terminal),
        formatAnalytics(analytics, options),
        ...(slowestTasks === null ? [] : [formatSlowTasks(slowestTasks, terminal)]),
        ...(slowestSteps === null ? [] : [formatSlowSteps(slowestSteps, terminal)]),
      ].join('\n\n'),
    )
    return 0
  })
}

function filterOf({ since, namespace, name }: StatsOptions) {
  return {
    ...(since === undefined ? {} : { since: new Date(systemClock.nowMs() - since) }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
  }
}

const grouped = (amount: number): string => amount.toLocaleString('en')

function formatHealth(health: HealthCounts, { paint, width }: Terminal): string {
  const { tasks, steps, errors, connections } = health
  const columns: readonly Column<StepState | 'total'>[] = [
    {
      title: 'State',
      text: (state) => state,
      paint: (text, state) => (state === 'total' ? text : paintState(text, state, paint)),
    },
    {
      title: 'Tasks',
      text: (state) => (state === 'skipped' ? '' : grouped(tasks[state])), // a task is never skipped
      align: 'right',
    },
    { title: 'Steps', text: (state) => grouped(steps[state]), align: 'right' },
  ]
  const table = formatTable([...stepStates, 'total'], columns, { width, paintTitle: paint.dim })
  return [
    table,
    '',
    `Steps in error: ${grouped(errors.retryable)} to be tried again (${grouped(errors.inBackoff)} not yet due), ${grouped(errors.exhausted)} for good.`,
    `Connections: ${connections.active} active of ${connections.max}.`,
  ].join('\n')
}

function formatAnalytics(metrics: AnalyticsMetrics, { namespace, name }: StatsOptions): string {
  const of = [namespace ?? '', name ?? ''].filter((part) => part !== '').join('/')
  const { tasks, steps, completeTasks, errorTasks, completionRate, errorRate } = metrics
  const average = (ms: number | null): string => (ms === null ? '–' : formatDuration(ms))
  return [
    `Created since ${formatTime(metrics.since)}${of === '' ? '' : ` (${of})`}: ${count(tasks, 'task')} with ${count(steps, 'step')}.`,
    `Complete ${grouped(completeTasks)} (${completionRate} %), in error ${grouped(errorTasks)} (${errorRate} %).`,
    `On average a task took ${average(metrics.taskDurationMs)}; a step waited ${average(metrics.stepWaitMs)} and ran ${average(metrics.stepDurationMs)}.`,
  ].join('\n')
}

function formatSlowTasks(tasks: readonly SlowTask[], { paint, width }: Terminal): string {
  if (tasks.length === 0) return 'No task of that time has ended.'
  const columns: readonly Column<SlowTask>[] = [
    { title: 'Slowest tasks', text: (task) => task.taskId },
    { title: 'Definition', text: formatAddress },
    {
      title: 'State',
      text: (task) => task.state,
      paint: (text, task) => paintState(text, task.state, paint),
    },
    { title: 'Took', text: (task) => formatDuration(task.durationMs), align: 'right' },
    { title: 'Steps', text: (task) => `${task.completedSteps}/${task.stepCount}`, align: 'right' },
    { title: 'Created', text: (task) => formatTime(task.createdAt), paint: paint.dim },
  ]
  return formatTable(tasks, columns, { width, paintTitle: paint.dim })
}

function formatSlowSteps(steps: readonly SlowStep[], { paint, width }: Terminal): string {
  if (steps.length === 0) return 'No step of that time is complete.'
  const columns: readonly Column<SlowStep>[] = [
    { title: 'Slowest steps', text: (step) => step.step },
    { title: 'Definition', text: formatAddress },
    { title: 'Ran', text: (step) => formatDuration(step.durationMs), align: 'right' },
    { title: 'Since creation', text: (step) => formatDuration(step.totalMs), align: 'right' },
    { title: 'Attempts', text: (step) => String(step.attempts), align: 'right' },
    { title: 'Task', text: (step) => step.taskId, paint: paint.dim },
  ]
  return formatTable(steps, columns, { width, paintTitle: paint.dim })
}
