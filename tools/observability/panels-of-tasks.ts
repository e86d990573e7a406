// What the dashboard shows of tasks, steps and the queue.
import { one, ofNamespace, ofTask, orNone, quantiles, window, type Row } from './panel.ts'
import { gauge, once, quantile, rate, sumBy } from './promql.ts'

const byTask = ['namespace', 'task']

export const rowsOfTasks: readonly Row[] = [
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
]
