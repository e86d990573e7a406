// What can be asked about tasks and definitions as a whole: `tasker.reports`. Each report is one line here and a file of
// its own under reports/; nothing is decided in this one.
import type { AdaptiveCache } from './cache/adaptive-cache.ts'
import type { Clock } from './clock.ts'
import type { Config } from './config.ts'
import type { Database } from './database/connect.ts'
import { databaseInstant } from './database/prune.ts'
import {
  readAnalytics,
  readDependencyLevels,
  readHealthCounts,
  readSlowestSteps,
  readSlowestTasks,
  recountTasks,
  type AnalyticsMetrics,
  type HealthCounts,
  type SlowStep,
  type SlowTask,
  type StepLevel,
} from './database/read-statistics.ts'
import { namespaceDefault } from './definitions/build-definition.ts'
import type { DefinitionDiff } from './definitions/definition-diff.ts'
import type { DefinitionRegistry } from './definitions/registry.ts'
import { parseAddress, type DefinitionAddress } from './given-definitions.ts'
import type { EventBus } from './events/bus.ts'
import { parseTaskId, type TaskId } from './ids.ts'
import type { TaskAnalysis } from './reports/analysis/analyse-task.ts'
import { TaskAnalyses } from './reports/analysis/task-analyses.ts'
import { findAndDiff, type DiffSide } from './reports/definition-diff.ts'
import {
  discover,
  discoverDefinition,
  type DiscoveredDefinition,
  type DiscoveryReport,
} from './reports/discovery.ts'
import { readGraphOfDefinition, readGraphOfTask } from './reports/graph/read-graph.ts'
import type { DurationSource, StepGraph } from './reports/graph/step-graph.ts'
import { keptReport, type Kept } from './reports/kept-report.ts'
import { bottleneckReport, type BottleneckReport } from './reports/performance/bottleneck-report.ts'
import {
  performanceReport,
  type PerformanceReport,
  type ReportScope,
} from './reports/performance/performance.ts'
import { systemStatus, type SystemStatus } from './reports/system-status.ts'
import { registryHealth, type RegistryHealth } from './reports/registry-health.ts'
import { readStoredDefinitions, type StoredDefinitionName } from './reports/stored-definitions.ts'
import { taskNotFound } from './reports/task-view.ts'
import {
  readAnalyticsFilter,
  readBottleneckFilter,
  readReportFilter,
  readSlowestFilter,
  type AnalyticsFilter,
  type BottleneckFilter,
  type ReportFilter,
  type SlowestFilter,
} from './tasks/statistics-filter.ts'

export interface Reports {
  /**
   * A task as a graph: its paths and which of them matter most, what can run at once, what failed steps keep from running,
   * what holds it up, when each step could start, and what to do. Made anew once the task has changed, or after 90 s, which adapt
   * to its use (section `cache`). Weights:
   * section `dependencyGraph`. Publishes `task.bottleneck_detected`.
   * @throws {TaskerError} TASK_NOT_FOUND
   */
  analysis(taskId: string): Promise<Kept<TaskAnalysis>>
  /**
   * The definitions of this process beside those of the database: what only one of the two knows, what is in flight of each
   * version, and versions with tasks that no live worker serves. `definitions`: others than this Tasker's own.
   */
  registry(definitions?: DefinitionRegistry): Promise<RegistryHealth>
  /**
   * What differs between two versions of a definition, each difference compatible or not and why. Registered ones go before
   * stored ones. `definitions`: others than this Tasker's own.
   * @throws {TaskerError} DEFINITION_NOT_FOUND
   */
  definitionDiff(
    from: DefinitionAddress | string,
    to: DefinitionAddress | string,
    definitions?: DefinitionRegistry,
  ): Promise<DefinitionDiff>
  /**
   * A task as a graph for `renderGraph`: levels, states, durations, and the path that took longest. `durations`: default
   * `measured`, all attempts of a step together, the running one until now, without the waits between them.
   * @throws {TaskerError} TASK_NOT_FOUND, REQUEST_INVALID
   */
  graph(taskId: string, options?: { readonly durations?: DurationSource }): Promise<StepGraph>
  /**
   * A definition as a graph for `renderGraph`. Registered ones go before stored ones. `durations`: default `none`; measured
   * ones are the means of its 20 newest complete tasks. `definitions`: others than this Tasker's own.
   * @throws {TaskerError} DEFINITION_NOT_FOUND, REQUEST_INVALID
   */
  definitionGraph(
    address: DefinitionAddress | string,
    options?: { readonly durations?: DurationSource; readonly definitions?: DefinitionRegistry },
  ): Promise<StepGraph>
  /**
   * What is stored, whoever serves it: names with their versions, what is in flight of each, who serves it, and when it was last
   * used. `namespaces`: only of these. Costs what is in flight.
   */
  storedDefinitions(scope?: DefinitionScope): Promise<readonly StoredDefinitionName[]>
  /**
   * One stored version whole: settings, context schema, steps with their dependencies and what may be shown of their handlers'
   * configuration. The version exactly, by a semver range, or as `latest`, which is also what no version means. Kept until it
   * is stored anew, for about `cache.dashboardCacheTtl`.
   * @throws {TaskerError} DEFINITION_NOT_FOUND, of namespaces outside of those given too
   */
  storedDefinition(
    address: DefinitionAddress | string,
    scope?: DefinitionScope,
  ): Promise<Kept<DiscoveredDefinition>>
  /**
   * Namespaces with the numbers of their definitions. `namespaces`: only of these. Kept until a definition is stored, for about
   * `cache.dashboardCacheTtl`.
   */
  discovery(scope?: DefinitionScope): Promise<Kept<DiscoveryReport>>
  /** All tasks and steps by state, at this moment. Costs what open tasks cost, however many are retained. */
  health(): Promise<HealthCounts>
  /** How the system fares as a whole, and whether that is well. Kept for `health.cacheDurationSeconds` at most, while it is. */
  status(): Promise<Kept<SystemStatus>>
  /**
   * What became of the tasks created since a time: how many, how they ended, how long they and their steps took.
   * @throws {TaskerError} REQUEST_INVALID with every fault of the filter
   */
  analytics(filter?: AnalyticsFilter): Promise<AnalyticsMetrics>
  /**
   * Of the tasks created since a time that are complete or in error, those that took longest, the longest first.
   * @throws {TaskerError} REQUEST_INVALID with every fault of the filter
   */
  slowestTasks(filter?: SlowestFilter): Promise<readonly SlowTask[]>
  /**
   * Of the complete steps of tasks created since a time, those whose last attempt ran longest, the longest first.
   * @throws {TaskerError} REQUEST_INVALID with every fault of the filter
   */
  slowestSteps(filter?: SlowestFilter): Promise<readonly SlowStep[]>
  /**
   * How tasks fare as a whole: what is under way, trends of the last hour, four hours and day, percentiles of the last day.
   * Kept for about 90 s. At most 2,000 ended tasks are read for the percentiles: see `isExact`.
   * @throws {TaskerError} REQUEST_INVALID with every fault of the filter
   */
  performance(filter?: ReportFilter): Promise<Kept<PerformanceReport>>
  /**
   * What holds tasks up as a whole, of those created in the last hours: the slowest, errors by class, what waits for what,
   * percentiles, and what would help most. Kept for about `cache.dashboardCacheTtl`.
   * @throws {TaskerError} REQUEST_INVALID with every fault of the filter
   */
  bottlenecks(filter?: BottleneckFilter): Promise<Kept<BottleneckReport>>
  /**
   * Begins the statistics anew from the tasks themselves: for tables that were written by hand. Nobody can end a task while
   * it runs; until a worker has added all of them up again, statistics are right and slow.
   */
  recount(): Promise<void>
  /**
   * How far each step of a task is from a root, by the longest path.
   * @throws {TaskerError} TASK_NOT_FOUND
   */
  dependencyLevels(taskId: string): Promise<readonly StepLevel[]>
}

export interface DefinitionScope {
  /** Only of these; none of them: nothing. Default: of all. */
  readonly namespaces?: readonly string[] | undefined
}

const performanceTtlMs = 90_000

export interface ReportParts {
  readonly config: Config
  readonly clock: Clock
  readonly database: Database
  readonly definitions: DefinitionRegistry
  readonly bus: EventBus
  readonly cache: AdaptiveCache
}

export function reportOperations(parts: ReportParts): Reports {
  const { config, clock, database, bus, cache } = parts
  const dashboardTtlMs = config.cache.dashboardCacheTtl * 1_000
  const statusTtlMs = config.health.cacheDurationSeconds * 1_000
  const analyses = new TaskAnalyses({
    database,
    clock,
    bus,
    cache,
    weights: config.dependencyGraph,
  })
  const now = (): Date | null => clock.databaseNow()
  const discovery = { database, cache, now, ttlMs: dashboardTtlMs }
  const idOf = (taskId: string): TaskId => {
    const id = parseTaskId(taskId)
    if (id === null) throw taskNotFound(taskId, database.schema)
    return id
  }
  return {
    analysis: async (taskId) => analyses.of(idOf(taskId)),
    registry: async (definitions = parts.definitions) =>
      registryHealth(database, definitions, now()),
    definitionDiff: async (from, to, definitions = parts.definitions) =>
      findAndDiff(database, definitions, { from: sideAt(from), to: sideAt(to) }),
    graph: async (taskId, { durations = 'measured' } = {}) =>
      readGraphOfTask(database, idOf(taskId), { at: now(), durations }),
    definitionGraph: async (
      address,
      { durations = 'none', definitions = parts.definitions } = {},
    ) => readGraphOfDefinition(database, definitions, { side: sideAt(address), durations }),
    storedDefinitions: async ({ namespaces } = {}) =>
      readStoredDefinitions(database, now(), namespaces ?? null),
    storedDefinition: async (address, { namespaces } = {}) =>
      discoverDefinition(discovery, sideAt(address), namespaces ?? null),
    discovery: async ({ namespaces } = {}) => discover(discovery, namespaces ?? null),
    health: async () => readHealthCounts(database, now()),
    status: async () =>
      keptReport(cache, {
        key: ['status'],
        ttlMs: statusTtlMs,
        ttlMaxMs: statusTtlMs,
        staleMs: 0, // it is asked whether all is well now
        shape: statusShape,
        make: async () => systemStatus(database, now(), () => clock.monotonicMs()),
        isKept: ({ isHealthy }) => isHealthy,
      }),
    analytics: async (filter = {}) => readAnalytics(database, readAnalyticsFilter(filter), now()),
    slowestTasks: async (filter = {}) =>
      readSlowestTasks(database, { ...readSlowestFilter(filter), at: now() }),
    slowestSteps: async (filter = {}) =>
      readSlowestSteps(database, { ...readSlowestFilter(filter), at: now() }),
    performance: async (filter = {}) => {
      const scope = readReportFilter(filter)
      return keptReport(cache, {
        key: ['performance', ...partsOf(scope)],
        ttlMs: performanceTtlMs,
        shape: performanceShape,
        make: async () => performanceReport(database, scope, now()),
      })
    },
    bottlenecks: async (filter = {}) => {
      const question = readBottleneckFilter(filter)
      return keptReport(cache, {
        key: ['bottlenecks', ...partsOf(question.scope), question.periodHours],
        ttlMs: dashboardTtlMs,
        shape: bottlenecksShape,
        make: async () =>
          bottleneckReport(database, question, await databaseInstant(database, now())),
      })
    },
    recount: async () => recountTasks(database),
    dependencyLevels: async (taskId) => {
      const levels = await readDependencyLevels(database, idOf(taskId))
      if (levels.length === 0) throw taskNotFound(taskId, database.schema) // a task has a step
      return levels
    },
  }
}

const statusShape = {
  generatedAt: 'date',
  isHealthy: 'boolean',
  failedChecks: 'array',
  counts: 'object',
  lastHour: 'object',
  pool: 'object',
  workers: 'object',
  durationMs: 'number',
} as const

const performanceShape = {
  generatedAt: 'date',
  scope: 'object',
  systemOverview: 'object',
  performanceTrends: 'object',
  performanceDistribution: 'object',
} as const

const bottlenecksShape = {
  generatedAt: 'date',
  scope: 'object',
  analysisPeriodHours: 'number',
  scopeSummary: 'object',
  bottleneckAnalysis: 'object',
  performanceDistribution: 'object',
  recommendations: 'array',
} as const

const partsOf = ({ namespace, name, version }: ReportScope) => [namespace, name, version]

function sideAt(address: DefinitionAddress | string): DiffSide {
  const {
    namespace = namespaceDefault,
    name,
    version = 'latest',
  } = typeof address === 'string' ? parseAddress(address) : address
  return { namespace, name, version }
}
