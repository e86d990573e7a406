// How tasks fare as a whole: what is under way, what became of those of the last hour, four hours and day, and how long they
// took. Counts and averages are exact; percentiles say what they are of.
import type { Database } from '../../database/connect.ts'
import {
  readAnalytics,
  type AnalyticsMetrics,
  type StatisticsScope,
} from '../../database/read-statistics.ts'
import { readWindow, type PerformanceDistribution } from './distribution.ts'

export type ReportScope = Omit<StatisticsScope, 'since'>

/** Of the tasks created since a time. */
export interface PerformanceTrend {
  /** The full minute that the window begins with. */
  readonly since: Date
  readonly taskThroughput: number
  readonly stepThroughput: number
  /** Percent of the tasks that are complete, and in error; those that go on are neither. */
  readonly completionRate: number
  readonly errorRate: number
  /** Of complete tasks, from creation to end. Null of nothing. */
  readonly avgTaskDurationMs: number | null
  /** Of complete steps, the last attempt. */
  readonly avgStepDurationMs: number | null
  /** Of complete steps, from the creation of the task to that attempt. */
  readonly avgStepWaitMs: number | null
}

export interface PerformanceReport {
  readonly generatedAt: Date
  /** What was asked for; null: all. */
  readonly scope: ReportScope
  readonly systemOverview: {
    /** In progress now. */
    readonly activeTasks: number
    readonly totalNamespaces: number
    readonly uniqueTaskTypes: number
    /** Of the tasks of the last hour, the part that is not in error; 1 when there was none. */
    readonly systemHealthScore: number
  }
  readonly performanceTrends: {
    readonly lastHour: PerformanceTrend
    readonly last4Hours: PerformanceTrend
    readonly last24Hours: PerformanceTrend
  }
  /** Of the last 24 hours. */
  readonly performanceDistribution: PerformanceDistribution
}

const hourMs = 3_600_000

export async function performanceReport(
  database: Database,
  scope: ReportScope,
  now: Date | null,
): Promise<PerformanceReport> {
  const hour = await readAnalytics(database, { ...scope, since: null }, now) // its default
  const { at } = hour
  const hoursBefore = (hours: number): Date => new Date(at.getTime() - hours * hourMs)
  const since = (hours: number) => ({ ...scope, since: hoursBefore(hours) })
  const last4Hours = await readAnalytics(database, since(4), at)
  const last24Hours = await readAnalytics(database, since(24), at)
  const { distribution } = await readWindow(database, since(24))
  return {
    generatedAt: at,
    scope,
    systemOverview: {
      activeTasks: hour.activeTasks,
      totalNamespaces: hour.namespaces,
      uniqueTaskTypes: hour.taskTypes,
      systemHealthScore: hour.healthScore,
    },
    performanceTrends: {
      lastHour: trendOf(hour),
      last4Hours: trendOf(last4Hours),
      last24Hours: trendOf(last24Hours),
    },
    performanceDistribution: distribution,
  }
}

const trendOf = (metrics: AnalyticsMetrics): PerformanceTrend => ({
  since: metrics.since,
  taskThroughput: metrics.tasks,
  stepThroughput: metrics.steps,
  completionRate: metrics.completionRate,
  errorRate: metrics.errorRate,
  avgTaskDurationMs: metrics.taskDurationMs,
  avgStepDurationMs: metrics.stepDurationMs,
  avgStepWaitMs: metrics.stepWaitMs,
})
