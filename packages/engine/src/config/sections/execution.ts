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
  }),
  maxConcurrentStepsLimit: option(wholeNumber({ min: 1, max: 10_000 }), {
    default: 100,
    unit: 'steps',
    help: 'Most steps that one worker runs at once. Under load it runs fewer.',
    reason:
      'The first generation had 12, because each running handler pinned a database connection. ' +
      'Here none is held while a handler runs, so memory and the handlers’ own calls are the ' +
      'bound.',
  }),
  concurrencyPolicy: option(oneOf(['adaptive', 'first_generation']), {
    default: 'adaptive',
    help:
      'How the number between the two bounds is found. `adaptive`: from the load of this worker, ' +
      'every second. `first_generation`: by that generation’s formula, from free connections and ' +
      'the share of open work, never above 12.',
    reason: 'Both are measured against each other by `npm run bench:concurrency`.',
  }),
  connectionUseMax: option(decimal({ min: 0.05, max: 1 }), {
    default: 0.6,
    unit: 'share of the connections',
    help:
      'Above this use of `database.poolSize`, those who wait counted in, concurrency is cut; it is ' +
      'cut too when more steps wait for one of `database.transactionPoolSize` than hold one. ' +
      'Policy `adaptive`.',
    reason: 'The margin of the first generation, which counted on 60 % of what was free.',
  }),
  eventLoopDelayMaxMs: option(wholeNumber({ min: 5, max: 10_000 }), {
    default: 100,
    unit: 'milliseconds',
    help:
      'When a moment of the last second met, on average, an event loop this late, concurrency is ' +
      'cut. Policy `adaptive`.',
    reason:
      'Heartbeats, aborts and timeouts come as late as the loop does. A hundred steps that only ' +
      'wait keep it late by a few milliseconds.',
  }),
  commitSlowdownMax: option(decimal({ min: 1.5, max: 10 }), {
    default: 3,
    unit: 'times the baseline',
    help:
      'When recording calls take longer than this many times the worker’s own baseline, ' +
      'concurrency is cut. The baseline counts as 10 ms for one step at least. 10: never. ' +
      'Policy `adaptive`.',
    reason: 'A checkpoint doubles commit times for a while, and is no reason to run less.',
  }),
  blockedLoopWarningMs: option(nullOr(wholeNumber({ min: 20, max: 600_000 })), {
    default: 1_000,
    unit: 'milliseconds',
    help:
      'When the event loop was blocked for longer, the step that did it is named in the log and ' +
      'by an event. Null: not watched.',
    reason: 'A block as long as the lease costs the worker all its steps; long before, it shows.',
  }),
  concurrencyCacheDuration: option(wholeNumber({ min: 1, max: 3_600 }), {
    default: 30,
    unit: 'seconds',
    help: 'How long a concurrency is kept that the policy `first_generation` computed.',
    reason: 'As in the first generation.',
  }),
  healthAssessmentCacheDuration: option(wholeNumber({ min: 1, max: 3_600 }), {
    default: 30,
    unit: 'seconds',
    help: 'How long the counts of work are kept that the policy `first_generation` computes from.',
    reason: 'As in the first generation, which never read it.',
  }),
  connectionHealthLogLevel: option(oneOf(['debug', 'info', 'warn', 'error', 'fatal']), {
    default: 'debug',
    help: 'Level of the log line that tells what holds concurrency back, or that nothing does.',
    reason: 'As in the first generation, which never read it.',
  }),
  connectionPressureFactors: option(
    mapWith(['low', 'moderate', 'high', 'critical'], decimal({ min: 0, max: 1 })),
    {
      default: { low: 0.8, moderate: 0.6, high: 0.4, critical: 0.2 },
      unit: 'share of the free connections',
      help:
        'How much of the connection pool the policy `first_generation` counts on at each level ' +
        'of its use (to 50 %, 70 %, 85 %, above). Given as a whole: all four levels.',
      reason:
        'As in the first generation. The four make one curve; a part of it mixed with defaults ' +
        'makes another.',
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
