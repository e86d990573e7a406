// Any Standard Schema (zod, valibot, arktype, …) through its one door, `~standard`. Knows no vendor by name.
// Vendors word their own messages, and some put the received value into them; those are replaced here.
import type { StandardJSONSchemaV1, StandardSchemaV1 } from '@standard-schema/spec'
import type { Fault } from '../errors.ts'
import type { JsonObject } from '../json.ts'
import { copyJson, isJsonObject, isPlainObject, pointer } from './json-value.ts'
import { typeName } from './names.ts'

export type StandardCheck =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly faults: readonly Fault[] }

const faultsMax = 50
/** Above so many scalars the messages are not searched for values but replaced at once. */
const scalarsMax = 10_000
/** Shorter values elsewhere in the input are words like any other ("id", 12); no message could avoid them. */
const elsewhereLengthMin = 4

/** Whether a value has the Standard Schema interface. Some vendors' schemas are functions. */
export function isStandardSchema(schema: unknown): schema is StandardSchemaV1 {
  if (schema === null || (typeof schema !== 'object' && typeof schema !== 'function')) return false
  const standard: unknown = Reflect.get(schema, '~standard')
  return (
    typeof standard === 'object' &&
    standard !== null &&
    typeof Reflect.get(standard, 'validate') === 'function'
  )
}

/** Checks `input`; the value is the schema's output. Messages hold no values of the input. */
export async function checkStandardSchema(
  schema: StandardSchemaV1,
  input: unknown,
  root: string,
): Promise<StandardCheck> {
  let result: StandardSchemaV1.Result<unknown>
  try {
    result = await schema['~standard'].validate(input)
  } catch (error) {
    const kind = error instanceof Error ? error.name : typeof error
    return {
      ok: false,
      faults: [{ path: root, message: `the schema could not be applied (${kind})` }],
    }
  }
  if (result.issues === undefined) return { ok: true, value: result.value }
  const faults = result.issues.slice(0, faultsMax).map((issue) => issueFault(issue, input, root))
  const left = result.issues.length - faults.length
  if (left > 0) faults.push({ path: root, message: `and ${left} more faults` })
  return { ok: false, faults }
}

/** The JSON Schema of what the schema takes in, from vendors that can say it; null otherwise. */
export function jsonSchemaOf(schema: StandardSchemaV1): JsonObject | null {
  const standard: StandardSchemaV1.Props & Partial<StandardJSONSchemaV1.Props> = schema['~standard']
  try {
    const derived = standard.jsonSchema?.input({ target: 'draft-2020-12' })
    if (derived === undefined) return null
    const { value, faults } = copyJson(derived, 'schema')
    return faults.length === 0 && isJsonObject(value) ? value : null
  } catch {
    // The specification lets a vendor throw for what JSON Schema cannot express (a transform, a Date).
    return null
  }
}

function issueFault(issue: StandardSchemaV1.Issue, input: unknown, root: string): Fault {
  const keys = (issue.path ?? []).map((part) =>
    String(typeof part === 'object' && part !== null ? part.key : part),
  )
  const received = valueAt(input, keys)
  const path = pointer(root, keys)
  if (isSafe(issue.message, input, received)) return { path, message: issue.message }
  return { path, message: `does not match the schema; received ${typeName(received)}` }
}

function valueAt(input: unknown, keys: readonly string[]): unknown {
  let value = input
  for (const key of keys) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    value = Reflect.get(value, key)
  }
  return value
}

/** Whether no scalar of the input stands in the message as a word of its own. */
function isSafe(message: string, input: unknown, received: unknown): boolean {
  const here = scalarsIn(received)
  const elsewhere = scalarsIn(input)
  if (here === null || elsewhere === null) return false
  const long = elsewhere.filter((scalar) => scalar.length >= elsewhereLengthMin)
  return ![...here, ...long].some((scalar) => standsIn(message, scalar))
}

function standsIn(message: string, scalar: string): boolean {
  const isWord = (character: string | undefined): boolean =>
    character !== undefined && /[\p{L}\p{N}_]/u.test(character)
  for (let at = message.indexOf(scalar); at >= 0; at = message.indexOf(scalar, at + 1)) {
    if (!isWord(message[at - 1]) && !isWord(message[at + scalar.length])) return true
  }
  return false
}

/** Strings and numbers anywhere in a value, or null when there are too many to compare. */
function scalarsIn(value: unknown): readonly string[] | null {
  const scalars = new Set<string>()
  const seen = new Set<object>()
  const pending: unknown[] = [value]
  while (pending.length > 0) {
    const next = pending.pop()
    if (typeof next === 'string' && next !== '') scalars.add(next)
    if (typeof next === 'string') scalars.add(JSON.stringify(next).slice(1, -1))
    if (typeof next === 'number' || typeof next === 'bigint') scalars.add(String(next))
    if (scalars.size > scalarsMax || seen.size > scalarsMax) return null
    if (typeof next !== 'object' || next === null || seen.has(next)) continue
    if (Array.isArray(next) || isPlainObject(next)) {
      seen.add(next)
      for (const member of Object.values(next)) pending.push(member)
    }
  }
  scalars.delete('')
  return [...scalars]
}
