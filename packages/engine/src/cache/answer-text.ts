// An answer as the text that stands in a store, and back. A store may be anybody's, so nothing that comes from it is believed:
// what is not exactly an answer to this question, written by this version of Tasker, is none.
import { packageVersion } from '../version.ts'

export interface KeptAnswer {
  readonly value: unknown
  /** Before it was begun to be made, by the wall clock of who made it. */
  readonly madeAtMs: number
  /** For how long from then on it is fresh. */
  readonly ttlMs: number
}

/** What an answer is to: the texts of its key and of its version. */
export interface Question {
  readonly key: string
  readonly version: string
}

/** Changes when the form of this text does. */
const format = `tasker answer 1, ${packageVersion}`

/** Null: the value holds something that would not come back as it is, or the text would be longer than that. */
export function writeAnswer(
  { key, version }: Question,
  { value, madeAtMs, ttlMs }: KeptAnswer,
  charactersMax: number,
): string | null {
  try {
    const head = { format, key, version, madeAtMs, ttlMs }
    const text = JSON.stringify({ ...head, value: packed(value) })
    return text.length > charactersMax ? null : text
  } catch {
    return null // also where it is deeper than the stack, or longer than a text can be
  }
}

/** Null: it is none, or one to another question. */
export function readAnswer({ key, version }: Question, text: string): KeptAnswer | null {
  try {
    const stored: unknown = JSON.parse(text)
    if (!isObject(stored) || stored['format'] !== format) return null
    if (stored['key'] !== key || stored['version'] !== version) return null
    const { madeAtMs, ttlMs } = stored
    if (!isTime(madeAtMs) || !isTime(ttlMs) || !Object.hasOwn(stored, 'value')) return null
    if (!isTime(madeAtMs + ttlMs)) return null
    return { value: unpacked(stored['value']), madeAtMs, ttlMs }
  } catch {
    return null
  }
}

/** The one type beside those of JSON. An object with a field of this name is wrapped in it too. */
const mark = '$tasker'

class NotKeepable extends Error {}

/** Fields without a value are left out, as JSON does. */
function packed(value: unknown): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value
    case 'number':
      if (!Number.isFinite(value)) throw new NotKeepable()
      return value
    case 'object':
      return value === null ? null : packedObject(value)
    default:
      throw new NotKeepable()
  }
}

function packedObject(value: object): unknown {
  if (Array.isArray(value)) return Array.from(value, packed) // not map: holes are not keepable
  if (value instanceof Date) {
    if (Number.isNaN(value.getTime())) throw new NotKeepable()
    return { [mark]: value.getTime() }
  }
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) throw new NotKeepable()
  const entries = Object.entries(value).filter(([, field]) => field !== undefined)
  const fields = Object.fromEntries(entries.map(([name, field]) => [name, packed(field)]))
  return Object.hasOwn(fields, mark) ? { [mark]: fields } : fields
}

function unpacked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unpacked)
  if (!isObject(value)) return value
  if (!Object.hasOwn(value, mark)) return unpackedFields(value)
  const marked = value[mark]
  if (typeof marked === 'number' && !Number.isNaN(new Date(marked).getTime())) {
    return new Date(marked)
  }
  if (isObject(marked)) return unpackedFields(marked)
  throw new NotKeepable()
}

const unpackedFields = (fields: Readonly<Record<string, unknown>>): unknown =>
  Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, unpacked(field)]))

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Of a date, the last. */
const timeMax = 8_640_000_000_000_000

const isTime = (value: unknown): value is number =>
  typeof value === 'number' && value >= 0 && value <= timeMax
