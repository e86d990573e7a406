// A request for a task, as it comes in: checked whole, every fault named, defaults applied. Nothing is stored here.
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { isCorrelationId } from '../correlation.ts'
import type { Fault, TaskerError } from '../errors.ts'
import type { JsonObject } from '../json.ts'
import { priorities, type Priority } from '../states.ts'
import { faultsOf, refuseInput, text, type InputKind } from './check-input.ts'

/** Options of one request. All but the context have defaults. */
export interface TaskOptions {
  /** The same key for the same task name finds the existing task instead of making a second one. 1 to 255 characters. */
  readonly idempotencyKey?: string | undefined
  /** Default: the definition's priority. */
  readonly priority?: Priority | undefined
  /** At most 50, each 1 to 128 characters. Default: none. */
  readonly tags?: readonly string[] | undefined
  /** Who asks, 1 to 128 characters. Default `unknown`. */
  readonly initiator?: string | undefined
  /** From which system, 1 to 128 characters. Default `unknown`. */
  readonly sourceSystem?: string | undefined
  /** Why, 1 to 128 characters. Default `unknown`. */
  readonly reason?: string | undefined
  /**
   * What your request and everything that follows from it are known by: 1 to 100 letters, digits, `_` and `-`, a letter or
   * digit first. Default: that of `withCorrelationId`, or of the handler that asks; else none.
   */
  readonly correlationId?: string | undefined
  /** When it was asked for. Default: the time of creation. */
  readonly requestedAt?: Date | undefined
  /** Milliseconds from creation after which the task ends in error. Default: the definition's `maxExecutionMs`. */
  readonly deadlineMs?: number | undefined
  /** Steps that count as satisfied without running. Each must be declared `skippable`. */
  readonly bypassSteps?: readonly string[] | undefined
}

/** A checked request: every option has its value, or null where the definition decides. */
export interface CheckedOptions {
  readonly idempotencyKey: string | null
  readonly priority: Priority | null
  readonly tags: readonly string[]
  readonly initiator: string
  readonly sourceSystem: string
  readonly reason: string
  readonly correlationId: string | null
  readonly requestedAt: Date | null
  readonly deadlineMs: number | null
  readonly bypassSteps: readonly string[]
}

const tenYearsMs = 315_360_000_000

/** Of a task, at its creation and in edits. */
export const priorityOption = z.enum(Object.keys(priorities) as [Priority, ...Priority[]]) // the keys of the table are the priorities
export const tagsOption = z.array(text(128)).max(50).readonly()
export const wordOption = text(128)

const optionsSchema = z.strictObject({
  idempotencyKey: text(255).nullable().default(null),
  priority: priorityOption.nullable().default(null),
  tags: tagsOption.default([]),
  initiator: wordOption.default('unknown'),
  sourceSystem: wordOption.default('unknown'),
  reason: wordOption.default('unknown'),
  correlationId: z
    .string()
    .refine(
      isCorrelationId,
      'is not 1 to 100 letters, digits, "_" and "-", a letter or digit first',
    )
    .nullable()
    .default(null),
  requestedAt: z.date().nullable().default(null),
  deadlineMs: z.int().min(1).max(tenYearsMs).nullable().default(null),
  bypassSteps: z.array(text(256)).max(10_000).readonly().default([]),
})

const options: InputKind = {
  keyIs: 'an option of a request',
  knownKeys: Object.keys(optionsSchema.shape),
  // What the first generation accepted and ignored.
  refusedKeys: new Map(
    ['status', 'complete'].map((key) => [
      key,
      'the engine decides the state of a task; leave it out',
    ]),
  ),
}

export type OptionsReading =
  | { readonly ok: true; readonly options: CheckedOptions }
  | { readonly ok: false; readonly faults: readonly Fault[] }

export function readOptions(given: unknown): OptionsReading {
  const reading = optionsSchema.safeParse(given)
  return reading.success
    ? { ok: true, options: reading.data }
    : { ok: false, faults: faultsOf(reading.error, options) }
}

/** Steps that may not be bypassed, as faults. */
export function bypassFaults(
  bypassSteps: readonly string[],
  steps: readonly { readonly name: string; readonly skippable: boolean }[],
): Fault[] {
  const byName = new Map(steps.map((step) => [step.name, step]))
  return bypassSteps.flatMap((name) => {
    const step = byName.get(name)
    if (step === undefined)
      return [{ path: 'bypassSteps', message: `"${name}" is not a step of this task` }]
    return step.skippable
      ? []
      : [{ path: 'bypassSteps', message: `step "${name}" is not declared skippable` }]
  })
}

export const refuse = (faults: readonly Fault[], address: string): TaskerError =>
  refuseInput(`The request for ${address}`, faults)

/**
 * What makes two requests the same under one key: everything the caller asked for, except when and by which correlation id. The version counts as
 * asked for, so a repeat without a version stays a repeat after a newer one was deployed.
 */
export function requestDigest(request: {
  readonly address: {
    readonly namespace: string
    readonly name: string
    readonly version: string | null
  }
  readonly context: JsonObject
  readonly options: CheckedOptions
}): string {
  const { requestedAt: _, idempotencyKey: __, correlationId: ___, ...asked } = request.options
  return sha256(canonical({ ...request.address, ...asked, context: request.context }))
}

/** The key of the identity strategy `hash`: equal requests within one minute of `requestedAt` are one task. */
export function hashedIdentity(request: {
  readonly name: string
  readonly context: JsonObject
  readonly options: CheckedOptions
  readonly at: Date
}): string {
  const { initiator, sourceSystem, reason, bypassSteps } = request.options
  const minute = request.at.toISOString().slice(0, 16)
  return sha256(
    canonical({
      name: request.name,
      initiator,
      sourceSystem,
      context: request.context,
      reason,
      bypassSteps,
      minute,
    }),
  )
}

const sha256 = (value: string): string => createHash('sha256').update(value).digest('hex')

/** JSON with keys in order, so that equal meanings have equal text. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  )
