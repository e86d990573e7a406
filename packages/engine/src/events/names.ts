// The names of the events as values, and the patterns that subscribers give: `*`, `task.*`, exact names, and the names of
// custom events, with or without the first generation's prefix `custom.`. Pure.
import type { EventName } from './catalogue.ts'

/** Listed as the keys of an object, so that the compiler misses none. In the order of a task's life. */
export const eventNames = Object.keys({
  'task.initialize_requested': true,
  'task.rejected': true,
  'task.start_requested': true,
  'task.completed': true,
  'task.failed': true,
  'task.cancelled': true,
  'task.resolved_manually': true,
  'task.retry_requested': true,
  'task.bottleneck_detected': true,
  'workflow.viable_steps_discovered': true,
  'step.execution_requested': true,
  'step.before_handle': true,
  'step.completed': true,
  'step.failed': true,
  'step.retry_requested': true,
  'observability.step.max_retries_reached': true,
  'step.waiting': true,
  'step.outcome_refused': true,
  'step.cancelled': true,
  'step.resolved_manually': true,
  'step.skipped': true,
  custom: true,
  'worker.state_changed': true,
  'worker.concurrency_changed': true,
  'worker.loop_blocked': true,
  'performance.slow_operation': true,
  'performance.slow_query': true,
  'memory.spike_detected': true,
  'handler.registered': true,
  'subscriber.registered': true,
  'subscriber.unregistered': true,
  'subscriber.validation_failed': true,
  'telemetry.cache_synced': true,
  'plugin.registered': true,
  'plugin.unregistered': true,
  'plugin.validation_failed': true,
  'telemetry.export_requested': true,
  'telemetry.export_completed': true,
  'telemetry.export_failed': true,
  'telemetry.cache_ttl_extended': true,
} satisfies Record<EventName, true>) as readonly EventName[] // its keys are the names

/** The part of a pattern before its `*`; null: an exact name. */
const prefixOf = (pattern: string): string | null =>
  pattern === '*' ? '' : pattern.endsWith('.*') ? pattern.slice(0, -1) : null

const isMatch = (pattern: string, name: string): boolean => {
  const prefix = prefixOf(pattern)
  return prefix === null ? pattern === name : name.startsWith(prefix)
}

/** What a subscriber listens to: events of Tasker, and custom events by their own names. */
export interface Listening {
  readonly events: ReadonlySet<EventName>
  readonly customEvents: ReadonlySet<string>
}

/** Patterns that match nothing are `unknown`. `custom` and `custom.*` mean every custom event. */
export function matchPatterns(
  patterns: readonly string[],
  customEvents: readonly string[],
): Listening & { readonly unknown: readonly string[] } {
  const events = new Set<EventName>()
  const customs = new Set<string>()
  const unknown = patterns.filter((given) => {
    const isAll = given === 'custom' || given === 'custom.*'
    const isListed = customEvents.includes(given)
    const pattern = isListed || isAll ? given : given.replace(/^custom\./, '')
    const ours = isAll ? [] : eventNames.filter((n) => n !== 'custom' && isMatch(pattern, n))
    const theirs = isAll ? customEvents : customEvents.filter((name) => isMatch(pattern, name))
    for (const name of ours) events.add(name)
    for (const name of theirs) customs.add(name)
    return ours.length + theirs.length === 0 && !isAll
  })
  return { events, customEvents: customs, unknown }
}
