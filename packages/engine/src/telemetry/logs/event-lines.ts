// The line of each event: its level, its words, the component it belongs to, and its fields. Nothing is made of an event that
// is not routed to logs, or whose level is not written: nobody subscribes to it then.
import type { EventBus } from '../../events/bus.ts'
import type { EventName, EventPayloads } from '../../events/catalogue.ts'
import type { LogComponent, LogLevel } from '../../log.ts'
import type { EventRouter } from '../router/router.ts'
import type { Logs } from './logs.ts'

type Words = readonly [component: LogComponent, level: LogLevel, message: string]

/**
 * Debug: what goes well with every step, thousands of times a second, which the first generation told at info; and what the
 * engine says in words of its own as well.
 */
export const eventWords: Readonly<Record<EventName, Words>> = {
  'task.initialize_requested': ['task', 'info', 'Task created'],
  'task.rejected': ['task', 'warn', 'Request for a task refused'],
  'task.start_requested': ['task', 'debug', 'Task started'],
  'task.completed': ['task', 'info', 'Task completed'],
  'task.failed': ['task', 'error', 'Task failed'],
  'task.cancelled': ['task', 'info', 'Task cancelled'],
  'task.resolved_manually': ['task', 'info', 'Task resolved manually'],
  'task.retry_requested': ['task', 'info', 'Task goes on'],
  'task.bottleneck_detected': ['task', 'warn', 'Bottleneck found'],
  'workflow.viable_steps_discovered': ['workflow', 'debug', 'Steps claimed'],
  'step.execution_requested': ['step', 'debug', 'Step started'],
  'step.before_handle': ['step', 'debug', 'Step handler called'],
  'step.completed': ['step', 'debug', 'Step completed'],
  'step.failed': ['step', 'warn', 'Step failed'],
  'step.retry_requested': ['step', 'info', 'Step will be tried again'],
  'observability.step.max_retries_reached': ['step', 'error', 'Step has no attempt left'],
  'step.waiting': ['step', 'info', 'Step waits'],
  'step.outcome_refused': ['step', 'debug', 'Step outcome came too late'],
  'step.cancelled': ['step', 'info', 'Step cancelled'],
  'step.resolved_manually': ['step', 'info', 'Step resolved manually'],
  'step.skipped': ['step', 'info', 'Step skipped'],
  custom: ['handler', 'info', 'Custom event published'],
  'worker.state_changed': ['worker', 'debug', 'Worker state changed'],
  'worker.concurrency_changed': ['worker', 'debug', 'Worker concurrency changed'],
  'worker.loop_blocked': ['worker', 'debug', 'Event loop blocked'],
  'performance.slow_operation': ['performance', 'warn', 'Slow operation'],
  'performance.slow_query': ['performance', 'warn', 'Slow statement'],
  'memory.spike_detected': ['performance', 'warn', 'Memory spike'],
  'handler.registered': ['registry', 'debug', 'Definition registered'],
  'subscriber.registered': ['events', 'debug', 'Subscriber registered'],
  'subscriber.unregistered': ['events', 'debug', 'Subscriber unregistered'],
  'subscriber.validation_failed': ['events', 'warn', 'Subscriber refused'],
  'telemetry.cache_synced': ['cache', 'debug', 'Metrics shared'],
  'plugin.registered': ['registry', 'debug', 'Exporter registered'],
  'plugin.unregistered': ['registry', 'debug', 'Exporter unregistered'],
  'plugin.validation_failed': ['registry', 'warn', 'Exporter refused'],
  'telemetry.export_requested': ['application', 'debug', 'Metrics export started'],
  'telemetry.export_completed': ['application', 'info', 'Metrics export completed'],
  'telemetry.export_failed': ['application', 'warn', 'Metrics export failed'],
  'telemetry.cache_ttl_extended': ['cache', 'info', 'Shared metrics kept longer for a retry'],
}

/** Returns the way to stop. */
export function logEvents(
  bus: EventBus,
  router: EventRouter,
  logs: Pick<Logs, 'isWritten' | 'write'>,
): () => void {
  const isWanted = (name: EventName): boolean => {
    const [component, level] = eventWords[name]
    const names = name === 'custom' ? [...router.routes.keys()] : [name]
    return names.some((each) => router.routesToLogs(each)) && logs.isWritten(component, level)
  }
  const stops = eventNames(eventWords)
    .filter(isWanted)
    .map((name) => bus.on(name, (payload) => tell(name, payload), 'logs'))

  const tell = (name: EventName, payload: EventPayloads[EventName]): void => {
    const [component, level, message] = wordsOf(name, payload)
    if (!logs.isWritten(component, level)) return
    const own = 'name' in payload ? payload.name : name // only custom events have one
    const taskId = 'taskId' in payload ? payload.taskId : null
    if (!router.routesToLogs(own) || !router.isSampled(own, taskId)) return
    const fields = { event: own, event_type: typeOf(own), ...fieldsOf(name, payload) }
    const priority = router.routes.get(own)?.priority ?? 'normal'
    logs.write({ level, component, message, fields, priority, isEvent: true })
  }
  return () => {
    for (const stop of stops) stop()
  }
}

/** Of those whose words stand in the payload; the table has the most severe. */
function wordsOf(name: EventName, payload: EventPayloads[EventName]): Words {
  const [component, level, message] = eventWords[name]
  if (name === 'telemetry.export_completed' && 'outcome' in payload) {
    return [component, level, payload.outcome === 'skipped' ? 'Metrics export skipped' : message]
  }
  // It is tried again; that its target has an outage is a line of its own, once.
  if (name === 'telemetry.export_failed' && 'retryAt' in payload && payload.retryAt !== null) {
    return [component, 'info', message]
  }
  return [component, level, message]
}

// The keys of the table are the names.
const eventNames = (words: typeof eventWords): readonly EventName[] =>
  Object.keys(words) as EventName[]

const typeOf = (name: string): string => name.slice(name.lastIndexOf('.') + 1)

function fieldsOf(
  name: EventName,
  payload: EventPayloads[EventName],
): Readonly<Record<string, unknown>> {
  const durationMs = durationOf(payload)
  return {
    ...payload,
    ...('steps' in payload && name.startsWith('workflow.') ? { steps: undefined } : {}),
    ...entityOf(name, payload),
    ...('correlationId' in payload ? { correlationId: payload.correlationId ?? undefined } : {}),
    ...(durationMs === null
      ? {}
      : { durationMs: round(durationMs), performanceCategory: categoryOf(durationMs) }),
  }
}

function entityOf(
  name: EventName,
  payload: EventPayloads[EventName],
): Readonly<Record<string, unknown>> {
  if ('stepName' in payload && 'eventId' in payload) {
    // `<task id>/<step number>/…`
    const stepId = payload.eventId.split('/', 2).join('/')
    return { entityType: 'step', entityId: stepId, entityName: payload.stepName, stepId }
  }
  if ('taskId' in payload) {
    const { taskId, taskName, ...rest } = payload
    const status = 'state' in rest ? { taskStatus: rest.state } : {}
    return {
      entityType: 'task',
      entityId: taskId,
      entityName: taskName,
      ...status,
      state: undefined,
    }
  }
  if ('workerId' in payload) {
    const entityType = name.startsWith('workflow.') ? 'orchestration' : 'worker'
    return { entityType, entityId: payload.workerId }
  }
  if ('operation' in payload) return { entityType: 'performance', entityId: payload.operation }
  if ('statement' in payload) return { entityType: 'performance', entityId: payload.statement }
  if ('subscriber' in payload) return { entityType: 'subscriber', entityId: payload.subscriber }
  if ('exportId' in payload) return { entityType: 'export', entityId: payload.exportId }
  if ('plugin' in payload) return { entityType: 'plugin', entityId: payload.plugin }
  return { entityType: 'definition' }
}

function durationOf(payload: EventPayloads[EventName]): number | null {
  if ('durationMs' in payload) return payload.durationMs
  if (!('endedAt' in payload) || payload.endedAt === null) return null
  return payload.endedAt.getTime() - payload.createdAt.getTime()
}

const round = (ms: number): number => Math.round(ms * 100) / 100

export function categoryOf(ms: number): 'fast' | 'moderate' | 'slow' | 'very_slow' {
  if (ms <= 100) return 'fast'
  if (ms <= 1_000) return 'moderate'
  return ms <= 5_000 ? 'slow' : 'very_slow'
}
