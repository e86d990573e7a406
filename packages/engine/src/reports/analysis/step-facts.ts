// What the analysis says of a single step, each word in one place. Pure.
import type { TaskGraphStep } from '../../database/read-task-graph.ts'
import type { Config } from '../../config.ts'
import { satisfiedStates } from '../../states.ts'

/** The weights of the section `dependencyGraph`. */
export type Weights = Config['dependencyGraph']

/** Complete, resolved or skipped: nothing waits for it any more. */
export const isDone = (step: TaskGraphStep): boolean => satisfiedStates.includes(step.state)

/** Has not started, because a parent is not done. */
export const isBlocked = (step: TaskGraphStep): boolean =>
  step.state === 'pending' && !step.dependenciesSatisfied

export const isFailed = (step: TaskGraphStep): boolean => step.state === 'error'

/** In error, and no attempt will come by itself: the attempts are used up, or the error was permanent. */
export const isFailedForGood = (step: TaskGraphStep): boolean =>
  isFailed(step) && !step.retryEligible

/** No attempt is left. */
export const isExhausted = (step: TaskGraphStep): boolean => step.attempts >= step.retryLimit

/** Failed, and tried again at a time that has not come. */
export const isInBackoff = (step: TaskGraphStep): boolean => step.blockedBy === 'retry'

/** Goes on, and has needed more than one attempt so far. */
export const isUnstable = (step: TaskGraphStep): boolean =>
  (step.state === 'pending' || step.state === 'in_progress' || step.state === 'error') &&
  step.attempts >= 2

/** What a step is assumed to take. */
export function stepSeconds(step: TaskGraphStep, { durationEstimates: seconds }: Weights): number {
  const error = isFailed(step) ? seconds.errorPenaltySeconds : 0
  return seconds.baseStepSeconds + error + step.attempts * seconds.retryPenaltySeconds
}

export type Severity = 'Critical' | 'High' | 'Medium' | 'Low'

export function severityOf(score: number, { severityThresholds }: Weights): Severity {
  if (score >= severityThresholds.critical) return 'Critical'
  if (score >= severityThresholds.high) return 'High'
  return score >= severityThresholds.medium ? 'Medium' : 'Low'
}

/** Part of a whole in percent, one decimal. */
export const percentage = (part: number, whole: number): number =>
  whole === 0 ? 0 : Math.round((part / whole) * 1_000) / 10

export const countOf = <T>(all: readonly T[], is: (one: T) => boolean): number =>
  all.reduce((count, one) => (is(one) ? count + 1 : count), 0)
