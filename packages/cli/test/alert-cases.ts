// For each alert of the rules a story in which it fires at its end, and one like it in which it does not. A value stands for
// each minute, in the notation of promtool: `0x30` 30 more times the same, `0+60x30` growing by 60, `_x25` nothing.

interface Story {
  readonly [series: string]: string
}

export interface AlertCase {
  readonly fires: Story
  readonly keepsQuiet: Story
}

const step = '{namespace="shop",task="order",step="charge",instance="a"}'
const target = '{job="tasker",instance="a"}'
const late = 'tasker_event_loop_delay_p99_seconds'
const waiting = 'tasker_database_connections_waiting{job="tasker",instance="a",pool="calls"}'
const failing = 'tasker_event_subscriber_errors_total{event="task.failed",subscriber="Mails"}'
const bucket = (le: string): string =>
  `tasker_sql_duration_seconds_bucket{statement="finish_steps",le="${le}"}`

export const alertCases: Readonly<Record<string, AlertCase>> = {
  TaskerNoLiveWorker: {
    fires: { tasker_workers_live: '1x25 0x4' },
    keepsQuiet: { tasker_workers_live: '1x28 0x1' },
  },
  TaskerDueStepsWait: {
    fires: { 'tasker_queue_age_seconds{namespace="shop"}': '0+60x30' },
    keepsQuiet: { 'tasker_queue_age_seconds{namespace="shop"}': '299x30' },
  },
  TaskerTasksBlocked: {
    fires: { 'tasker_tasks_blocked{namespace="shop"}': '0x9 1x20' },
    keepsQuiet: { 'tasker_tasks_blocked{namespace="shop"}': '0x20 1x9' },
  },
  TaskerStepsFail: {
    fires: {
      [`tasker_steps_started_total${step}`]: '0+60x30',
      [`tasker_steps_failed_total${step}`]: '0+30x30',
    },
    keepsQuiet: {
      [`tasker_steps_started_total${step}`]: '0+60x30',
      [`tasker_steps_failed_total${step}`]: '0+6x30',
    },
  },
  TaskerRetriesExhausted: {
    // The series begins with the first step that has no attempts left.
    fires: { [`tasker_steps_retries_exhausted_total${step}`]: '_x25 1x5' },
    keepsQuiet: { [`tasker_steps_retries_exhausted_total${step}`]: '5x30' },
  },
  TaskerWorkerLost: {
    fires: { [`tasker_steps_rescued_total${target}`]: '0x24 3x5' },
    keepsQuiet: { [`tasker_steps_rescued_total${target}`]: '3x30' },
  },
  TaskerEventLoopLate: {
    fires: { [`${late}${target}`]: '0.5x30' },
    keepsQuiet: { [`${late}${target}`]: '0.1x30' },
  },
  TaskerPoolExhausted: {
    fires: { [waiting]: '0x15 2x14' },
    keepsQuiet: { [waiting]: '0x26 2x3' },
  },
  TaskerStatementsSlow: {
    fires: { [bucket('1')]: '0x30', [bucket('2.5')]: '0+9x30', [bucket('+Inf')]: '0+9x30' },
    keepsQuiet: { [bucket('1')]: '0+9x30', [bucket('2.5')]: '0+9x30', [bucket('+Inf')]: '0+9x30' },
  },
  TaskerSubscriberErrors: {
    fires: { [failing]: '_x25 1x5' },
    keepsQuiet: { [failing]: '5x30' },
  },
  TaskerScrapesIncomplete: {
    fires: { [`tasker_metrics_export_errors_total${target}`]: '0x15 0+1x14' },
    keepsQuiet: { [`tasker_metrics_export_errors_total${target}`]: '7x30' },
  },
  TaskerTargetDown: {
    fires: { [`up${target}`]: '1x10 0x19', [`tasker_build_info${target}`]: '1x10' },
    // Another application's target is none of ours.
    keepsQuiet: {
      [`up${target}`]: '1x30',
      [`tasker_build_info${target}`]: '1x30',
      'up{job="other",instance="b"}': '0x30',
    },
  },
  TaskerNotScraped: {
    fires: { 'up{job="other",instance="b"}': '1x30' },
    keepsQuiet: { [`tasker_build_info${target}`]: '1x30' },
  },
}
