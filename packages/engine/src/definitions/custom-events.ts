// Which names an application's own events may have (engine specification, appendix A.2). Pure.
// Publishing them is the step runner's; cataloguing them is events/.
import { nameFault, nameLengthMax, quote, show } from './names.ts'

/** First words that only Tasker's own events have. */
const reservedNamespaces = new Set(['task', 'step', 'workflow', 'observability', 'test'])

/** Tasker's own events outside those words: `<first part>` to the rest of the names. */
const systemEvents = new Set([
  ...prefixed('tasker.telemetry', [
    'cache_synced',
    'export_requested',
    'export_completed',
    'export_failed',
    'plugin_registered',
    'plugin_unregistered',
  ]),
  ...prefixed('worker', ['state_changed', 'concurrency_changed', 'loop_blocked']),
  ...['handler', 'plugin', 'subscriber'].flatMap((prefix) =>
    prefixed(prefix, ['registered', 'unregistered', 'validation_failed']),
  ),
  ...prefixed('registry', [
    'sync_requested',
    'health_check',
    'stats_collected',
    'cross_discovery',
    'coordination_complete',
  ]),
])

/** What is wrong with the name of a custom event, or null. */
export function customEventNameFault(name: unknown): string | null {
  if (typeof name !== 'string') return `event name must be a string, got ${show(name)}`
  const fault = nameFault(name, nameLengthMax.event)
  if (fault !== null) return fault
  const dot = name.indexOf('.')
  if (dot <= 0 || dot === name.length - 1) {
    return `custom event name ${quote(name)} must contain a namespace (e.g. "order.fulfilled")`
  }
  if (systemEvents.has(name)) return `event name ${quote(name)} conflicts with a system event`
  const namespace = name.slice(0, dot).toLowerCase()
  if (reservedNamespaces.has(namespace)) {
    return `namespace ${quote(namespace)} is reserved for system events, received ${quote(name)}`
  }
  return null
}

function prefixed(prefix: string, names: readonly string[]): readonly string[] {
  return names.map((name) => `${prefix}.${name}`)
}
