// Options of the section `dependencyGraph`: the weights of task analysis. docs/guides/analysis.md has the formulas.
import { decimal, wholeNumber } from '../kinds.ts'
import { option } from '../option.ts'

/** Weights are factors of a score, so only their sign and size are bounded. */
const weightMax = 1_000_000

const wholeWeight = (defaultWeight: number, help: string) =>
  option(wholeNumber({ min: 0, max: weightMax }), {
    default: defaultWeight,
    unit: 'points',
    help,
    reason: 'As in the first generation.',
  })

const factor = (defaultFactor: number, help: string) =>
  option(decimal({ min: 0, max: 1_000 }), {
    default: defaultFactor,
    help,
    reason: 'As in the first generation.',
  })

const seconds = (defaultSeconds: number, help: string) =>
  option(wholeNumber({ min: 0, max: 86_400 }), {
    default: defaultSeconds,
    unit: 'seconds',
    help,
    reason: 'As in the first generation.',
  })

export const dependencyGraphOptions = {
  impactMultipliers: {
    downstreamWeight: wholeWeight(5, 'For each step downstream of a bottleneck.'),
    blockedWeight: wholeWeight(15, 'For each step that it blocks.'),
    pathLengthWeight: wholeWeight(10, 'For each step of a path.'),
    completedPenalty: wholeWeight(15, 'Taken off for each step of a path that is done.'),
    blockedPenalty: wholeWeight(25, 'For each step of a path that waits for a parent.'),
    errorPenalty: wholeWeight(30, 'For each step of a path in error.'),
    retryPenalty: wholeWeight(10, 'For each step of a path in error that has been tried.'),
  },
  severityMultipliers: {
    errorState: factor(2.0, 'Multiplies the score of a step in error.'),
    exhaustedRetryBonus: factor(0.5, 'Added to the multiplier when no attempt is left.'),
    dependencyIssue: factor(1.2, 'Multiplies the score of a step whose parents are not satisfied.'),
  },
  penaltyConstants: {
    retryInstability: wholeWeight(3, 'For each attempt of a step.'),
    nonRetryable: wholeWeight(10, 'For a step in error that is not tried again.'),
    exhaustedRetry: wholeWeight(20, 'For a step without attempts left.'),
  },
  severityThresholds: {
    critical: wholeWeight(100, 'Least score that is called critical.'),
    high: wholeWeight(50, 'Least score that is called high.'),
    medium: wholeWeight(20, 'Least score that is called medium; below it stands low.'),
  },
  durationEstimates: {
    baseStepSeconds: seconds(30, 'Assumed duration of a step.'),
    errorPenaltySeconds: seconds(60, 'Assumed delay of a step in error.'),
    retryPenaltySeconds: seconds(30, 'Assumed delay of each attempt.'),
  },
}
