// What the failed steps of a task keep from running, and what may be done about each. Pure.
import type { TaskGraphStep } from '../../database/read-task-graph.ts'
import type { HealthStatus } from '../../states.ts'
import { countBlockedByErrors, namesBehind, type Downstream } from './downstream.ts'
import {
  isBlocked,
  isExhausted,
  isFailed,
  isInBackoff,
  percentage,
  severityOf,
  type Severity,
  type Weights,
} from './step-facts.ts'
import { placesWhere, stepAt, type TaskGraph } from './task-graph.ts'

export interface RecoveryStrategy {
  readonly strategy:
    | 'Manual Resolution'
    | 'Increase Retry Limit'
    | 'Wait for Backoff'
    | 'Monitor Retries'
    | 'Investigate Root Cause'
  readonly priority: 'High' | 'Medium' | 'Low'
  readonly description: string
}

export interface ErrorChain {
  readonly errorStepId: number
  readonly errorStepName: string
  readonly errorAttempts: number
  readonly retryLimit: number
  readonly retryAnalysis: {
    readonly exhausted: boolean
    readonly remainingAttempts: number
    readonly inBackoff: boolean
    readonly nextRetryAt: Date | null
    readonly retryable: boolean
  }
  /** Names of steps behind it, the nearest ten. */
  readonly downstreamSteps: readonly string[]
  /** Those of them that have not started because of what stands before them, the nearest ten. */
  readonly blockedDownstreamSteps: readonly string[]
  readonly totalDownstreamSteps: number
  readonly totalBlockedDownstreamSteps: number
  readonly totalImpact: number
  readonly recoveryStrategies: readonly RecoveryStrategy[]
}

export interface RecoveryPriority {
  readonly stepName: string
  readonly priorityLevel: Severity
  readonly reason: string
  readonly recommendedAction: RecoveryStrategy['strategy']
}

export interface ErrorChains {
  readonly totalErrorSteps: number
  readonly totalSteps: number
  readonly errorPercentage: number
  /** Steps that are blocked behind any failed step, each counted once. */
  readonly totalBlockedByErrors: number
  /** The failed step with the highest impact. */
  readonly mostCriticalError: string | null
  /** The ten with the highest impact. */
  readonly errorChains: readonly ErrorChain[]
  /** The first three of them. */
  readonly recoveryPriority: readonly RecoveryPriority[]
  readonly taskHealth: HealthStatus
}

const chainsShown = 10
const namesShown = 10
const prioritiesShown = 3

export interface ErrorSettings {
  readonly downstream: Downstream
  readonly health: HealthStatus
  readonly weights: Weights
}

export function errorChains(graph: TaskGraph, settings: ErrorSettings): ErrorChains {
  const failed = placesWhere(graph, (place) => isFailed(stepAt(graph, place)))
    .map((place) => ({ place, impact: impactOf(graph, place, settings) }))
    .toSorted((a, b) => b.impact - a.impact)
  const chains = failed
    .slice(0, chainsShown)
    .map(({ place, impact }) => describeChain(graph, place, { impact, settings }))
  return {
    totalErrorSteps: failed.length,
    totalSteps: graph.steps.length,
    errorPercentage: percentage(failed.length, graph.steps.length),
    totalBlockedByErrors: countBlockedByErrors(graph),
    mostCriticalError: chains[0]?.errorStepName ?? null,
    errorChains: chains,
    recoveryPriority: chains
      .slice(0, prioritiesShown)
      .map((chain) => priorityOf(chain, settings.weights)),
    taskHealth: settings.health,
  }
}

function impactOf(graph: TaskGraph, place: number, { downstream, weights }: ErrorSettings): number {
  const step = stepAt(graph, place)
  const { impactMultipliers: factors, penaltyConstants: penalties } = weights
  return (
    factors.blockedWeight * (downstream.blocked[place] ?? 0) +
    factors.downstreamWeight * (downstream.total[place] ?? 0) +
    (isExhausted(step) ? penalties.exhaustedRetry : 0) +
    penalties.retryInstability * step.attempts
  )
}

function describeChain(
  graph: TaskGraph,
  place: number,
  { impact, settings }: { readonly impact: number; readonly settings: ErrorSettings },
): ErrorChain {
  const step = stepAt(graph, place)
  const { total, blocked } = settings.downstream
  return {
    errorStepId: step.stepNo,
    errorStepName: step.name,
    errorAttempts: step.attempts,
    retryLimit: step.retryLimit,
    retryAnalysis: {
      exhausted: isExhausted(step),
      remainingAttempts: Math.max(0, step.retryLimit - step.attempts),
      inBackoff: isInBackoff(step),
      nextRetryAt: step.nextRetryAt,
      retryable: step.retryEligible,
    },
    downstreamSteps: namesBehind(graph, place, { max: namesShown, is: () => true }),
    blockedDownstreamSteps: namesBehind(graph, place, {
      max: namesShown,
      is: (behind) => isBlocked(stepAt(graph, behind)),
    }),
    totalDownstreamSteps: total[place] ?? 0,
    totalBlockedDownstreamSteps: blocked[place] ?? 0,
    totalImpact: impact,
    recoveryStrategies: strategiesFor(step),
  }
}

function strategiesFor(step: TaskGraphStep): readonly RecoveryStrategy[] {
  if (isExhausted(step)) {
    return [
      {
        strategy: 'Manual Resolution',
        priority: 'High',
        description: 'Retry it, or resolve it with a result, once the cause is known.',
      },
      {
        strategy: 'Increase Retry Limit',
        priority: 'Medium',
        description: 'Give it more attempts when the cause is gone.',
      },
    ]
  }
  if (isInBackoff(step)) {
    return [
      {
        strategy: 'Wait for Backoff',
        priority: 'Low',
        description: 'It is tried again by itself at nextRetryAt.',
      },
    ]
  }
  if (step.retryEligible) {
    return [
      {
        strategy: 'Monitor Retries',
        priority: 'Medium',
        description: 'Attempts are left, and the next one may run now.',
      },
    ]
  }
  return [
    {
      strategy: 'Investigate Root Cause',
      priority: 'High',
      description: 'It failed for good with attempts left: another attempt was ruled out.',
    },
  ]
}

function priorityOf(chain: ErrorChain, weights: Weights): RecoveryPriority {
  const blocked = chain.totalBlockedDownstreamSteps
  return {
    stepName: chain.errorStepName,
    priorityLevel: severityOf(chain.totalImpact, weights),
    reason: `Blocking ${blocked} downstream ${blocked === 1 ? 'step' : 'steps'}`,
    recommendedAction: chain.recoveryStrategies[0]?.strategy ?? 'Investigate Root Cause',
  }
}
