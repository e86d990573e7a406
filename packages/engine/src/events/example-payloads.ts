// One payload of each event, as a subscriber gets it.
import type {
  EventPayloads,
  HandlerRegistered,
  PluginChanged,
  StepEnded,
  StepFailed,
  StepHappened,
  StepMoved,
  SubscriberChanged,
  TaskHappened,
} from './catalogue.ts'

const taskId = '0199a5b2-7c31-7d52-9d0e-6f3a1c2b4d5e'
const address: HandlerRegistered = {
  namespace: 'payments',
  taskName: 'process_order',
  version: '2.1.0',
}
const at = (second: number): Date => new Date(Date.UTC(2030, 0, 1, 12, 0, second))
const task: TaskHappened = {
  eventId: `${taskId}/0`,
  taskId,
  ...address,
  correlationId: 'tsk_mr3x0k2p_a8X3f9',
  state: 'pending',
  createdAt: at(0),
  endedAt: null,
}
const ended = (state: string): TaskHappened => ({
  ...task,
  eventId: `${taskId}/4`,
  state,
  endedAt: at(9),
})
const { createdAt: _createdAt, endedAt: _endedAt, ...started } = task
const step: StepHappened = {
  eventId: `${taskId}/2/1`,
  taskId,
  ...address,
  correlationId: 'tsk_mr3x0k2p_a8X3f9',
  stepName: 'charge',
  attempt: 1,
  retryLimit: 3,
  claimNo: 1,
  startedAt: at(1),
}
const stepEnded: StepEnded = { ...step, durationMs: 84.2 }
const failed = (retryAt: Date | null): StepFailed => ({
  ...stepEnded,
  error: { class: 'Error', message: 'the gateway is busy', retryable: true },
  retryAt,
})
const moved = (state: string): StepMoved => ({
  eventId: `${taskId}/2/1/${state}`,
  taskId,
  ...address,
  correlationId: null,
  stepName: 'charge',
  from: 'error',
  actor: 'ada',
  reason: 'charged by hand',
})
const subscriber: SubscriberChanged = { subscriber: 'OrderMails', events: ['task.*'] }
const plugin: PluginChanged = {
  plugin: 'statsd',
  pluginClass: 'StatsdExporter',
  formats: ['statsd'],
}

const exportTried = {
  exportId: '0195e0f4-6a0d-4b6e-9f3a-2f5d8c1b7e90',
  target: 'prometheus',
  format: 'remote_write',
  scope: 'all',
  attempt: 1,
  durationMs: 41.7,
  droppedCount: 0,
} as const

export const examplePayloads: EventPayloads = {
  'task.initialize_requested': task,
  'task.rejected': {
    ...address,
    code: 'CONTEXT_INVALID',
    message: 'The context for payments/process_order@2.1.0 must be an object, received null.',
  },
  'task.start_requested': { ...started, eventId: `${taskId}/1`, state: 'in_progress' },
  'task.completed': ended('complete'),
  'task.failed': ended('error'),
  'task.cancelled': ended('cancelled'),
  'task.resolved_manually': ended('resolved_manually'),
  'task.retry_requested': { ...task, eventId: `${taskId}/5`, state: 'in_progress' },
  'task.bottleneck_detected': {
    taskId,
    ...address,
    stepName: 'charge',
    severity: 'Critical',
    impactScore: 149,
    bottleneckType: 'Permanent Failure',
    blockedSteps: 2,
    resolution: 'Manual intervention required',
  },
  'workflow.viable_steps_discovered': {
    workerId: 7,
    callId: '0199a5b2-8a40-7f61-8c1d-0e9b8a7c6d5f',
    stepCount: 1,
    steps: [{ taskId, stepName: 'charge', claimNo: 1, attempt: 1 }],
  },
  'step.execution_requested': step,
  'step.before_handle': step,
  'step.completed': { ...stepEnded, isCached: false },
  'step.failed': failed(at(2)),
  'step.retry_requested': failed(at(2)),
  'observability.step.max_retries_reached': { ...failed(null), attempt: 3, claimNo: 3 },
  'step.waiting': { ...stepEnded, runAt: at(30), reason: 'approval' },
  'step.outcome_refused': step,
  'step.cancelled': moved('cancelled'),
  'step.resolved_manually': moved('resolved_manually'),
  'step.skipped': moved('skipped'),
  custom: { ...step, name: 'parcel.packed', payload: { weightKg: 2 } },
  'worker.state_changed': { workerId: 7, state: 'offline' },
  'worker.concurrency_changed': { workerId: 7, slots: 12, slotsMax: 50, reason: 'connections' },
  'worker.loop_blocked': {
    workerId: 7,
    blockedMs: 1_320,
    steps: [{ ...address, stepName: 'charge' }],
    isCertain: true,
  },
  'performance.slow_operation': { operation: 'dispatch', durationMs: 1_240, thresholdMs: 1_000 },
  'performance.slow_query': {
    statement: 'finish_steps',
    durationMs: 1_180,
    rowCount: 64,
    thresholdMs: 1_000,
  },
  'memory.spike_detected': {
    operation: 'dispatch',
    durationMs: 310,
    grownBytes: 142_606_336,
    usedBytes: 391_118_848,
    thresholdBytes: 104_857_600,
  },
  'handler.registered': address,
  'subscriber.registered': subscriber,
  'subscriber.unregistered': subscriber,
  'subscriber.validation_failed': { ...subscriber, fault: 'nothing is called "task.finished"' },
  'telemetry.cache_synced': {
    isSynced: true,
    strategy: 'distributed_atomic',
    instance: 'web-01-4711',
    metricsCount: 52,
    seriesCount: 310,
    dropped: [],
    bytes: 9_412,
    at: at(30),
    durationMs: 3.4,
    fault: null,
  },
  'plugin.registered': plugin,
  'plugin.unregistered': plugin,
  'plugin.validation_failed': { ...plugin, fault: 'the exporter name "statsd" is taken' },
  'telemetry.export_requested': {
    exportId: exportTried.exportId,
    target: 'prometheus',
    format: 'remote_write',
    scope: 'auto',
    attempt: 1,
  },
  'telemetry.export_completed': {
    ...exportTried,
    outcome: 'done',
    metricsCount: 48,
    seriesCount: 412,
    bytes: 9_120,
    fault: null,
  },
  'telemetry.export_failed': {
    ...exportTried,
    fault: 'the answer was 503',
    retryAt: new Date('2026-01-02T03:04:20Z'),
  },
  'telemetry.cache_ttl_extended': {
    exportId: exportTried.exportId,
    target: 'prometheus',
    attempt: 2,
    metricsCount: 48,
    extendedByMs: 90_000,
  },
}
