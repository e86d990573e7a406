// What became of each event of the first generation: kept under its name, renamed, or dropped with the reason. The page
// docs/reference/events.md is made of it; test/first-generation-events.test.ts holds it against the catalogue.
import type { EventName } from '../packages/engine/src/events/catalogue.ts'

export type Fate =
  | { readonly kind: 'kept'; readonly note?: string }
  | { readonly kind: 'renamed'; readonly to: EventName; readonly note: string }
  | { readonly kind: 'dropped'; readonly reason: string }

const kept = (note?: string): Fate =>
  note === undefined ? { kind: 'kept' } : { kind: 'kept', note }
const renamed = (to: EventName, note: string): Fate => ({ kind: 'renamed', to, note })
const dropped = (reason: string): Fate => ({ kind: 'dropped', reason })

const noLoop =
  'No coordinator goes round a task: steps start and end by themselves, each with events of its own.'
const noReenqueue =
  'A task is never put back into a queue: each of its steps has a due time of its own.'
const noMoment = 'Declared and never sent; nothing happens here that has no other event.'
const beforeCommit =
  'A transition is one statement of the database. What could be told before its commit might never become true.'
const noSync = 'Declared and never sent; registries of processes are not kept in step.'

/** The 51 of the life of tasks, and of exports. */
export const lifeEvents: Readonly<Record<string, Fate>> = {
  'task.initialize_requested': kept('creation only; a task is never reset to pending'),
  'task.start_requested': kept('its first step was claimed'),
  'task.completed': kept(),
  'task.failed': kept('a refused request is `task.rejected`'),
  'task.retry_requested': kept('an operator made a task in error go on'),
  'task.cancelled': kept(),
  'task.resolved_manually': kept(),
  'task.before_transition': dropped(beforeCommit),

  'step.initialize_requested': dropped(
    'Steps are created with their task: `task.initialize_requested` stands for all of them.',
  ),
  'step.execution_requested': kept('once an attempt'),
  'step.before_handle': kept(),
  'step.handle': dropped('Declared and never sent; `step.before_handle` says it.'),
  'step.completed': kept(),
  'step.failed': kept(),
  'step.retry_requested': kept(),
  'step.cancelled': kept(),
  'step.resolved_manually': kept(),
  'step.before_transition': dropped(beforeCommit),

  'workflow.task_started': renamed(
    'task.start_requested',
    'once a task, not once a run of the loop',
  ),
  'workflow.viable_steps_discovered': kept('once a claiming call, which may serve many tasks'),
  'workflow.no_viable_steps': dropped(
    'Would be told at every poll of an idle worker. `tasker task why` says what a task waits for.',
  ),
  'workflow.steps_execution_started': dropped(noLoop),
  'workflow.steps_execution_completed': dropped(noLoop),
  'workflow.task_finalization_started': dropped(
    'A task ends in the transaction that records its last step; there is no stage before it.',
  ),
  'workflow.task_finalization_completed': renamed(
    'task.completed',
    'or `task.failed`, `task.cancelled`',
  ),
  'workflow.task_reenqueue_started': dropped(noReenqueue),
  'workflow.task_reenqueue_requested': dropped(noReenqueue),
  'workflow.task_reenqueue_delayed': renamed(
    'step.waiting',
    'or `step.retry_requested`; both say when the step is due again',
  ),
  'workflow.task_reenqueue_failed': dropped(noReenqueue),
  'workflow.task_completed': renamed('task.completed', 'declared and never sent'),
  'workflow.task_failed': renamed('task.failed', 'declared and never sent'),
  'workflow.step_completed': renamed('step.completed', 'declared and never sent'),
  'workflow.step_failed': renamed('step.failed', 'declared and never sent'),
  'workflow.step_execution_failed': renamed('step.failed', 'declared and never sent'),
  'workflow.orchestration_requested': dropped(noMoment),
  'workflow.task_state_unclear': dropped(
    'The state is a column with a check; `tasker doctor --invariants` proves that it is clear.',
  ),
  'workflow.viable_steps_batch_ready': renamed(
    'workflow.viable_steps_discovered',
    'declared and never sent',
  ),

  'observability.task.enqueue': renamed(
    'task.initialize_requested',
    'a task is enqueued by being created',
  ),
  'observability.task.handle': dropped(noMoment),
  'observability.task.finalize': dropped(noMoment),
  'observability.step.handle': renamed('step.before_handle', 'declared and never sent'),
  'observability.step.backoff': renamed(
    'step.retry_requested',
    'its `retryAt` is the end of the wait',
  ),
  'observability.step.find_viable': renamed(
    'workflow.viable_steps_discovered',
    'declared and never sent',
  ),
  'observability.step.skip': renamed('step.skipped', 'declared and never sent'),
  'observability.step.max_retries_reached': kept('was declared and never sent'),

  'tasker.telemetry.cache_synced': renamed(
    'telemetry.cache_synced',
    'its count of metrics was always null',
  ),
  'tasker.telemetry.export_requested': renamed('telemetry.export_requested', 'at each try'),
  'tasker.telemetry.export_completed': renamed('telemetry.export_completed', 'at each try'),
  'tasker.telemetry.export_failed': renamed('telemetry.export_failed', 'at each try'),
  'tasker.telemetry.plugin_registered': renamed(
    'plugin.registered',
    'what was plugged in are exporters',
  ),
  'tasker.telemetry.plugin_unregistered': renamed(
    'plugin.unregistered',
    'what was plugged in are exporters',
  ),
}

/** The 14 of the registries: declared, and never sent. */
export const registryEvents: Readonly<Record<string, Fate>> = {
  'handler.registered': kept('`createTasker` was given a definition'),
  'handler.unregistered': dropped('A Tasker keeps its definitions until it is closed.'),
  'handler.validation_failed': dropped(
    '`createTasker` throws with every fault; there is no Tasker yet whose subscribers could hear of it.',
  ),
  'plugin.registered': kept('an exporter was registered'),
  'plugin.unregistered': kept(),
  'plugin.validation_failed': kept(),
  'subscriber.registered': kept(),
  'subscriber.unregistered': kept(),
  'subscriber.validation_failed': kept(),
  'registry.sync_requested': dropped(noSync),
  'registry.health_check': dropped(
    'Asking is not an event: `tasker.reports.registryHealth()` answers.',
  ),
  'registry.stats_collected': dropped(
    'Asking is not an event: `tasker.reports.registryHealth()` and `tasker.events.subscriptions` answer.',
  ),
  'registry.cross_discovery': dropped(noSync),
  'registry.coordination_complete': dropped(noSync),
}

/** Those that the first generation did not have. */
export const newEvents = {
  'task.rejected': 'In the first generation a `task.failed` without a task.',
  'step.waiting': 'A step waits without failing, and without an attempt being spent.',
  'step.outcome_refused': 'A late outcome meets the fence.',
  'step.skipped': 'Skipping is a state of its own.',
  custom: 'Every custom event is told under its own name too.',
  'task.bottleneck_detected': 'In the first generation an analysis told only whoever asked for it.',
  'worker.state_changed': 'Workers have leases.',
  'worker.concurrency_changed': 'Workers adapt to their load.',
  'worker.loop_blocked': 'JavaScript runs one thing at a time.',
  'telemetry.cache_ttl_extended':
    'In the first generation its code named it, and no catalogue knew it.',
  'performance.slow_operation': 'In the first generation a name in the router that nobody sent.',
  'performance.slow_query': 'In the first generation only a line of the log.',
  'memory.spike_detected': 'In the first generation a name in the router that nobody sent.',
} as const satisfies Partial<Record<EventName, string>>
