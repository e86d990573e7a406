// How a value is shown to people, in `tasker config` and in faults: short, on one line, without its
// secrets.
import type { Option } from './option.ts'
import { isPlainObject } from './option.ts'

/** Longest text of a value in a fault. */
const shownMax = 80

/** The value of an option, whole, its secrets hidden. */
export function printableValue(option: Option<unknown>, value: unknown): string {
  if (option.secret === 'whole' && value !== null) return '(hidden)'
  return typeof value === 'string' && value !== ''
    ? hidePassword(value)
    : literal(shownParts(option, value))
}

/** What was received, for a fault: its kind and value, cut to one line. Nothing of a secret. */
export function received(option: Option<unknown>, value: unknown): string {
  if (option.secret === 'parts') return shownValue(shownParts(option, value))
  if (option.secret !== null && value !== null) return `${kindOf(value)} (hidden)`
  return shownValue(value)
}

/** A value of the option, or a part of one at this path, without its secret parts. */
export function shownParts(
  { secret }: Pick<Option<unknown>, 'secret'>,
  value: unknown,
  path: readonly PropertyKey[] = [],
): unknown {
  if (secret !== 'parts') return value
  return path.some((key) => isSecretPart(String(key))) ? '***' : withoutSecrets(value)
}

const isSecretPart = (name: string): boolean => /pass|secret|token|key|auth|headers/i.test(name)

function withoutSecrets(value: unknown): unknown {
  if (!isPlainObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [
      name,
      isSecretPart(name) ? '***' : withoutSecrets(part),
    ]),
  )
}

/** The same for a value that belongs to no option or to a part of one. */
export function shownValue(value: unknown): string {
  if (value === undefined) return 'nothing'
  const shown = literal(value)
  return shown.length <= shownMax ? shown : `${shown.slice(0, shownMax)}…`
}

export function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return isPlainObject(value) ? 'a map' : 'an object'
  return kindNames.get(typeof value) ?? `a ${typeof value}`
}

const kindNames: ReadonlyMap<string, string> = new Map([
  ['string', 'text'],
  ['number', 'a number'],
  ['boolean', 'true or false'],
])

/**
 * `postgres://user:secret@host/db?sslpassword=x` → `postgres://user:***@host/db?sslpassword=***`.
 */
export function hidePassword(value: string): string {
  // Up to the last @, because a password may hold one that was not escaped; rather too much is
  // hidden than too little. Addresses of Memcached have no scheme: `user:secret@host:11211`.
  return value
    .replace(/^([a-z][a-z0-9+.-]*:(?:\/\/)?[^:@/?]*|[^\s:@/?]+(?=:(?!\/\/)\S)):.*@/is, '$1:***@')
    .replace(/([?&][^=&]*(?:pass|secret|token|key)[^=&]*=)[^&]*/gi, '$1***')
}

/** Deeper parts are not shown, so that a value which holds itself ends too. */
const shownDepth = 4

function literal(value: unknown, depth = 0): string {
  if (typeof value === 'string') return JSON.stringify(hidePassword(value))
  if (typeof value === 'function') return '(function)'
  if (value instanceof RegExp || typeof value === 'bigint') return String(value)
  if (Array.isArray(value)) {
    return depth === shownDepth
      ? '[…]'
      : `[${value.map((part) => literal(part, depth + 1)).join(', ')}]`
  }
  if (isPlainObject(value)) return depth === shownDepth ? '{…}' : mapLiteral(value, depth)
  return typeof value === 'object' && value !== null ? '(object)' : String(value)
}

function mapLiteral(value: Readonly<Record<string, unknown>>, depth: number): string {
  const parts = Object.entries(value).map(([key, part]) => `${key}: ${literal(part, depth + 1)}`)
  return parts.length === 0 ? '{}' : `{ ${parts.join(', ')} }`
}
