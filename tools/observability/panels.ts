// What the Grafana dashboard shows: rows of panels, each with its questions. Its form as JSON is dashboard.ts.
import { counter, gauge, observations, once, quantile, rate, sumBy, type Asked } from './promql.ts'

export interface Question {
  readonly legend: string
  readonly expression: string
}

export interface Panel {
  readonly title: string
  /** What it says, and what to look at when it looks wrong. */
  readonly description: string
  /** Of Grafana: `s`, `ops`, `short`, `bytes`, `percentunit`. */
  readonly unit: string
  readonly kind: 'number' | 'lines' | 'stacked'
  readonly questions: readonly Question[]
}

export interface Row {
  readonly title: string
  readonly panels: readonly Panel[]
}

const window = '$__rate_interval'
const ofNamespace = 'namespace=~"$namespace"'
const ofTask = 'namespace=~"$namespace",task=~"$task"'
const ofProcess = 'instance=~"$instance"'
const byTask = ['namespace', 'task']
const byProcess = ['instance']

const one = (expression: string, legend = ''): readonly Question[] => [{ legend, expression }]

/** 0 where nothing has happened yet, instead of an empty panel. */
const orNone = (expression: string): string => `${expression} or vector(0)`

const quantiles = (asked: Asked): readonly Question[] =>
  [0.5, 0.95, 0.99].map((q) => ({
    legend: [`p${q * 100}`, ...(asked.by ?? []).map((label) => `{{${label}}}`)].join(' '),
    expression: quantile(q, asked),
  }))

export const rows: readonly Row[] = [
  {
    title: 'Now',
    panels: [
      {
        title: 'Live workers',
        description: 'Workers that renew their lease, by the database.',
        unit: 'short',
        kind: 'number',
        questions: one(once([], gauge('workers_live'))),
      },
      {
        title: 'Open tasks',
        description: 'Pending and in progress.',
        unit: 'short',
        kind: 'number',
        questions: one(
          sumBy(
            [],
            once(
              ['namespace', 'state'],
              gauge('tasks_in_state', `${ofNamespace},state=~"pending|in_progress"`),
            ),
          ),
        ),
      },
      {
        title: 'Blocked tasks',
        description: 'Open, with a step that failed for good. `tasker task why` says what to do.',
        unit: 'short',
        kind: 'number',
        questions: one(orNone(sumBy([], once(['namespace'], gauge('tasks_blocked', ofNamespace))))),
      },
      {
        title: 'Due steps',
        description: 'Steps that may be claimed now.',
        unit: 'short',
        kind: 'number',
        questions: one(orNone(sumBy([], once(['namespace'], gauge('steps_due', ofNamespace))))),
      },
      {
        title: 'Oldest due step',
        description:
          'How long it has been due. It grows where nobody serves a definition, or workers are too few.',
        unit: 's',
        kind: 'number',
        questions: one(orNone(once([], gauge('queue_age_seconds', ofNamespace)))),
      },
      {
        title: 'Failed attempts',
        description: 'Share of the attempts that started.',
        unit: 'percentunit',
        kind: 'number',
        questions: one(
          orNone(
            `${sumBy([], rate('steps_failed_total', window, ofTask))} / ${sumBy([], rate('steps_started_total', window, ofTask))}`,
          ),
        ),
      },
    ],
  },
  {
    title: 'Throughput',
    panels: [
      {
        title: 'Tasks a second',
        description: 'Created, and ended in each way.',
        unit: 'ops',
        kind: 'lines',
        questions: [
          { legend: 'created', expression: sumBy([], rate('tasks_created_total', window, ofTask)) },
          { legend: 'started', expression: sumBy([], rate('tasks_started_total', window, ofTask)) },
          {
            legend: 'completed',
            expression: sumBy([], rate('tasks_completed_total', window, ofTask)),
          },
          {
            legend: 'failed',
            expression: orNone(sumBy([], rate('tasks_failed_total', window, ofTask))),
          },
          {
            legend: 'cancelled',
            expression: orNone(sumBy([], rate('tasks_cancelled_total', window, ofTask))),
          },
        ],
      },
      {
        title: 'Steps a second',
        description: 'Attempts that started, and how they ended.',
        unit: 'ops',
        kind: 'lines',
        questions: [
          { legend: 'started', expression: sumBy([], rate('steps_started_total', window, ofTask)) },
          {
            legend: 'completed',
            expression: sumBy([], rate('steps_completed_total', window, ofTask)),
          },
          {
            legend: 'failed',
            expression: orNone(sumBy([], rate('steps_failed_total', window, ofTask))),
          },
        ],
      },
      {
        title: 'Completed tasks by name',
        description: 'A second.',
        unit: 'ops',
        kind: 'stacked',
        questions: one(
          sumBy(byTask, rate('tasks_completed_total', window, ofTask)),
          '{{namespace}}/{{task}}',
        ),
      },
    ],
  },
  {
    title: 'Durations',
    panels: [
      {
        title: 'Tasks',
        description: 'From creation to end.',
        unit: 's',
        kind: 'lines',
        questions: quantiles({ of: 'task_duration_seconds', window, labels: ofTask }),
      },
      {
        title: 'Steps',
        description: 'Attempts, as their worker saw them.',
        unit: 's',
        kind: 'lines',
        questions: quantiles({ of: 'step_duration_seconds', window, labels: ofTask }),
      },
      {
        title: 'Wait for the first claim',
        description: 'From the creation of a task to its first step.',
        unit: 's',
        kind: 'lines',
        questions: quantiles({ of: 'task_queue_latency_seconds', window, labels: ofTask }),
      },
      {
        title: 'Slowest steps (p95)',
        description: 'The ten whose attempts take longest.',
        unit: 's',
        kind: 'lines',
        questions: one(
          `topk(10, ${quantile(0.95, { of: 'step_duration_seconds', window, by: ['task', 'step'], labels: ofTask })})`,
          '{{task}} {{step}}',
        ),
      },
    ],
  },
  {
    title: 'Failures and retries',
    panels: [
      {
        title: 'Failures by step and error',
        description: 'Attempts that failed, a second.',
        unit: 'ops',
        kind: 'stacked',
        questions: one(
          sumBy(['task', 'step', 'error_type'], rate('steps_failed_total', window, ofTask)),
          '{{task}} {{step}} {{error_type}}',
        ),
      },
      {
        title: 'Retries',
        description: 'Steps that are tried again, and those whose last attempt failed.',
        unit: 'ops',
        kind: 'lines',
        questions: [
          {
            legend: 'tried again',
            expression: orNone(sumBy([], rate('steps_retried_total', window, ofTask))),
          },
          {
            legend: 'no attempts left',
            expression: orNone(sumBy([], rate('steps_retries_exhausted_total', window, ofTask))),
          },
        ],
      },
      {
        title: 'Waits before retries',
        description: 'From a failed attempt to the time of the next one.',
        unit: 's',
        kind: 'lines',
        questions: quantiles({ of: 'step_backoff_seconds', window, labels: ofTask }),
      },
      {
        title: 'Handed back',
        description: 'Steps that wait for a time, or go to another worker, by reason.',
        unit: 'ops',
        kind: 'lines',
        questions: one(sumBy(['reason'], rate('reenqueues_total', window, ofTask)), '{{reason}}'),
      },
      {
        title: 'Late outcomes and rescues',
        description:
          'Outcomes that the fence refused, and steps that were taken over from lost workers. Both are rare.',
        unit: 'ops',
        kind: 'lines',
        questions: [
          {
            legend: 'refused outcomes',
            expression: orNone(sumBy([], rate('step_outcomes_refused_total', window, ofTask))),
          },
          {
            legend: 'rescued steps',
            expression: sumBy([], rate('steps_rescued_total', window)),
          },
        ],
      },
    ],
  },
  {
    title: 'Queue',
    panels: [
      {
        title: 'Steps that wait',
        description: 'Due now, later (retries and waits), and held.',
        unit: 'short',
        kind: 'lines',
        questions: (['steps_due', 'steps_scheduled', 'steps_held'] as const).map((name) => ({
          legend: name.replace('steps_', ''),
          expression: sumBy([], once(['namespace'], gauge(name, ofNamespace))),
        })),
      },
      {
        title: 'Age of the oldest due step',
        description: 'By namespace.',
        unit: 's',
        kind: 'lines',
        questions: one(
          once(['namespace'], gauge('queue_age_seconds', ofNamespace)),
          '{{namespace}}',
        ),
      },
      {
        title: 'Tasks by state',
        description: 'All that are kept in the database.',
        unit: 'short',
        kind: 'stacked',
        questions: one(
          sumBy(['state'], once(['namespace', 'state'], gauge('tasks_in_state', ofNamespace))),
          '{{state}}',
        ),
      },
      {
        title: 'Blocked tasks',
        description: 'By namespace.',
        unit: 'short',
        kind: 'lines',
        questions: one(once(['namespace'], gauge('tasks_blocked', ofNamespace)), '{{namespace}}'),
      },
    ],
  },
  {
    title: 'Workers',
    panels: [
      {
        title: 'Slots',
        description: 'Steps that run, and that may run at once.',
        unit: 'short',
        kind: 'lines',
        questions: [
          { legend: 'running', expression: sumBy([], gauge('worker_steps_running', ofProcess)) },
          { legend: 'slots', expression: sumBy([], gauge('worker_slots', ofProcess)) },
          { legend: 'most slots', expression: sumBy([], gauge('worker_slots_max', ofProcess)) },
        ],
      },
      {
        title: 'Steps in one call',
        description: 'Outcomes and claims that travel together. They grow with the load.',
        unit: 'short',
        kind: 'lines',
        questions: quantiles({ of: 'workflow_batch_size', window, labels: ofProcess }),
      },
      {
        title: 'Calls a second',
        description: 'That carried something.',
        unit: 'ops',
        kind: 'lines',
        questions: one(
          sumBy(byProcess, rate('workflow_batches_total', window, ofProcess)),
          '{{instance}}',
        ),
      },
      {
        title: 'Event loop: how late',
        description: 'The 99th percentile. Heartbeats, timeouts and other handlers come as late.',
        unit: 's',
        kind: 'lines',
        questions: one(gauge('event_loop_delay_p99_seconds', ofProcess), '{{instance}}'),
      },
      {
        title: 'Event loop: how busy',
        description: 'Share of the time at work.',
        unit: 'percentunit',
        kind: 'lines',
        questions: one(gauge('event_loop_utilization_ratio', ofProcess), '{{instance}}'),
      },
      {
        title: 'Blocked event loop',
        description: 'Times that a handler held everything up. The log names it.',
        unit: 'ops',
        kind: 'lines',
        questions: one(
          sumBy(byProcess, rate('worker_loop_blocked_total', window, ofProcess)),
          '{{instance}}',
        ),
      },
      {
        title: 'Memory',
        description: 'Of each process.',
        unit: 'bytes',
        kind: 'lines',
        questions: one(gauge('memory_used_bytes', ofProcess), '{{instance}} {{kind}}'),
      },
      {
        title: 'Growth of memory during operations (p95)',
        description: 'Whoever took it: one memory is shared by all that runs at the time.',
        unit: 'bytes',
        kind: 'lines',
        questions: one(
          quantile(0.95, {
            of: 'memory_delta_bytes',
            window,
            by: ['operation'],
            labels: ofProcess,
          }),
          '{{operation}}',
        ),
      },
    ],
  },
  {
    title: 'Database',
    panels: [
      {
        title: 'Connections',
        description: 'Of all processes shown, by pool.',
        unit: 'short',
        kind: 'lines',
        questions: (['in_use', 'waiting', 'max'] as const).map((what) => ({
          legend: `{{pool}} ${what.replace('_', ' ')}`,
          expression: sumBy(['pool'], gauge(`database_connections_${what}`, ofProcess)),
        })),
      },
      {
        title: 'Statements (p95)',
        description: 'From sending to answer, without the wait for a connection.',
        unit: 's',
        kind: 'lines',
        questions: one(
          quantile(0.95, {
            of: 'sql_duration_seconds',
            window,
            by: ['statement'],
            labels: ofProcess,
          }),
          '{{statement}}',
        ),
      },
      {
        title: 'Statements a second',
        description: 'Of the engine; those of handlers are not counted.',
        unit: 'ops',
        kind: 'stacked',
        questions: one(
          observations({
            of: 'sql_duration_seconds',
            window,
            by: ['statement'],
            labels: ofProcess,
          }),
          '{{statement}}',
        ),
      },
      {
        title: 'Operations of the engine (p95)',
        description: 'Without handlers.',
        unit: 's',
        kind: 'lines',
        questions: one(
          quantile(0.95, {
            of: 'operation_duration_seconds',
            window,
            by: ['operation'],
            labels: ofProcess,
          }),
          '{{operation}}',
        ),
      },
    ],
  },
  {
    title: 'Telemetry itself',
    panels: [
      {
        title: 'Processes scraped',
        description: 'By version.',
        unit: 'short',
        kind: 'lines',
        questions: one(`count by (version) (${gauge('build_info')})`, '{{version}}'),
      },
      {
        title: 'Errors of subscribers',
        description: 'Deliveries of events that ended in an error, a second.',
        unit: 'ops',
        kind: 'lines',
        questions: one(
          orNone(sumBy([], rate('event_subscriber_errors_total', window, ofProcess))),
          'errors',
        ),
      },
      {
        title: 'Incomplete scrapes and overflowed labels',
        description:
          'Scrapes that the database did not answer; updates that were counted as `other`.',
        unit: 'ops',
        kind: 'lines',
        questions: [
          {
            legend: 'scrapes without the database',
            expression: sumBy([], rate('metrics_export_errors_total', window, ofProcess)),
          },
          {
            legend: 'overflowed',
            expression: orNone(sumBy([], rate('metrics_overflowed_total', window, ofProcess))),
          },
        ],
      },
      {
        title: 'Attempts since the start of the processes',
        description: 'For comparison with `tasker stats`.',
        unit: 'short',
        kind: 'number',
        questions: one(sumBy([], counter('steps_started_total', ofTask))),
      },
    ],
  },
]
