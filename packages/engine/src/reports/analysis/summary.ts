// The analysis of a task in one paragraph: its numbers, how it is, and what to do. Says only what the other parts found.
// Pure.
import type { Bottlenecks } from './bottlenecks.ts'
import type { CriticalPaths } from './critical-paths.ts'
import type { ErrorChain, ErrorChains } from './error-chains.ts'
import type { ParallelismOpportunities } from './parallelism.ts'
import { isFailed, isUnstable } from './step-facts.ts'
import type { TaskGraph } from './task-graph.ts'
import type { TaskSchedule, TimeBottleneck } from './timing.ts'
import { count, formatDuration } from '../../wording.ts'

export interface TaskExecutionSummary {
  readonly totalSteps: number
  readonly totalDependencies: number
  /** How many levels the graph has. */
  readonly dependencyLevels: number
  readonly longestPathLength: number
  readonly criticalBottlenecksCount: number
  readonly errorChainsCount: number
  readonly parallelismEfficiency: number
  /** Critical: nothing goes on without an operator. Warning: something has failed or is tried again. */
  readonly overallHealth: 'healthy' | 'warning' | 'critical'
  /** Sentences about this task; none when there is nothing to do. */
  readonly recommendations: readonly string[]
}

export interface AnalysisParts {
  readonly graph: TaskGraph
  readonly paths: CriticalPaths
  readonly schedule: TaskSchedule
  readonly parallelism: ParallelismOpportunities
  readonly errors: ErrorChains
  readonly bottlenecks: Bottlenecks
}

export function summarize(parts: AnalysisParts): TaskExecutionSummary {
  const { graph, paths, parallelism, errors, bottlenecks } = parts
  return {
    totalSteps: parallelism.totalSteps,
    totalDependencies: graph.parents.reduce((sum, parents) => sum + parents.length, 0),
    dependencyLevels: parallelism.totalLevels,
    longestPathLength: paths.longestPathLength,
    criticalBottlenecksCount: bottlenecks.criticalBottlenecks,
    errorChainsCount: errors.totalErrorSteps,
    parallelismEfficiency: parallelism.parallelismEfficiency,
    overallHealth: healthOf(parts),
    recommendations: recommendationsOf(parts),
  }
}

// A step that waits for its parents may score as critical in a task where all is well: it is no trouble by itself.
function healthOf({ graph, errors }: AnalysisParts): TaskExecutionSummary['overallHealth'] {
  if (errors.taskHealth === 'blocked') return 'critical'
  return errors.totalErrorSteps > 0 || graph.steps.some(isUnstable) ? 'warning' : 'healthy'
}

const sentencesMax = 3
/** Percent of the critical path that a step must cost before it is worth a sentence. */
const gainShareMin = 20

function recommendationsOf({ graph, errors, schedule }: AnalysisParts): readonly string[] {
  const unstable = graph.steps.filter((step) => isUnstable(step) && !isFailed(step))
  return [
    ...errors.errorChains.slice(0, sentencesMax).map(adviceFor),
    ...unstable
      .slice(0, sentencesMax)
      .map(
        ({ name, attempts, retryLimit }) =>
          `Watch "${name}": it has used ${attempts} of ${retryLimit} attempts.`,
      ),
    ...schedule.timeBottlenecks
      // What is only estimated is no cause.
      .filter(
        ({ durationFrom, gainMs }) =>
          durationFrom !== 'estimated' && gainMs * 100 >= gainShareMin * schedule.criticalPathMs,
      )
      .slice(0, sentencesMax)
      .map((step) => shortenBy(step, schedule)),
  ]
}

function shortenBy(
  { stepName, durationMs, durationFrom, usual, gainMs }: TimeBottleneck,
  { criticalPathMs }: TaskSchedule,
): string {
  const usually =
    usual === null ? '' : `p50 ${formatDuration(usual.p50Ms)} of ${count(usual.runs, 'run')}`
  const took =
    durationFrom === 'usual'
      ? `takes ${usually},`
      : `took ${formatDuration(durationMs)}${usually === '' ? '' : ` (${usually})`}`
  return (
    `Shorten "${stepName}": it ${took} of the ${formatDuration(criticalPathMs)} of the critical path; ` +
    `without it the path would be ${formatDuration(gainMs)} shorter.`
  )
}

function adviceFor(chain: ErrorChain): string {
  const { errorStepName: name, errorAttempts: attempts, retryLimit, retryAnalysis } = chain
  const blocked = chain.totalBlockedDownstreamSteps
  const consequence =
    blocked === 0 ? '' : `; ${blocked} ${blocked === 1 ? 'step waits' : 'steps wait'} behind it`
  if (retryAnalysis.inBackoff) {
    const at = retryAnalysis.nextRetryAt?.toISOString() ?? 'a later time'
    return `Wait for "${name}": it failed ${attempts} of ${retryLimit} times and is tried again at ${at}${consequence}.`
  }
  if (retryAnalysis.retryable)
    return `Watch "${name}": it failed ${attempts} of ${retryLimit} times and is tried again now${consequence}.`
  return `Retry or resolve "${name}": it failed for good after ${attempts} of ${retryLimit} attempts${consequence}.`
}
