// The rules of Prometheus: what is worth recording, and what somebody should be called for. What each alert means and what to
// do is docs/guides/alerts.md.
import { gauge, grown, once, quantile, rate, sumBy } from './promql.ts'

export interface Recording {
  readonly record: string
  readonly expression: string
}

export interface Alert {
  readonly name: string
  /** What is looked at; with `fires` it is the expression. */
  readonly value: string
  /** The comparison: `> 0`. */
  readonly fires: string
  /** How long it has to be so. */
  readonly holdsFor: string
  readonly severity: 'critical' | 'warning'
  readonly summary: string
  readonly description: string
}

const byTask = ['namespace', 'task']
const byProcess = ['job', 'instance']

export const recordings: readonly Recording[] = [
  {
    record: 'tasker:tasks_completed:rate5m',
    expression: sumBy(byTask, rate('tasks_completed_total', '5m')),
  },
  {
    record: 'tasker:tasks_failed:rate5m',
    expression: sumBy(byTask, rate('tasks_failed_total', '5m')),
  },
  {
    record: 'tasker:step_attempts:rate5m',
    expression: sumBy(byTask, rate('steps_started_total', '5m')),
  },
  {
    record: 'tasker:step_failures:rate5m',
    expression: sumBy(byTask, rate('steps_failed_total', '5m')),
  },
  {
    record: 'tasker:step_failures:ratio_rate5m',
    expression: 'tasker:step_failures:rate5m / (tasker:step_attempts:rate5m > 0)',
  },
  {
    record: 'tasker:task_duration_seconds:p95_rate5m',
    expression: quantile(0.95, { of: 'task_duration_seconds', window: '5m', by: byTask }),
  },
  {
    record: 'tasker:step_duration_seconds:p95_rate5m',
    expression: quantile(0.95, {
      of: 'step_duration_seconds',
      window: '5m',
      by: [...byTask, 'step'],
    }),
  },
  {
    record: 'tasker:queue_age_seconds:max',
    expression: once(['namespace'], gauge('queue_age_seconds')),
  },
]

export const alerts: readonly Alert[] = [
  {
    name: 'TaskerNoLiveWorker',
    value: once([], gauge('workers_live')),
    fires: '< 1',
    holdsFor: '2m',
    severity: 'critical',
    summary: 'No worker of Tasker is live.',
    description: 'No worker renews its lease, so no step runs. Tasks wait and are not lost.',
  },
  {
    name: 'TaskerDueStepsWait',
    value: 'tasker:queue_age_seconds:max',
    fires: '> 300',
    holdsFor: '10m',
    severity: 'warning',
    summary: 'Due steps of {{ $labels.namespace }} wait for a worker.',
    description: 'The oldest has been due for {{ $value | humanizeDuration }}.',
  },
  {
    name: 'TaskerTasksBlocked',
    value: once(['namespace'], gauge('tasks_blocked')),
    fires: '> 0',
    holdsFor: '15m',
    severity: 'warning',
    summary: 'Tasks of {{ $labels.namespace }} are blocked.',
    description: '{{ $value }} open tasks have a step that failed for good.',
  },
  {
    name: 'TaskerStepsFail',
    value: 'tasker:step_failures:ratio_rate5m',
    fires: '> 0.25',
    holdsFor: '10m',
    severity: 'warning',
    summary: 'Many attempts of {{ $labels.namespace }}/{{ $labels.task }} fail.',
    description: '{{ $value | humanizePercentage }} of the attempts of the last 5 minutes failed.',
  },
  {
    name: 'TaskerRetriesExhausted',
    value: grown('steps_retries_exhausted_total', '15m', [...byTask, 'step']),
    fires: '> 0',
    holdsFor: '0m',
    severity: 'warning',
    summary:
      'Step {{ $labels.step }} of {{ $labels.namespace }}/{{ $labels.task }} has no attempts left.',
    description: 'In the last 15 minutes {{ $value }} steps failed with their last attempt.',
  },
  {
    name: 'TaskerWorkerLost',
    value: grown('steps_rescued_total', '15m', []),
    fires: '> 0',
    holdsFor: '0m',
    severity: 'warning',
    summary: 'A worker was lost with steps in hand.',
    description: 'In the last 15 minutes {{ $value }} steps were taken over; they run again.',
  },
  {
    name: 'TaskerEventLoopLate',
    value: once(byProcess, gauge('event_loop_delay_p99_seconds')),
    fires: '> 0.25',
    holdsFor: '5m',
    severity: 'warning',
    summary: 'The event loop of {{ $labels.instance }} is late.',
    description: 'One turn in a hundred comes {{ $value | humanizeDuration }} late or more.',
  },
  {
    name: 'TaskerPoolExhausted',
    value: once([...byProcess, 'pool'], gauge('database_connections_waiting')),
    fires: '> 0',
    holdsFor: '5m',
    severity: 'warning',
    summary:
      'Callers in {{ $labels.instance }} wait for a connection of the pool {{ $labels.pool }}.',
    description: '{{ $value }} wait now, and some have waited at every look for 5 minutes.',
  },
  {
    name: 'TaskerStatementsSlow',
    value: quantile(0.95, { of: 'sql_duration_seconds', window: '5m', by: ['statement'] }),
    fires: '> 1',
    holdsFor: '10m',
    severity: 'warning',
    summary: 'The statement {{ $labels.statement }} is slow.',
    description: 'One in twenty takes {{ $value | humanizeDuration }} or longer.',
  },
  {
    name: 'TaskerSubscriberErrors',
    value: grown('event_subscriber_errors_total', '15m', ['event', 'subscriber']),
    fires: '> 0',
    holdsFor: '0m',
    severity: 'warning',
    summary: 'The subscriber {{ $labels.subscriber }} fails at {{ $labels.event }}.',
    description: 'In the last 15 minutes {{ $value }} deliveries ended in an error.',
  },
  {
    name: 'TaskerScrapesIncomplete',
    value: grown('metrics_export_errors_total', '15m', byProcess),
    fires: '> 0',
    holdsFor: '5m',
    severity: 'warning',
    summary: 'The database did not answer {{ $labels.instance }} at a scrape.',
    description: 'Values read from the database were left out of {{ $value }} scrapes.',
  },
  {
    name: 'TaskerTargetDown',
    value: `(up and on (job, instance) max_over_time(${gauge('build_info')}[1h]))`,
    fires: '== 0',
    holdsFor: '5m',
    severity: 'warning',
    summary: 'Prometheus cannot scrape {{ $labels.instance }}.',
    description: 'Within the last hour it answered as a process of Tasker.',
  },
  {
    name: 'TaskerNotScraped',
    value: `(count(${gauge('build_info')}) or vector(0))`,
    fires: '== 0',
    holdsFor: '5m',
    severity: 'critical',
    summary: 'Prometheus scrapes no process of Tasker.',
    description: 'All other alerts of Tasker are blind meanwhile.',
  },
]

/** Of an alert, in the documentation of this repository. */
export const runbookOf = (alert: string): string => `docs/guides/alerts.md#${alert.toLowerCase()}`
