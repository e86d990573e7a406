// The section `dependencyGraph` for three kinds of work, as the developer guide of the first generation gives them. Each says
// only what differs from the defaults.
import type { TaskerOptionsInput } from './options.ts'

type Preset = Readonly<NonNullable<TaskerOptionsInput['dependencyGraph']>>

/** For `createTasker({ dependencyGraph: dependencyGraphPresets.realTime })`. */
export const dependencyGraphPresets = Object.freeze({
  /** Thousands of tasks an hour: blocked and failed steps weigh more, and count as severe earlier. */
  highVolume: {
    impactMultipliers: { blockedWeight: 25, errorPenalty: 40 },
    severityThresholds: { critical: 75, high: 35, medium: 15 },
    durationEstimates: { baseStepSeconds: 15, errorPenaltySeconds: 45 },
  },
  /** Tasks of hours or days: long paths weigh more, work that is done less, and little is severe. */
  longRunning: {
    impactMultipliers: { pathLengthWeight: 20, completedPenalty: 5 },
    severityThresholds: { critical: 200, high: 100, medium: 50 },
    durationEstimates: { baseStepSeconds: 120, errorPenaltySeconds: 300 },
  },
  /** Answers within a second: errors and retries weigh most, and nearly everything is severe. */
  realTime: {
    impactMultipliers: { retryPenalty: 20, errorPenalty: 50 },
    severityThresholds: { critical: 30, high: 15, medium: 5 },
    durationEstimates: { baseStepSeconds: 1, errorPenaltySeconds: 10, retryPenaltySeconds: 5 },
  },
} as const satisfies Readonly<Record<string, Preset>>)
