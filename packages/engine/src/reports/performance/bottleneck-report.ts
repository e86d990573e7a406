// What holds tasks up as a whole, in a window of hours: the slowest tasks and steps, errors by class, what waits for what, how
// durations are distributed, and what would help most. Nothing in it is assumed; what was only sampled says so.
import type { Database } from '../../database/connect.ts'
import { readStepProfiles, readTaskProfiles } from '../../database/read-distributions.ts'
import {
  readAnalytics,
  readSlowestSteps,
  readSlowestTasks,
  type SlowStep,
  type SlowTask,
} from '../../database/read-statistics.ts'
import {
  readErrorPatterns,
  readRetries,
  readStandingSteps,
  type ErrorPattern,
  type StandingStep,
} from '../../database/read-trouble.ts'
import { percentage } from '../analysis/step-facts.ts'
import { adviceOf, slowPathsOf, type Advice } from './advice.ts'
import { readWindow, usualLimits, type PerformanceDistribution } from './distribution.ts'
import type { ReportScope } from './performance.ts'

export interface ErrorSummary {
  /** Tasks of the window that are in error, and what part of all of them, in percent. Exact. */
  readonly totalErrors: number
  readonly recentErrorRate: number
  /** The ten most frequent. */
  readonly commonErrorTypes: readonly ErrorPattern[]
  /** Steps of ended tasks that needed more than one attempt, among the tasks read. */
  readonly retriedSteps: number
  /** Percent of them that are complete; null without any. */
  readonly retrySuccessRate: number | null
  /** Tasks whose history was read for the types. */
  readonly tasksRead: number
  /** False: of the newest tasks and entries only. */
  readonly isExact: boolean
}

export interface DependencyBottlenecks {
  readonly openTasks: number
  /** Steps that wait for a parent, and the dependencies that they wait for. */
  readonly waitingSteps: number
  readonly blockingDependencies: number
  /** How long their tasks have been there, on average. */
  readonly avgWaitTimeMs: number | null
  /** The ten that wait in most tasks. */
  readonly mostBlockedSteps: readonly StandingStep[]
  /** The ten that hold up most steps, and wait for nothing but themselves. */
  readonly mostBlockingSteps: readonly StandingStep[]
  /** False: of the oldest open tasks only. */
  readonly isExact: boolean
}

export interface BottleneckReport {
  readonly generatedAt: Date
  /** What was asked for; null: all. */
  readonly scope: ReportScope
  readonly analysisPeriodHours: number
  readonly scopeSummary: {
    readonly totalTasks: number
    readonly uniqueTaskTypes: number
    /** The full minute that the window begins with, and how long it is. */
    readonly since: Date
    readonly timeSpanHours: number
  }
  readonly bottleneckAnalysis: {
    readonly slowestTasks: readonly SlowTask[]
    readonly slowestSteps: readonly SlowStep[]
    readonly errorPatterns: ErrorSummary
    readonly dependencyBottlenecks: DependencyBottlenecks
  }
  readonly performanceDistribution: PerformanceDistribution
  /** At most five; none when nothing would help. */
  readonly recommendations: readonly Advice[]
}

export interface BottleneckQuestion {
  readonly scope: ReportScope
  readonly periodHours: number
}

const hourMs = 3_600_000
const slowestShown = 10
const standingShown = 10
/** Definitions whose graphs are looked at for advice: those on which most time was spent. */
const definitionsMax = 3

export async function bottleneckReport(
  database: Database,
  { scope, periodHours }: BottleneckQuestion,
  at: Date,
  limits = usualLimits,
): Promise<BottleneckReport> {
  const { stepsMax, historiesMax } = limits
  const window = { ...scope, since: new Date(at.getTime() - periodHours * hourMs) }
  const metrics = await readAnalytics(database, window, at)
  const slowest = { scope: window, limit: slowestShown, at }
  const slowestTasks = await readSlowestTasks(database, slowest)
  const slowestSteps = await readSlowestSteps(database, slowest)
  const { taskIds, distribution } = await readWindow(database, window, limits)
  const sample = { taskIds, stepsMax, historiesMax }
  const { patterns, tasksRead, isWhole } = await readErrorPatterns(database, window, sample)
  const retries = await readRetries(database, taskIds, stepsMax)
  const standing = await readStandingSteps(database, scope, at)
  const tasks = await readTaskProfiles(database, taskIds, definitionsMax)
  const steps = await readStepProfiles(database, taskIds, {
    definitionIds: tasks.map(({ definitionId }) => definitionId),
    stepsMax,
  })
  const mostBlockingSteps = standing.steps
    .filter(({ stepsHeldUp }) => stepsHeldUp > 0)
    .toSorted((a, b) => b.stepsHeldUp - a.stepsHeldUp)
    .slice(0, standingShown)
  return {
    generatedAt: metrics.at,
    scope,
    analysisPeriodHours: periodHours,
    scopeSummary: {
      totalTasks: metrics.tasks,
      uniqueTaskTypes: metrics.taskTypes,
      since: metrics.since,
      timeSpanHours: Math.round((at.getTime() - metrics.since.getTime()) / (hourMs / 100)) / 100,
    },
    bottleneckAnalysis: {
      slowestTasks,
      slowestSteps,
      errorPatterns: {
        totalErrors: metrics.errorTasks,
        recentErrorRate: metrics.errorRate,
        commonErrorTypes: patterns,
        retriedSteps: retries.steps,
        retrySuccessRate: retries.steps === 0 ? null : percentage(retries.recovered, retries.steps),
        tasksRead,
        isExact: isWhole && distribution.isExact,
      },
      dependencyBottlenecks: {
        openTasks: standing.openTasks,
        waitingSteps: standing.waitingSteps,
        blockingDependencies: standing.unmetDependencies,
        avgWaitTimeMs: standing.waitingMs,
        mostBlockedSteps: standing.steps
          .filter(({ waiting }) => waiting > 0)
          .toSorted((a, b) => b.waiting - a.waiting)
          .slice(0, standingShown),
        mostBlockingSteps,
        isExact: standing.isWhole,
      },
    },
    performanceDistribution: distribution,
    recommendations: adviceOf({
      slowPaths: slowPathsOf(tasks, steps),
      patterns,
      tasksInError: metrics.errorTasks,
      blocking: mostBlockingSteps,
    }),
  }
}
