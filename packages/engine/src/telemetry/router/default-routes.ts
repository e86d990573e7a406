// Where each event is told unless `telemetry.routes` says otherwise: the table of the first generation for the names that
// are kept, then all others. Everything is told to logs; the level of its line decides whether it is written. To metrics
// goes what a metric counts, to traces what a span or an event in one stands for.
import type { EventName } from '../../events/catalogue.ts'
import type { Route } from './router.ts'

const route = (backends: Route['backends'], more: Partial<Route> = {}): Route =>
  Object.freeze({
    samplingRate: 1,
    priority: 'normal',
    ...more,
    backends: Object.freeze(backends),
  })

const everywhere = route(['trace', 'metrics', 'logs'])
const tracedAndLogged = route(['trace', 'logs'])
const logged = route(['logs'])

export const defaultRoutes: Readonly<Record<EventName, Route>> = Object.freeze({
  'task.initialize_requested': everywhere,
  'task.rejected': logged,
  'task.start_requested': everywhere,
  'task.completed': everywhere,
  'task.failed': everywhere,
  'task.cancelled': everywhere,
  'task.resolved_manually': everywhere,
  'task.retry_requested': everywhere,
  'task.bottleneck_detected': route(['logs'], { priority: 'high' }),
  'workflow.viable_steps_discovered': everywhere,
  'step.execution_requested': everywhere,
  'step.before_handle': tracedAndLogged,
  'step.completed': everywhere,
  'step.failed': everywhere,
  'step.retry_requested': everywhere,
  // Its metric counts at step.failed, with those that ended for another reason at their last attempt.
  'observability.step.max_retries_reached': route(['trace', 'logs'], { priority: 'high' }),
  'step.waiting': everywhere,
  'step.outcome_refused': everywhere,
  'step.cancelled': everywhere,
  'step.resolved_manually': everywhere,
  'step.skipped': everywhere,
  custom: tracedAndLogged,
  'worker.state_changed': route(['logs'], { priority: 'high' }),
  'worker.concurrency_changed': logged,
  'worker.loop_blocked': route(['metrics', 'logs'], { priority: 'high' }),
  'performance.slow_operation': route(['logs'], { priority: 'high' }),
  'performance.slow_query': route(['logs'], { priority: 'high' }),
  'memory.spike_detected': route(['logs'], { priority: 'critical' }),
  'handler.registered': logged,
  'subscriber.registered': logged,
  'subscriber.unregistered': logged,
  'subscriber.validation_failed': logged,
  'telemetry.cache_synced': logged,
  'plugin.registered': logged,
  'plugin.unregistered': logged,
  'plugin.validation_failed': logged,
  'telemetry.export_requested': logged,
  'telemetry.export_completed': route(['metrics', 'logs']),
  'telemetry.export_failed': route(['metrics', 'logs'], { priority: 'high' }),
  'telemetry.cache_ttl_extended': logged,
})
