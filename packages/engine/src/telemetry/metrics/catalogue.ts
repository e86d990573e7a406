// Every metric by its name without the prefix: type, labels, and what it says. docs/reference/metrics.md is generated from
// it. What feeds them stands in from-events.ts and at-scrape.ts.

export type MetricType = 'counter' | 'gauge' | 'histogram'

export interface MetricEntry {
  readonly type: MetricType
  readonly labels: readonly string[]
  readonly help: string
  /** Upper bounds, of a histogram. */
  readonly buckets?: readonly number[]
  /** Read from the database at a scrape, so that every process says the same. */
  readonly isShared?: true
  /** What a gauge of several processes is together, where they are not told apart. */
  readonly across?: 'sum' | 'max'
}

const ofTask = ['namespace', 'task', 'version'] as const
const ofStep = ['namespace', 'task', 'step'] as const

/** Steps often last minutes, and tasks hours. */
const seconds = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600,
]
/** Operations and statements of the engine take milliseconds. */
const shortSeconds = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
]
const kibi = 1_024
const mebi = 1_024 * kibi
const bytes = [
  64 * kibi,
  256 * kibi,
  mebi,
  4 * mebi,
  16 * mebi,
  64 * mebi,
  256 * mebi,
  1_024 * mebi,
]
/** A call carries at most 500 outcomes. */
const counts = [1, 2, 5, 10, 20, 50, 100, 200, 500]

export const metricCatalogue = {
  tasks_created_total: counter(
    ofTask,
    'Tasks that this process created, outside of transactions of its own.',
  ),
  tasks_started_total: counter(ofTask, 'Tasks whose first step this worker claimed.'),
  tasks_completed_total: counter(ofTask, 'Tasks that this process completed.'),
  tasks_failed_total: counter(ofTask, 'Tasks that ended in error.'),
  tasks_cancelled_total: counter(ofTask, 'Tasks that were cancelled.'),
  tasks_resolved_manually_total: counter(ofTask, 'Tasks in error that an operator took for done.'),
  tasks_retried_total: counter(ofTask, 'Tasks in error that an operator made go on.'),
  task_duration_seconds: histogram(
    [...ofTask, 'outcome'],
    'From the creation of a task to its end.',
    seconds,
  ),
  task_queue_latency_seconds: histogram(
    ['namespace', 'task'],
    'From the creation of a task to its first claim, by the clocks of the two processes.',
    seconds,
  ),
  steps_started_total: counter(ofStep, 'Attempts that started.'),
  steps_completed_total: counter(ofStep, 'Attempts that completed their step.'),
  steps_failed_total: counter([...ofStep, 'error_type'], 'Attempts that failed.'),
  steps_retried_total: counter(ofStep, 'Failed attempts after which the step is tried again.'),
  steps_retries_exhausted_total: counter(
    ofStep,
    'Attempts that failed as the last one that the retry limit allows.',
  ),
  steps_cancelled_total: counter(
    ofStep,
    'Steps that an operator cancelled, alone or with their task; not those that a deadline ended.',
  ),
  steps_resolved_manually_total: counter(ofStep, 'Steps that an operator took for done.'),
  steps_skipped_total: counter(ofStep, 'Steps that an operator skipped.'),
  step_duration_seconds: histogram(
    [...ofStep, 'outcome'],
    'Time that an attempt took in this process.',
    seconds,
  ),
  step_backoff_seconds: histogram(
    ['namespace', 'task'],
    'From a failed attempt to the time of the next one.',
    seconds,
  ),
  step_outcomes_refused_total: counter(
    ofStep,
    'Outcomes that came too late: the step had been taken over or ended meanwhile.',
  ),
  reenqueues_total: counter(
    ['namespace', 'task', 'reason'],
    'Steps that handed their attempt back, to run again at a time or on another worker.',
  ),
  steps_rescued_total: counter([], 'Steps that this worker took over from workers that were lost.'),
  workflow_batches_total: counter([], 'Calls in which this worker claimed or recorded steps.'),
  workflow_batch_size: histogram([], 'Steps that one such call claimed or recorded.', counts),
  operation_duration_seconds: histogram(
    ['operation'],
    'Time that an operation of the engine took in this process, without handlers.',
    shortSeconds,
  ),
  memory_delta_bytes: histogram(
    ['operation'],
    'How much memory of this process grew during such an operation, whoever took it; 0 where it shrank.',
    bytes,
  ),
  sql_duration_seconds: histogram(
    ['statement'],
    'Time that a statement of the engine took, from sending to its answer.',
    shortSeconds,
  ),
  http_requests_total: counter(
    ['operation', 'status'],
    'Requests that a server of this process answered, by operation and status; `none`: at a path where nothing is served.',
  ),
  http_request_duration_seconds: histogram(
    ['operation'],
    'From the arrival of a request to the beginning of its answer; a stream goes on after that.',
    shortSeconds,
  ),
  cache_hits_total: counter(
    ['kind'],
    'Answers given without making them, by kind; `app`: those of tasker.cache.fetch.',
  ),
  cache_stale_hits_total: counter(
    ['kind'],
    'Of those, answers whose time was over, given while a new one was made.',
  ),
  cache_misses_total: counter(['kind'], 'Answers that this process made.'),
  cache_store_errors_total: counter(
    [],
    'Questions about answers that the cache store failed to answer; one went on without it.',
  ),
  worker_loop_blocked_total: counter(
    [],
    'Times that nothing could run in this process for longer than execution.blockedLoopWarningMs.',
  ),
  worker_slots: gauge([], 'Steps that this worker may run at once now.', 'sum'),
  worker_slots_max: gauge([], 'Steps that this worker may ever run at once.', 'sum'),
  worker_steps_running: gauge([], 'Steps that this worker runs now.', 'sum'),
  database_connections_in_use: gauge(['pool'], 'Connections of this process at work.', 'sum'),
  database_connections_waiting: gauge(['pool'], 'Callers that wait for a connection.', 'sum'),
  database_connections_max: gauge(['pool'], 'Connections that may be open at once.', 'sum'),
  event_loop_delay_p50_seconds: gauge(
    [],
    'Median of how late the event loop was since the last reading, 5 seconds before or more.',
    'max',
  ),
  event_loop_delay_p99_seconds: gauge(
    [],
    'The same: 99 of 100 times it was no later than this.',
    'max',
  ),
  event_loop_delay_max_seconds: gauge([], 'The same: the longest it was late.', 'max'),
  tasks_in_state: shared(['namespace', 'state'], 'Tasks in the database.'),
  tasks_blocked: shared(['namespace'], 'Open tasks with a step that failed for good.'),
  steps_due: shared(['namespace'], 'Steps that may be claimed now.'),
  steps_scheduled: shared(['namespace'], 'Steps whose time has not come: retries and waits.'),
  steps_held: shared(['namespace'], 'Steps that would be due, of held tasks and namespaces.'),
  queue_age_seconds: shared(['namespace'], 'How long the oldest due step has been due.'),
  workers_live: shared([], 'Workers that renew their lease.'),
  event_loop_utilization_ratio: gauge(
    [],
    'Share of the time since that reading in which the event loop was at work, 0 to 1.',
    'max',
  ),
  memory_used_bytes: gauge(
    ['kind'],
    'Memory of this process: `resident`, `heap` (JavaScript), `external` (buffers).',
    'sum',
  ),
  event_subscriber_errors_total: counter(
    ['event', 'subscriber'],
    'Deliveries of events that ended in an error.',
  ),
  metrics_export_errors_total: counter(
    [],
    'Scrapes that the database did not answer in time: values read from it were left out.',
  ),
  exports_total: counter(
    ['target', 'outcome'],
    'Tries to export metrics: `done`, `skipped` (another process was exporting, or nobody was there) or `failed`.',
  ),
  export_duration_seconds: histogram(['target'], 'Time that one such try took.', seconds),
  export_series_dropped_total: counter(
    ['target'],
    'Values that the target refused for good, so that they were not sent again.',
  ),
  export_last_success_timestamp_seconds: gauge(
    ['target'],
    'When this process last exported to the target, in seconds since 1970.',
    'max',
  ),
  metrics_overflowed_total: counter(
    ['metric'],
    'Updates whose label values were replaced by `other`, because the metric had too many.',
  ),
  metrics_unshared_total: counter(
    ['metric'],
    'Writes into the shared cache that left a metric out, because all together were too much for one entry.',
  ),
  build_info: gauge(['version', 'instance'], 'Always 1.', 'max'),
} as const satisfies Readonly<Record<string, MetricEntry>>

/** What the first generation in fact produced, without labels: sums of what they stand for. */
export const legacyNames = {
  task_completed_total: 'tasks_completed_total',
  task_failed_total: 'tasks_failed_total',
  step_completed_total: 'steps_completed_total',
  step_failed_total: 'steps_failed_total',
} as const satisfies Readonly<Record<string, keyof typeof metricCatalogue>>

type Catalogue = typeof metricCatalogue

/** The names of one type. */
export type NameOf<Type extends MetricType> = {
  [Name in keyof Catalogue]: Catalogue[Name] extends { readonly type: Type } ? Name : never
}[keyof Catalogue]

export type LabelsOf<Name extends keyof Catalogue> = Readonly<
  Record<Catalogue[Name]['labels'][number], string>
>

function counter<const Labels extends readonly string[]>(labels: Labels, help: string) {
  return { type: 'counter', labels, help } as const
}

function gauge<const Labels extends readonly string[]>(
  labels: Labels,
  help: string,
  across: 'sum' | 'max',
) {
  return { type: 'gauge', labels, help, across } as const
}

function shared<const Labels extends readonly string[]>(labels: Labels, help: string) {
  return { type: 'gauge', labels, help, isShared: true } as const
}

function histogram<const Labels extends readonly string[]>(
  labels: Labels,
  help: string,
  buckets: readonly number[],
) {
  return { type: 'histogram', labels, help, buckets } as const
}
