// From what a handler did to the outcome that is recorded. Pure: decides, does not store.
import { PermanentError, RetryableError, TaskerError } from '../errors.ts'
import { classOfError } from '../http/answer-classes.ts'
import { HttpError } from '../http/model.ts'
import type { JsonObject } from '../json.ts'
import type { StepAttempt, StepOutcome } from '../database/steps.ts'
import type { HeldStep } from '../database/workers.ts'
import type { Config } from '../config.ts'
import { toStorable } from '../storable.ts'
import { retryDelayMs, waitEndsAt } from './backoff.ts'
import { cut, describeError } from './describe-error.ts'

export interface OutcomePolicy {
  readonly backoff: Config['backoff']
  readonly resultMaxBytes: number
  /** Uniform in [0, 1): the source of jitter. */
  readonly random: () => number
}

const empty = { result: null, delayMs: null, runAt: null, reason: null, error: null } as const

const of = (
  step: HeldStep,
  outcome: Pick<StepOutcome, 'kind'> & Partial<StepOutcome>,
): StepOutcome => ({
  taskId: step.taskId,
  stepNo: step.stepNo,
  claimNo: step.claimNo,
  ...empty,
  ...outcome,
})

/** The handler returned. A value that cannot be stored fails the step for good: trying again would return it again. */
export function succeeded(step: StepAttempt, value: unknown, policy: OutcomePolicy): StepOutcome {
  if (isWait(value)) return waited(step, readWait(value), policy)
  const storable = toStorable(value, policy.resultMaxBytes)
  if (storable.ok) return of(step, { kind: 'complete', result: storable.text })
  const code = storable.isTooLarge ? 'RESULT_TOO_LARGE' : 'RESULT_NOT_STORABLE'
  return failed(
    step,
    new TaskerError(code, `The result of step ${step.name} was not stored: ${storable.fault}.`),
    policy,
  )
}

/** A result that another attempt made; its handler did not run. */
export const reused = (step: HeldStep, result: string): StepOutcome =>
  of(step, { kind: 'complete', result, reason: 'cached' })

// Without a date nobody could say when the step is due.
function waited(step: StepAttempt, wait: Wait | null, policy: OutcomePolicy): StepOutcome {
  if (wait !== null) {
    const runAt = waitEndsAt(wait.at, step.startedAt)
    return of(step, { kind: 'wait', runAt, reason: wait.reason })
  }
  const message = `Step ${step.name} asked to wait until a time that is no valid Date.`
  return failed(step, new TaskerError('RESULT_NOT_STORABLE', message), policy)
}

/** The handler threw. Permanent errors end the step; any other is tried again while attempts remain. */
export function failed(step: StepAttempt, error: unknown, policy: OutcomePolicy): StepOutcome {
  const { isFinal, explicitMs } = readWish(error)
  const delayMs = retryDelayMs(
    { attempt: step.attempts, explicitMs, random: policy.random() },
    policy.backoff,
  )
  return of(step, {
    kind: 'failed',
    delayMs: isFinal ? null : delayMs,
    reason: isFinal ? 'permanent_error' : explicitMs === null ? 'failed' : 'retry_after',
    error: { ...describeError(error), ...wishAsStored({ isFinal, explicitMs }) },
  })
}

/** What the error itself said; whether it is tried again depends on the limit of the step too. */
const wishAsStored = ({ isFinal, explicitMs }: Wish): JsonObject => ({
  retryable: !isFinal,
  ...(explicitMs === null || !Number.isFinite(explicitMs)
    ? {}
    : { retry_after_ms: Math.max(0, Math.round(explicitMs)) }),
})

/** The attempt did not take place, or was called off by a stop: it is handed back unspent. */
export const released = (step: HeldStep, reason: string): StepOutcome =>
  of(step, { kind: 'release', reason })

/** Whether a handler said "not yet". */
export function isWait(value: unknown): value is object {
  try {
    return (
      typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'tasker.wait'
    )
  } catch {
    return false // its fields cannot be read: toStorable says so
  }
}

interface Wait {
  readonly at: Date
  readonly reason: string
}

const waitReasonMax = 500

/** The handler may have made the value by hand, so nothing in it is what its type says. Null: there is no valid date. */
function readWait(value: object): Wait | null {
  try {
    const { at, reason }: { readonly at?: unknown; readonly reason?: unknown } = value
    if (!(at instanceof Date)) return null
    const copy = new Date(at.getTime()) // the handler may change its own
    if (Number.isNaN(copy.getTime())) return null
    const text = typeof reason === 'string' ? reason : `a reason of type ${typeof reason}`
    return { at: copy, reason: cut(text, waitReasonMax) }
  } catch {
    return null
  }
}

function isPermanent(error: unknown): boolean {
  if (error instanceof HttpError) return classOfError(error).outcome === 'permanent'
  const isOurs = error instanceof TaskerError && permanentCodes.includes(error.code)
  return isOurs || error instanceof PermanentError
}

const permanentCodes: readonly string[] = [
  'RESULT_NOT_STORABLE',
  'RESULT_TOO_LARGE',
  'RESULT_INVALID',
  'HANDLER_MISSING',
  'DEFINITION_INVALID',
  'TRANSACTION_ENDED_BY_HANDLER',
]

interface Wish {
  readonly isFinal: boolean
  readonly explicitMs: number | null
}

/** What the error says about trying again. One that cannot even be looked at says nothing. */
function readWish(error: unknown): Wish {
  try {
    if (error instanceof RetryableError) {
      const { afterMs } = error
      const isNumber = typeof afterMs === 'number' && !Number.isNaN(afterMs)
      return { isFinal: false, explicitMs: isNumber ? afterMs : null }
    }
    return { isFinal: isPermanent(error), explicitMs: null }
  } catch {
    return { isFinal: false, explicitMs: null }
  }
}
