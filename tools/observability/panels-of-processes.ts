// What the dashboard shows of workers, of the database and of telemetry itself.
import { one, ofProcess, ofTask, orNone, quantiles, window, type Row } from './panel.ts'
import { counter, gauge, observations, quantile, rate, sumBy } from './promql.ts'

const byProcess = ['instance']

export const rowsOfProcesses: readonly Row[] = [
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
