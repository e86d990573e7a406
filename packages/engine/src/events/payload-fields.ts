// The fields of each event's payload as JSON Schema: the form they have as JSON, so a Date is a text in the form date-time. The
// compiler holds the tables against the payload types; a test holds them against what is published.
import type { JsonObject } from '../json.ts'
import type { EventName, EventPayloads } from './catalogue.ts'
import type { EngineOperation } from './operations.ts'

const text = (description: string, more: JsonObject = {}): JsonObject => ({
  type: 'string',
  description,
  ...more,
})
const integer = (description: string, minimum = 0): JsonObject => ({
  type: 'integer',
  description,
  minimum,
})
const time = (description: string): JsonObject => text(description, { format: 'date-time' })
const timeOrNull = (description: string): JsonObject => ({
  ...time(description),
  type: ['string', 'null'],
})
const duration = (description: string): JsonObject => ({
  type: 'number',
  description,
  minimum: 0,
})
const yesOrNo = (description: string): JsonObject => ({ type: 'boolean', description })
const object = (description: string): JsonObject => ({ type: 'object', description })
const texts = (description: string): JsonObject => ({
  type: 'array',
  items: { type: 'string' },
  description,
})
const listOf = (description: string, properties: Readonly<Record<string, JsonObject>>) => ({
  type: 'array',
  description,
  items: { type: 'object', properties, required: Object.keys(properties) },
})

const address = {
  namespace: text('namespace of the definition'),
  taskName: text('name of the definition'),
  version: text('version of the definition'),
}
const happened = {
  eventId: text('key of the history entry it stands for, the same in every process'),
  taskId: text('the task', { format: 'uuid' }),
  ...address,
  correlationId: {
    ...text('what the task is known by; null: who tells does not know it'),
    type: ['string', 'null'],
  },
}
const state = text('the task’s state now')
const taskHappened = {
  ...happened,
  state,
  createdAt: time('when the task was created'),
  endedAt: timeOrNull('when it ended; null: it goes on'),
}
const taskStarted = { ...happened, state }
const claim = {
  stepName: text('the step'),
  attempt: integer('of its attempts, from 1', 1),
  claimNo: integer('number of the claim; never repeats for the step', 1),
}
const stepHappened = {
  ...happened,
  ...claim,
  retryLimit: integer('most attempts'),
  startedAt: time('when the attempt was claimed, by the database’s clock'),
}
const stepEnded = {
  ...stepHappened,
  durationMs: duration('milliseconds the attempt took in this process'),
}
const stepFailed = {
  ...stepEnded,
  error: object('class, message, code, context and causes of the error'),
  retryAt: timeOrNull('when it is tried again; null: never'),
}
const stepMoved = {
  ...happened,
  stepName: claim.stepName,
  from: text('the state it was in'),
  actor: text('who did it'),
  reason: text('why'),
}
const workerId = integer('the worker', 1)
const subscriber = {
  subscriber: text('name of the subscriber'),
  events: texts('the names and patterns it listens to'),
}
const plugin = {
  plugin: {
    ...text('name of the exporter; null: it was refused, and had none'),
    type: ['string', 'null'],
  },
  pluginClass: {
    ...text('its class; null: an object without one'),
    type: ['string', 'null'],
  },
  formats: texts('the formats that it makes'),
}
const exportTold = {
  exportId: text('the export, the same at each of its tries', { format: 'uuid' }),
  target: text('where to; `file:<format>`: a format was asked for'),
  format: text('what the metrics are made into'),
  scope: text('of which processes', { enum: ['auto', 'process', 'all'] }),
  attempt: integer('of its tries, from 1', 1),
}
const exportTried = {
  ...exportTold,
  durationMs: duration('milliseconds that the try took'),
  droppedCount: integer('values that the other side refused for good'),
}
const operation = text('the operation of the engine', {
  enum: [
    'create_tasks',
    'dispatch',
    'heartbeat',
    'rescue',
    'sweep',
    'roll_up',
    'prune_journal',
    'prune_cache',
    'operate',
  ] satisfies EngineOperation[],
})
const took = {
  durationMs: duration('milliseconds it took'),
  thresholdMs: duration('milliseconds from which it is told'),
}
const loadReasons = ['connections', 'event_loop', 'commit_latency', 'open_work', null]

export const payloadFields: {
  readonly [Name in EventName]: Readonly<Record<keyof EventPayloads[Name], JsonObject>>
} = {
  'task.initialize_requested': taskHappened,
  'task.rejected': {
    ...address,
    code: text('code of the error'),
    message: text('every fault; no values of the context'),
  },
  'task.start_requested': taskStarted,
  'task.completed': taskHappened,
  'task.failed': taskHappened,
  'task.cancelled': taskHappened,
  'task.resolved_manually': taskHappened,
  'task.retry_requested': taskHappened,
  'task.bottleneck_detected': {
    taskId: happened.taskId,
    ...address,
    stepName: claim.stepName,
    severity: text('how severe, by `dependencyGraph.severityThresholds`', {
      enum: ['Critical', 'High'],
    }),
    impactScore: integer('its score'),
    bottleneckType: text('what kind of trouble the step is in'),
    blockedSteps: integer('steps behind it that have not started'),
    resolution: text('what may be done'),
  },
  'workflow.viable_steps_discovered': {
    workerId,
    callId: text('the claiming call', { format: 'uuid' }),
    stepCount: integer('how many steps', 1),
    steps: listOf('the steps', { taskId: happened.taskId, ...claim }),
  },
  'step.execution_requested': stepHappened,
  'step.before_handle': stepHappened,
  'step.completed': {
    ...stepEnded,
    isCached: yesOrNo('its handler did not run: the result is that of an earlier run'),
  },
  'step.failed': stepFailed,
  'step.retry_requested': stepFailed,
  'observability.step.max_retries_reached': stepFailed,
  'step.waiting': {
    ...stepEnded,
    runAt: timeOrNull('when it is due again; null: at once'),
    reason: text('what it waits for'),
  },
  'step.outcome_refused': stepHappened,
  'step.cancelled': stepMoved,
  'step.resolved_manually': stepMoved,
  'step.skipped': stepMoved,
  custom: {
    ...stepHappened,
    name: text('name of the event, as declared'),
    payload: object('what the handler published'),
  },
  'worker.state_changed': {
    workerId,
    state: text('whether it can use the database', { enum: ['live', 'offline'] }),
  },
  'worker.concurrency_changed': {
    workerId,
    slots: integer('steps that it may run at once now'),
    slotsMax: integer('steps that it may run at once at most'),
    reason: { description: 'what holds it back; null: nothing', enum: loadReasons },
  },
  'worker.loop_blocked': {
    workerId,
    blockedMs: duration('milliseconds in which nothing else could run'),
    steps: listOf('the steps that may have done it, the likeliest first', {
      ...address,
      stepName: claim.stepName,
    }),
    isCertain: yesOrNo('the one step was seen blocking'),
  },
  'performance.slow_operation': { operation, ...took },
  'performance.slow_query': {
    statement: text('the statement, by its name'),
    ...took,
    rowCount: { ...integer('rows of its answer; null: it failed'), type: ['integer', 'null'] },
  },
  'memory.spike_detected': {
    operation,
    durationMs: took.durationMs,
    grownBytes: integer('bytes by which the memory of this process grew meanwhile'),
    usedBytes: integer('bytes in use at its end'),
    thresholdBytes: integer('bytes from which it is told'),
  },
  'handler.registered': address,
  'subscriber.registered': subscriber,
  'subscriber.unregistered': subscriber,
  'subscriber.validation_failed': { ...subscriber, fault: text('why it was refused') },
  'telemetry.cache_synced': {
    isSynced: yesOrNo('it was written'),
    strategy: text('how processes share the cache'),
    instance: text('host name and process id'),
    metricsCount: integer('metrics written'),
    seriesCount: integer('label sets written'),
    dropped: texts('metrics left out, since all together were too much for one entry'),
    bytes: integer('size of the entry'),
    at: time('when it began'),
    durationMs: duration('milliseconds it took'),
    fault: { ...text('why not; null: it was'), type: ['string', 'null'] },
  },
  'plugin.registered': plugin,
  'plugin.unregistered': plugin,
  'plugin.validation_failed': { ...plugin, fault: text('why it was refused') },
  'telemetry.export_requested': exportTold,
  'telemetry.export_completed': {
    ...exportTried,
    outcome: text('whether they were exported', { enum: ['done', 'skipped'] }),
    metricsCount: integer('metrics exported'),
    seriesCount: integer('their values'),
    bytes: integer('as delivered'),
    fault: {
      ...text('why it was skipped, or values were dropped; null: neither'),
      type: ['string', 'null'],
    },
  },
  'telemetry.export_failed': {
    ...exportTried,
    fault: text('why'),
    retryAt: timeOrNull('when it is tried again; null: it is not'),
  },
  'telemetry.cache_ttl_extended': {
    exportId: exportTold.exportId,
    target: exportTold.target,
    attempt: integer('the try that is to come', 2),
    metricsCount: integer('metrics that are kept longer'),
    extendedByMs: duration('milliseconds'),
  },
}

export const payloadSchema = (name: EventName): JsonObject => ({
  type: 'object',
  properties: payloadFields[name],
  required: Object.keys(payloadFields[name]),
  additionalProperties: false,
})
