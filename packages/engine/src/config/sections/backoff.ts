// Options of the section `backoff`: how long a failed step waits for its next attempt.
import { decimal, listOf, yesOrNo } from '../kinds.ts'
import { option } from '../option.ts'

/** Seven days. A longer wait belongs to the process that is modelled, as a "wait until" outcome. */
const waitMaxSeconds = 604_800

export const backoffOptions = {
  defaultBackoffSeconds: option(
    listOf(decimal({ min: 0, max: waitMaxSeconds }), { min: 1, max: 100 }),
    {
      default: [1, 2, 4, 8, 16, 32],
      unit: 'seconds',
      help: 'The ladder: the wait after the first failed attempt, after the second, and so on.',
      reason: 'As in the first generation, whose second, fixed clock of 2^n seconds is gone.',
    },
  ),
  maxBackoffSeconds: option(decimal({ min: 0.001, max: waitMaxSeconds }), {
    default: 300,
    unit: 'seconds',
    help:
      'Longest wait before a failed step is tried again, also where a handler or a server ' +
      'asked for more.',
    reason: 'As in the first generation. An outcome "wait until" has no cap.',
  }),
  backoffMultiplier: option(decimal({ min: 0, max: 10 }), {
    default: 2.0,
    help: 'Exponent beyond the ladder: the wait is attempt ^ multiplier seconds (attempt 7: 49 s).',
    reason: 'As in the first generation.',
  }),
  jitterEnabled: option(yesOrNo(), {
    default: true,
    help: 'Spread waits at random, so that steps that failed together do not come back together.',
    reason: 'As in the first generation.',
  }),
  jitterMaxPercentage: option(decimal({ min: 0, max: 1 }), {
    default: 0.1,
    unit: 'share of the wait',
    help:
      'How far a wait from the ladder may differ either way; one that was asked for is ' +
      'only lengthened.',
    reason: 'As in the first generation.',
  }),
}
