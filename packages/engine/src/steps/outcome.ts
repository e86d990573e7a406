// From what a handler did to the outcome that is recorded. Pure: decides, does not store.
import { PermanentError, RetryableError, TaskerError } from '../errors.ts'
import type { Json, JsonObject } from '../json.ts'
import type { WaitOutcome } from '../definitions/model.ts'
import type { ClaimedStep, StepOutcome } from '../database/steps.ts'
import type { HeldStep } from '../database/workers.ts'
import type { Config } from '../config.ts'
import { toStorable } from '../storable.ts'
import { retryDelayMs } from './backoff.ts'

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
export function succeeded(step: ClaimedStep, value: unknown, policy: OutcomePolicy): StepOutcome {
  if (isWait(value)) return waited(step, value, policy)
  const storable = toStorable(value, policy.resultMaxBytes)
  if (storable.ok) return of(step, { kind: 'complete', result: storable.text })
  const code = storable.isTooLarge ? 'RESULT_TOO_LARGE' : 'RESULT_NOT_STORABLE'
  return failed(
    step,
    new TaskerError(code, `The result of step ${step.name} was not stored: ${storable.fault}.`),
    policy,
  )
}

// Without a date the step would be due at once, again and again.
function waited(
  step: ClaimedStep,
  { at, reason }: WaitOutcome,
  policy: OutcomePolicy,
): StepOutcome {
  if (at instanceof Date && !Number.isNaN(at.getTime())) {
    return of(step, { kind: 'wait', runAt: at, reason })
  }
  const message = `Step ${step.name} asked to wait until a time that is no valid Date.`
  return failed(step, new TaskerError('RESULT_NOT_STORABLE', message), policy)
}

/** The handler threw. Permanent errors end the step; any other is tried again while attempts remain. */
export function failed(step: ClaimedStep, error: unknown, policy: OutcomePolicy): StepOutcome {
  const { isFinal, explicitMs } = readWish(error)
  const delayMs = retryDelayMs(
    { attempt: step.attempts, explicitMs, random: policy.random() },
    policy.backoff,
  )
  return of(step, {
    kind: 'failed',
    delayMs: isFinal ? null : delayMs,
    reason: isFinal ? 'permanent_error' : explicitMs === null ? 'failed' : 'retry_after',
    error: describeError(error),
  })
}

/** The attempt did not take place, or was called off by a stop: it is handed back unspent. */
export const released = (step: HeldStep, reason: string): StepOutcome =>
  of(step, { kind: 'release', reason })

const isWait = (value: unknown): value is WaitOutcome =>
  typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'tasker.wait'

const permanentCodes: readonly string[] = [
  'RESULT_NOT_STORABLE',
  'RESULT_TOO_LARGE',
  'HANDLER_MISSING',
  'DEFINITION_INVALID',
]

/** What the error says about trying again. One that cannot even be looked at says nothing. */
function readWish(error: unknown): {
  readonly isFinal: boolean
  readonly explicitMs: number | null
} {
  try {
    if (error instanceof RetryableError) {
      const { afterMs } = error
      const isNumber = typeof afterMs === 'number' && !Number.isNaN(afterMs)
      return { isFinal: false, explicitMs: isNumber ? afterMs : null }
    }
    const isOurs = error instanceof TaskerError && permanentCodes.includes(error.code)
    return { isFinal: isOurs || error instanceof PermanentError, explicitMs: null }
  } catch {
    return { isFinal: false, explicitMs: null }
  }
}

const messageCharactersMax = 2000
const stackLinesMax = 10

/** An error as history keeps it: class, message, code, free fields, the first lines of its stack. Always storable. */
export function describeError(error: unknown): JsonObject {
  try {
    return error instanceof Error
      ? readError(error)
      : { class: 'NonError', message: `a handler threw a value of type ${typeof error}` }
  } catch {
    return {
      class: 'UnreadableError',
      message: 'a handler threw an error whose fields cannot be read',
    }
  }
}

function readError(error: Error): JsonObject {
  const described: Record<string, Json> = {
    class: storableText(error.name || 'Error'),
    message: storableText(error.message).slice(0, messageCharactersMax),
  }
  if ('code' in error && typeof error.code === 'string')
    described['code'] = storableText(error.code)
  const fields =
    error instanceof RetryableError || error instanceof PermanentError ? error.context : null
  if (fields !== null && Object.keys(fields).length > 0) {
    const storable = toStorable(fields, 65_536)
    described['context'] = storable.ok
      ? (JSON.parse(storable.text) as Json)
      : `not kept: ${storable.fault}`
  }
  const stack = error.stack
    ?.split('\n')
    .slice(1, stackLinesMax + 1)
    .map((line) => line.trim())
  if (stack !== undefined && stack.length > 0) described['stack'] = stack.map(storableText)
  return described
}

const storableText = (text: string): string => text.replaceAll('\0', '�').toWellFormed()
