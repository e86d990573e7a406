// Options of the section `execution`: how many steps run at once, and the limits of one step and
// one task.
import { decimal, mapWith, nullOr, oneOf, wholeNumber } from '../kinds.ts'
import { option } from '../option.ts'

const mebibyte = 1_048_576

export const executionOptions = {
  minConcurrentSteps: option(wholeNumber({ min: 1, max: 10_000 }), {
    default: 3,
    unit: 'steps',
    help: 'Least number of steps that one worker runs at once, whatever its load.',
    reason: 'As in the first generation.',
    takesEffectWith: 'adaptive concurrency',
  }),
  maxConcurrentStepsLimit: option(wholeNumber({ min: 1, max: 10_000 }), {
    default: 100,
    unit: 'steps',
    help: 'Most steps that one worker runs at once: its slots.',
    reason:
      'The first generation had 12, because each running handler pinned a database connection. ' +
      'Here none is held while a handler runs, so memory and the handlers’ own calls are the ' +
      'bound.',
  }),
  concurrencyCacheDuration: option(wholeNumber({ min: 1, max: 3_600 }), {
    default: 30,
    unit: 'seconds',
    help: 'How long a computed concurrency is kept before it is computed again.',
    reason: 'As in the first generation.',
    takesEffectWith: 'adaptive concurrency',
  }),
  healthAssessmentCacheDuration: option(wholeNumber({ min: 1, max: 3_600 }), {
    default: 30,
    unit: 'seconds',
    help: 'How long the figures of load that concurrency is computed from are kept.',
    reason: 'As in the first generation, which never read it.',
    takesEffectWith: 'adaptive concurrency',
  }),
  connectionHealthLogLevel: option(oneOf(['debug', 'info', 'warn', 'error', 'fatal']), {
    default: 'debug',
    help: 'Level of the log line that tells why concurrency was changed.',
    reason: 'As in the first generation, which never read it.',
    takesEffectWith: 'adaptive concurrency',
  }),
  connectionPressureFactors: option(
    mapWith(['low', 'moderate', 'high', 'critical'], decimal({ min: 0, max: 1 })),
    {
      default: { low: 0.8, moderate: 0.6, high: 0.4, critical: 0.2 },
      unit: 'share of the free connections',
      help:
        'How much of the connection pool is counted on at each level of its use (to 50 %, 70 ' +
        '%, 85 %, above). ' +
        'Given as a whole: all four levels.',
      reason:
        'As in the first generation. The four make one curve; a part of it mixed with defaults ' +
        'makes another.',
      takesEffectWith: 'adaptive concurrency',
    },
  ),
  stepTimeoutMs: option(nullOr(wholeNumber({ min: 1, max: 86_400_000 })), {
    default: 300_000,
    unit: 'milliseconds',
    help:
      'Longest run of one attempt of a step that sets no `timeoutMs` of its own; then it is ' +
      'aborted and counts as ' +
      'failed. Null: never.',
    reason: '5 minutes: a handler without any limit can hold its slot, and its task, for ever.',
  }),
  workerLostLimit: option(wholeNumber({ min: 1, max: 1_000 }), {
    default: 5,
    unit: 'losses',
    help:
      'How often a step may lose its worker before it is given up. Such losses cost no ' +
      'attempt.',
    reason:
      'One crash must not spend the attempts of every step in flight; a step that kills must ' +
      'still end.',
  }),
  resultMaxBytes: option(wholeNumber({ min: 1_024, max: 10 * mebibyte }), {
    default: mebibyte,
    unit: 'bytes',
    help:
      'Largest result of a step, as JSON in UTF-8. A larger one fails the step with ' +
      'RESULT_TOO_LARGE.',
    reason:
      'Results travel with the claims of the children; a larger payload belongs elsewhere, by ' +
      'reference.',
  }),
  contextMaxBytes: option(wholeNumber({ min: 1_024, max: 10 * mebibyte }), {
    default: mebibyte,
    unit: 'bytes',
    help: 'Largest context of a task, as JSON in UTF-8. A request with a larger one is refused.',
    reason: 'The context travels with every claim of the task.',
  }),
  parentResultsMaxBytes: option(wholeNumber({ min: 0, max: 100 * mebibyte }), {
    default: mebibyte,
    unit: 'bytes',
    help:
      'Most bytes of parents’ results that travel with the claim of one step; beyond it they ' +
      'are loaded just ' +
      'before the handler starts. 0: always loaded apart.',
    reason: 'A step with 10,000 parents must not make one claim answer many megabytes large.',
  }),
  maxStepsPerTask: option(wholeNumber({ min: 1, max: 100_000 }), {
    default: 10_000,
    unit: 'steps',
    help: 'Most steps of one task, generated ones included.',
    reason:
      'A wide fan-out of 10,000 is supported and measured; a runaway generator is stopped ' +
      'before it is stored.',
  }),
}
