// The fields of a line by the names that all lines have: of the engine's own in snake_case, and what was thrown as
// `exception_…`, described as the history describes it.
import { describeError } from '../../steps/describe-error.ts'

export type Fields = Readonly<Record<string, unknown>>

/** `nameOf`: the names of a host stay as they are, those of the engine become snake_case. */
export function lineFields(given: Fields, nameOf: (key: string) => string): Fields {
  const fields: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(given)) {
    if (value === undefined) continue
    const thrown = key === 'err' || key === 'error' ? exceptionOf(value) : null
    if (thrown === null) fields[nameOf(key)] = value
    else Object.assign(fields, { entity_type: 'exception' }, { ...fields }, thrown)
  }
  return fields
}

interface Described {
  readonly class?: unknown
  readonly message?: unknown
  readonly code?: unknown
  readonly causes?: unknown
  readonly stack?: unknown
}

/** Null: neither an error nor what was described as one. What is known of it beside is left to the history. */
function exceptionOf(value: unknown): Fields | null {
  const described: unknown =
    value instanceof Error ? describeError(value, { keepsOwnFrames: true }) : value
  if (!isDescribed(described)) return null
  return {
    exception_class: described.class,
    exception_message: described.message,
    exception_code: described.code,
    exception_causes: described.causes,
    backtrace: described.stack,
  }
}

const isDescribed = (value: unknown): value is Described =>
  typeof value === 'object' && value !== null && 'class' in value && 'message' in value
