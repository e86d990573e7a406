// The questions that a validation puts to Prometheus as a dashboard would.
import type { NamedQuery } from './metrics-checks.ts'

/** For metrics of this prefix. */
export const metricQueries = (prefix: string): readonly NamedQuery[] => [
  {
    title: 'Tasks completed a second',
    expr: `sum by (namespace, task) (rate(${prefix}_tasks_completed_total[5m]))`,
  },
  {
    title: 'Duration of tasks, 95 %',
    expr: `histogram_quantile(0.95, sum by (le, task) (rate(${prefix}_task_duration_seconds_bucket[15m])))`,
  },
  {
    title: 'Steps that fail',
    expr: `sum by (task, step, error_type) (rate(${prefix}_steps_failed_total[15m]))`,
  },
  {
    title: 'Due, and nobody takes it',
    expr: `max by (namespace) (${prefix}_queue_age_seconds) > 60`,
  },
  {
    title: 'How busy workers are',
    expr: `sum(${prefix}_worker_steps_running) / sum(${prefix}_worker_slots)`,
  },
]
