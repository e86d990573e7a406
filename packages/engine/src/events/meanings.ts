// What each event means and who publishes it, in words for people.
import type { EventName } from './catalogue.ts'

const recording = 'the worker that recorded it'
const operating = 'the process of the operator'
const claiming = 'the worker that claimed it'
const working = 'the process whose operation it was'
const creating = 'the process that asked for it'
const exporting = ['the worker', 'exports.exportNow'] as const

/** What it means, then who publishes it. */
export const meanings: Readonly<Record<EventName, readonly [string, ...string[]]>> = {
  'task.initialize_requested': [
    'A task was created; not when a repeat found the existing one, nor inside a transaction of yours, whose commit nobody tells us.',
    creating,
  ],
  'task.rejected': [
    'A request for a task was refused: its context or its options are not what the definition wants. Nothing was stored.',
    creating,
  ],
  'task.start_requested': ['The first step of a task was claimed.', claiming],
  'task.completed': ['A task is complete: each of its steps is satisfied.', recording],
  'task.failed': [
    'A task ended in error: a step failed for good, was lost too often, or the deadline is over.',
    recording,
  ],
  'task.cancelled': ['A task was cancelled.', operating, recording],
  'task.resolved_manually': ['An operator took a failed task for done.', operating],
  'task.retry_requested': ['An operator’s action made a task in error go on.', operating],
  'task.bottleneck_detected': [
    'An analysis of the task (`reports.analysis`) found a failed step, or one at its second attempt or beyond, whose severity is High or Critical. Once for each step and severity, as long as analyses of this process go on finding it. Steps that only wait are none.',
    'the process that analysed it',
  ],
  'workflow.viable_steps_discovered': [
    'A call gave a worker steps to run: children of what it recorded, or due ones, of one task or of many.',
    claiming,
  ],
  'step.execution_requested': ['An attempt was claimed and starts.', claiming],
  'step.before_handle': [
    'The handler of an attempt is called now. Not when a kept result is used instead, nor when the attempt was called off before.',
    claiming,
  ],
  'step.completed': ['An attempt succeeded, and its result is stored.', recording],
  'step.failed': ['An attempt failed; `retryAt` tells whether it was the last.', recording],
  'step.retry_requested': [
    'A failed step will be tried again at `retryAt`. Follows its step.failed.',
    recording,
  ],
  'observability.step.max_retries_reached': [
    'The failed attempt was the last that the retry limit allows. Follows its step.failed. Not for errors that end a step at once.',
    recording,
  ],
  'step.waiting': [
    'A step handed its attempt back: it waits for a time, or its worker stops.',
    recording,
  ],
  'step.outcome_refused': [
    'An outcome came too late: the step was cancelled, taken over or settled. It is kept in the history only.',
    'the worker whose outcome it was',
  ],
  'step.cancelled': [
    'An operator cancelled the step, one that it depends on, or the whole task. When the deadline of its task is over, the history alone tells it.',
    operating,
  ],
  'step.resolved_manually': ['An operator took the step for done.', operating],
  'step.skipped': ['An operator skipped the step.', operating],
  custom: [
    'An event that a handler published, under its own name; the outcome of its attempt has been recorded.',
    recording,
  ],
  'worker.state_changed': [
    'The worker cannot use the database, or can again; live also when it goes on under a new id.',
    'the worker',
  ],
  'worker.concurrency_changed': [
    'What holds the slots of a worker back is another thing than before, or nothing any more.',
    'the worker',
  ],
  'worker.loop_blocked': [
    'Nothing could run in this process for longer than `execution.blockedLoopWarningMs`. At most once a minute for each step.',
    'the worker',
  ],
  'performance.slow_operation': [
    'An operation of the engine took as long as `telemetry.slowQueryThresholdSeconds`, or longer. Told at its end.',
    working,
  ],
  'performance.slow_query': [
    'A statement of the engine took as long as `telemetry.slowQueryThresholdSeconds`, or longer. Told at its end.',
    working,
  ],
  'memory.spike_detected': [
    'Memory of this process grew by `telemetry.memoryThresholdMb` or more during an operation of the engine, whoever took it.',
    working,
  ],
  'handler.registered': [
    'A definition was given to createTasker, and is stored. Heard by those given to it as `subscribers`, and on the channel.',
    'createTasker',
  ],
  'subscriber.registered': ['Somebody listens from now on.', 'events.subscribe'],
  'subscriber.unregistered': ['Somebody listens no more.', 'events.unsubscribe'],
  'subscriber.validation_failed': [
    'Somebody tried to listen and was refused; the caller got the error too.',
    'events.subscribe',
  ],
  'telemetry.cache_synced': [
    'What this process counted was written into the cache that processes share, or could not be.',
    'the process that collects metrics',
  ],
  'plugin.registered': [
    'An exporter of metrics is there from now on.',
    'createTasker',
    'exports.register',
  ],
  'plugin.unregistered': [
    'An exporter was taken away, or another took its place.',
    'exports.unregister',
    'exports.register',
  ],
  'plugin.validation_failed': [
    'What was to be registered is no exporter, or its name is taken; the caller got the error too.',
    'createTasker',
    'exports.register',
  ],
  'telemetry.export_requested': ['Metrics are exported now: a try begins.', ...exporting],
  'telemetry.export_completed': [
    'Metrics were exported, or need not be: another process was exporting to the same target, or nobody was there and ' +
      '`telemetry.prometheus.skipIfUnavailable` is true.',
    ...exporting,
  ],
  'telemetry.export_failed': [
    'A try of an export failed; `retryAt` tells whether it was the last.',
    ...exporting,
  ],
  'telemetry.cache_ttl_extended': [
    'Metrics that processes share are kept longer, for another try of an export.',
    'the worker',
  ],
}
