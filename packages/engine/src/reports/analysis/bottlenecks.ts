// Which steps hold a task up, how much, and what kind of trouble each is in. What is done holds nothing up. Pure.
import type { TaskGraphStep } from '../../database/read-task-graph.ts'
import type { HealthStatus } from '../../states.ts'
import type { Downstream } from './downstream.ts'
import {
  countOf,
  isBlocked,
  isDone,
  isExhausted,
  isFailed,
  isFailedForGood,
  isInBackoff,
  isUnstable,
  percentage,
  severityOf,
  type Severity,
  type Weights,
} from './step-facts.ts'
import { placesWhere, stepAt, type TaskGraph } from './task-graph.ts'

export interface Bottleneck {
  readonly stepId: number
  readonly stepName: string
  readonly currentState: TaskGraphStep['state']
  readonly attempts: number
  readonly retryLimit: number
  readonly dependenciesSatisfied: boolean
  readonly downstreamStepsCount: number
  readonly blockedDownstreamCount: number
  readonly impactScore: number
  readonly severity: Severity
  readonly bottleneckType:
    'Permanent Failure' | 'Non-Retryable' | 'Active Error' | 'Dependency Block' | 'Retry Exhaustion'
  readonly resolutionStrategy: string
  readonly estimatedResolutionTime: string
}

export interface Bottlenecks {
  readonly totalBottlenecks: number
  /** How many of them are Critical. */
  readonly criticalBottlenecks: number
  readonly totalBlockedSteps: number
  /** The ten with the highest score. */
  readonly bottlenecks: readonly Bottleneck[]
  readonly taskHealth: HealthStatus
  /** Percent of the steps that are done. */
  readonly taskCompletion: number
  /** Percent of the steps that are in error. */
  readonly failedStepsRatio: number
  readonly overallImpact: 'None' | 'Low' | 'Medium' | 'High' | 'Severe'
  /** False beyond 10,000 steps: then the numbers of steps behind others, and the scores, are estimates. */
  readonly countsAreExact: boolean
}

const bottlenecksShown = 10

export interface BottleneckSettings {
  /** When the steps were read. */
  readonly at: Date
  readonly downstream: Downstream
  readonly health: HealthStatus
  readonly weights: Weights
}

export function findBottlenecks(graph: TaskGraph, settings: BottleneckSettings): Bottlenecks {
  const { steps } = graph
  const failed = countOf(steps, isFailed)
  // Where steps failed, they are what holds the task up; what waits behind them only follows.
  const isCandidate = (step: TaskGraphStep): boolean =>
    failed > 0 ? isFailed(step) : isBlocked(step) || isUnstable(step)
  const scored = placesWhere(graph, (place) => isCandidate(stepAt(graph, place)))
    .map((place) => ({ place, score: scoreOf(graph, place, settings) }))
    .toSorted((a, b) => b.score - a.score)
  const countOfSeverity = (severity: Severity): number =>
    countOf(scored, ({ score }) => severityOf(score, settings.weights) === severity)
  const critical = countOfSeverity('Critical')
  return {
    totalBottlenecks: scored.length,
    criticalBottlenecks: critical,
    totalBlockedSteps: countOf(steps, isBlocked),
    bottlenecks: scored
      .slice(0, bottlenecksShown)
      .map(({ place, score }) => describe(graph, place, { score, settings })),
    taskHealth: settings.health,
    taskCompletion: percentage(countOf(steps, isDone), steps.length),
    failedStepsRatio: percentage(failed, steps.length),
    overallImpact: overallImpact({
      total: scored.length,
      critical,
      high: countOfSeverity('High'),
      hasMostlyFailed: failed > Math.floor(steps.length / 2),
    }),
    countsAreExact: settings.downstream.isExact,
  }
}

function scoreOf(
  graph: TaskGraph,
  place: number,
  { downstream, weights }: BottleneckSettings,
): number {
  const step = stepAt(graph, place)
  const { impactMultipliers: factors, penaltyConstants: penalties } = weights
  const weight =
    factors.downstreamWeight * (downstream.total[place] ?? 0) +
    factors.blockedWeight * (downstream.blocked[place] ?? 0)
  const penalty =
    penalties.retryInstability * step.attempts +
    (isFailedForGood(step) ? penalties.nonRetryable : 0) +
    (isExhausted(step) ? penalties.exhaustedRetry : 0)
  return Math.round(weight * multiplierOf(step, weights) + penalty)
}

function multiplierOf(step: TaskGraphStep, { severityMultipliers: factors }: Weights): number {
  if (isFailed(step))
    return factors.errorState + (isExhausted(step) ? factors.exhaustedRetryBonus : 0)
  return isBlocked(step) ? factors.dependencyIssue : 1
}

function describe(
  graph: TaskGraph,
  place: number,
  { score, settings }: { readonly score: number; readonly settings: BottleneckSettings },
): Bottleneck {
  const step = stepAt(graph, place)
  const { downstream, weights, at } = settings
  return {
    stepId: step.stepNo,
    stepName: step.name,
    currentState: step.state,
    attempts: step.attempts,
    retryLimit: step.retryLimit,
    dependenciesSatisfied: step.dependenciesSatisfied,
    downstreamStepsCount: downstream.total[place] ?? 0,
    blockedDownstreamCount: downstream.blocked[place] ?? 0,
    impactScore: score,
    severity: severityOf(score, weights),
    bottleneckType: typeOf(step),
    resolutionStrategy: resolutionOf(step),
    estimatedResolutionTime: resolutionTimeOf(step, at),
  }
}

function typeOf(step: TaskGraphStep): Bottleneck['bottleneckType'] {
  if (isFailedForGood(step)) return isExhausted(step) ? 'Permanent Failure' : 'Non-Retryable'
  if (isFailed(step)) return 'Active Error'
  return isBlocked(step) ? 'Dependency Block' : 'Retry Exhaustion'
}

function resolutionOf(step: TaskGraphStep): string {
  const type = typeOf(step)
  switch (type) {
    case 'Permanent Failure':
    case 'Non-Retryable':
      return 'Manual intervention required'
    case 'Active Error':
      return isInBackoff(step) ? 'Wait for backoff period' : 'Investigate error cause'
    case 'Dependency Block':
      return 'Check upstream dependencies'
    case 'Retry Exhaustion':
      return 'Monitor retry attempts'
    default:
      return type satisfies never
  }
}

function resolutionTimeOf(step: TaskGraphStep, at: Date): string {
  if (isFailedForGood(step)) return 'Immediate action needed'
  const waitMs = (step.nextRetryAt?.getTime() ?? 0) - at.getTime()
  if (waitMs > 0) {
    const minutes = Math.ceil(waitMs / 60_000)
    return `${minutes} ${minutes === 1 ? 'minute' : 'minutes'}`
  }
  if (isFailed(step)) return 'Within next retry cycle'
  return isBlocked(step) ? 'Depends on upstream steps' : 'Unknown'
}

function overallImpact(found: {
  readonly total: number
  readonly critical: number
  readonly high: number
  readonly hasMostlyFailed: boolean
}): Bottlenecks['overallImpact'] {
  if (found.total === 0) return 'None'
  if (found.critical >= 3 || found.hasMostlyFailed) return 'Severe'
  if (found.critical >= 1 || found.high >= 3) return 'High'
  return found.high >= 1 || found.total >= 5 ? 'Medium' : 'Low'
}
