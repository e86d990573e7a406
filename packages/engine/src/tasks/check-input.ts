// What every checked input has in common: texts and dates that PostgreSQL can hold, and faults that name the nearest known key.
// What may stand in one input is said beside it: request.ts, find-filter.ts, operator-order.ts.
import { z } from 'zod'
import { didYouMean } from '../definitions/names.ts'
import { listFaults, TaskerError, type Fault } from '../errors.ts'
import { isStorableText } from '../storable.ts'

/** 1 to `max` characters that can be stored. */
export const text = (max: number): z.ZodString =>
  z.string().min(1).max(max).refine(isStorableText, 'holds a NUL or half a surrogate pair')

/** PostgreSQL begins at 4713 BC. */
export const date = z.date().min(new Date('-004712-01-01T00:00:00Z'), 'is before 4713 BC')

/** What an input may hold, for messages. */
export interface InputKind {
  /** `an option of a request`. */
  readonly keyIs: string
  readonly knownKeys: readonly string[]
  /** Keys that are known and not welcome, with the reason. */
  readonly refusedKeys?: ReadonlyMap<string, string>
}

/** Every fault of one input, by path. */
export const faultsOf = (error: z.ZodError, kind: InputKind): Fault[] =>
  error.issues.flatMap((issue) => faultsOfIssue(issue, kind))

function faultsOfIssue(issue: z.core.$ZodIssue, kind: InputKind): Fault[] {
  if (issue.code !== 'unrecognized_keys' || issue.path.length > 0)
    return [{ path: issue.path.join('.') || '(all of it)', message: issue.message }]
  return issue.keys.map((key) => ({
    path: key,
    message: kind.refusedKeys?.get(key) ?? `is not ${kind.keyIs}${didYouMean(key, kind.knownKeys)}`,
  }))
}

/** `what`: whose faults they are, as the subject of the sentence. */
export const refuseInput = (what: string, faults: readonly Fault[]): TaskerError =>
  new TaskerError('REQUEST_INVALID', `${what} has ${listFaults(faults)}`, { faults })
