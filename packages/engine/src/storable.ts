// What may be stored as jsonb, and its text. Contexts and results pass here before anything is queued, so that one bad
// value fails its own step with a clear message and never the batch it travels in. Level 0: imports only json and errors.
import { isJsonList, type Json } from './json.ts'

export type Storable =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly fault: string; readonly isTooLarge: boolean }

/** Deepest nesting accepted. PostgreSQL parses jsonb recursively; its own limit depends on the server's stack. */
const levelsMax = 1000

/**
 * The JSON text of a value, or what keeps it from being stored: a function, symbol or bigint, a number that is not
 * finite, a Map or Set, a cycle, text that PostgreSQL cannot hold (NUL, half a surrogate pair), nesting beyond 1000
 * levels, or more than `maxBytes` of text. `undefined` counts as null, also where a `toJSON` returns it. Values themselves never appear in the fault.
 */
export function toStorable(value: unknown, maxBytes: number): Storable {
  let text: string
  try {
    // Its type does not say so, but JSON.stringify returns undefined for a value whose toJSON does.
    const written = JSON.stringify(value, refuseUnstorable) as string | undefined
    text = written ?? 'null'
  } catch (error) {
    return { ok: false, fault: faultOf(error), isTooLarge: false }
  }
  const bytes = Buffer.byteLength(text)
  if (bytes > maxBytes) {
    return {
      ok: false,
      fault: `it takes ${bytes} bytes of JSON, the limit is ${maxBytes}`,
      isTooLarge: true,
    }
  }
  if (levelsOf(text) > levelsMax) {
    return { ok: false, fault: `it is nested deeper than ${levelsMax} levels`, isTooLarge: false }
  }
  return { ok: true, text }
}

/**
 * What the database would answer for a text that `toStorable` made, as text: jsonb keeps the keys of an object by their
 * length in bytes, then byte by byte. So who reads a result from here sees it as everybody else will.
 */
export function asStored(text: string): string {
  return JSON.stringify(inStoredOrder(JSON.parse(text) as Json)) // what JSON.parse returns
}

function inStoredOrder(value: Json): Json {
  if (typeof value !== 'object' || value === null) return value
  if (isJsonList(value)) return value.map(inStoredOrder)
  const members = Object.entries(value)
    .toSorted(([a], [b]) => compareKeys(a, b))
    .map(([key, member]): [string, Json] => [key, inStoredOrder(member)])
  return Object.fromEntries(members) // makes a member of every key, also of `__proto__`
}

function compareKeys(a: string, b: string): number {
  const byLength = Buffer.byteLength(a) - Buffer.byteLength(b)
  return byLength === 0 ? Buffer.compare(Buffer.from(a), Buffer.from(b)) : byLength
}

class Unstorable extends Error {}

// JSON.stringify drops or bends some values silently; each of those is refused here, by name.
function refuseUnstorable(key: string, value: unknown): unknown {
  const at = key === '' ? 'it' : `"${key.slice(0, 100)}"`
  switch (typeof value) {
    case 'function':
    case 'symbol':
    case 'bigint':
      throw new Unstorable(`${at} is a ${typeof value}`)
    case 'number':
      if (!Number.isFinite(value)) throw new Unstorable(`${at} is ${value}`)
      break
    case 'string':
      if (!isStorableText(value)) throw new Unstorable(`${at} holds a NUL or half a surrogate pair`)
      break
    case 'object':
      if (
        value instanceof Map ||
        value instanceof Set ||
        value instanceof WeakMap ||
        value instanceof Promise
      ) {
        throw new Unstorable(`${at} is a ${value.constructor.name}`)
      }
      break
    case 'boolean':
    case 'undefined':
      break
  }
  if (!isStorableText(key)) throw new Unstorable('a key holds a NUL or half a surrogate pair')
  return value
}

export const isStorableText = (text: string): boolean => !text.includes('\0') && text.isWellFormed()

const reasonMax = 200

// A getter or a toJSON may throw anything, also what cannot be looked at.
function faultOf(error: unknown): string {
  try {
    if (error instanceof Unstorable) return error.message
    if (error instanceof RangeError) return `it is nested deeper than ${levelsMax} levels`
    // Hosts may have put anything there.
    const said: unknown = error instanceof Error ? error.message : 'unknown error'
    const [reason = ''] = String(said).split('\n')
    return error instanceof TypeError && /circular|cyclic/i.test(reason)
      ? 'it refers to itself'
      : `it cannot be written as JSON (${reason.slice(0, reasonMax)})`
  } catch {
    return 'it cannot be written as JSON (unknown error)'
  }
}

// Counts brackets outside strings; cheaper than walking the value again, and independent of toJSON.
function levelsOf(text: string): number {
  let level = 0
  let deepest = 0
  let isInString = false
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    if (isInString) {
      if (code === 92 /* \ */) index += 1
      else if (code === 34 /* " */) isInString = false
    } else if (code === 34) isInString = true
    else if (code === 91 /* [ */ || code === 123 /* { */) deepest = Math.max(deepest, (level += 1))
    else if (code === 93 /* ] */ || code === 125 /* } */) level -= 1
  }
  return deepest
}
