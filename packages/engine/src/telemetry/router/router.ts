// Which events are told to traces, metrics and logs, and of how many tasks. One frozen table, made when a Tasker starts:
// whoever listens asks it once for each name, so a route costs nothing at an event. Defaults are default-routes.ts.
import type { Config } from '../../config.ts'
import { suggestion } from '../../config/layer.ts'
import { nearestName } from '../../config/names.ts'
import { listFaults, TaskerError, type Fault } from '../../errors.ts'
import type { DeclaredEvent } from '../../events/described-events.ts'
import { eventNames, matchPatterns } from '../../events/names.ts'
import { defaultRoutes } from './default-routes.ts'
import { shareOf } from './share-of.ts'

export type Backend = 'trace' | 'metrics' | 'logs'
export type RoutePriority = 'low' | 'normal' | 'high' | 'critical'

export interface Route {
  /** None: it is told to no backend. Subscribers hear of it all the same. */
  readonly backends: readonly Backend[]
  /** Of how many tasks traces and logs are told, from 0 to 1. Metrics count all. */
  readonly samplingRate: number
  readonly priority: RoutePriority
}

/** Names are those of Tasker's events, or of custom events; of a name that nothing here has, nothing is told. */
export interface EventRouter {
  readonly routes: ReadonlyMap<string, Route>
  routesToTraces(name: string): boolean
  routesToMetrics(name: string): boolean
  routesToLogs(name: string): boolean
  /**
   * Whether traces and logs are told of this event of this task: decided by the task's id, the same in every process, so
   * that what is told of a task has no holes. What belongs to no task (null) is always told.
   */
  isSampled(name: string, taskId: string | null): boolean
}

type Telemetry = Pick<
  Config['telemetry'],
  'enabled' | 'routes' | 'filteredEvents' | 'eventSamplingRate'
>

/** @throws {TaskerError} CONFIG_INVALID with every name that nothing here has. */
export function createRouter(
  telemetry: Telemetry,
  declared: readonly Pick<DeclaredEvent, 'name'>[],
): EventRouter {
  const customEvents = declared.map(({ name }) => name)
  const faults = [
    ...unknownNames('telemetry.routes', Object.keys(telemetry.routes), customEvents),
    ...unknownNames('telemetry.filteredEvents', telemetry.filteredEvents, customEvents),
  ]
  if (faults.length > 0) {
    const message = `The configuration has ${listFaults(faults)}`
    throw new TaskerError('CONFIG_INVALID', message, { faults })
  }
  const routes = new Map(
    telemetry.enabled
      ? routesOf(telemetry, customEvents)
      : namesOf(customEvents).map((name) => [name, nowhere]),
  )
  const has = (name: string, backend: Backend): boolean =>
    routes.get(name)?.backends.includes(backend) === true
  return Object.freeze({
    routes,
    routesToTraces: (name: string) => has(name, 'trace'),
    routesToMetrics: (name: string) => has(name, 'metrics'),
    routesToLogs: (name: string) => has(name, 'logs'),
    isSampled(name: string, taskId: string | null): boolean {
      const rate = (routes.get(name)?.samplingRate ?? 0) * telemetry.eventSamplingRate
      return rate >= 1 || (rate > 0 && (taskId === null || shareOf(taskId) < rate))
    },
  })
}

const nowhere: Route = Object.freeze({
  backends: Object.freeze([]),
  samplingRate: 1,
  priority: 'normal',
})

const namesOf = (customEvents: readonly string[]): readonly string[] => [
  ...eventNames,
  ...customEvents,
]

/** Of patterns that match a name the longest goes before the others, the name itself before all. */
function routesOf(
  { routes, filteredEvents }: Telemetry,
  customEvents: readonly string[],
): (readonly [string, Route])[] {
  const given = Object.entries(routes)
    .map(([pattern, change]) => ({ pattern, names: matching(pattern, customEvents), change }))
    .toSorted((a, b) => rankOf(a.pattern) - rankOf(b.pattern))
  const filtered = new Set(filteredEvents.flatMap((name) => [...matching(name, customEvents)]))
  return namesOf(customEvents).map((name) => {
    if (filtered.has(name)) return [name, nowhere]
    const changes = given.filter(({ names }) => names.has(name)).map(({ change }) => change)
    return [name, changed(defaultOf(name), changes)]
  })
}

const defaultOf = (name: string): Route =>
  // Custom events have names of their own, so what is not there is one of them.
  (defaultRoutes as Readonly<Record<string, Route>>)[name] ?? defaultRoutes.custom

type Change = Config['telemetry']['routes'][string]

function changed(route: Route, changes: readonly Change[]): Route {
  const { enabled = true, ...facts } = Object.assign({}, ...changes) as Change
  return Object.freeze(enabled ? { ...route, ...facts } : { ...route, ...facts, backends: [] })
}

/** `*`, then prefixes by length, then names. */
const rankOf = (pattern: string): number =>
  pattern.endsWith('*') ? pattern.length : Number.MAX_SAFE_INTEGER

/** The names that a pattern means; `custom` and `custom.*` are all custom events. */
function matching(pattern: string, customEvents: readonly string[]): ReadonlySet<string> {
  const { events, customEvents: customs } = matchPatterns([pattern], customEvents)
  const isEveryCustom = ['custom', 'custom.*', '*'].includes(pattern)
  return new Set([...events, ...customs, ...(isEveryCustom ? ['custom'] : [])])
}

function unknownNames(
  path: string,
  patterns: readonly string[],
  customEvents: readonly string[],
): readonly Fault[] {
  return matchPatterns(patterns, customEvents).unknown.map((pattern) => {
    const nearest = suggestion(nearestName(pattern, namesOf(customEvents)))
    return { path, message: `nothing that can happen here is called "${pattern}".${nearest}` }
  })
}
