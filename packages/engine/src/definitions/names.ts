// The rules of names and versions, how a wrong value is shown, and "did you mean". Pure.
import { distance } from 'fastest-levenshtein'
import semver from 'semver'

/** Longest names, in characters (code points): what the columns hold. */
export const nameLengthMax = {
  namespace: 64,
  task: 64,
  step: 128,
  event: 128,
  version: 64,
} as const

/** What is wrong with a name, or null. Unicode is welcome; control characters and lone surrogates are not. */
export function nameFault(value: unknown, lengthMax: number): string | null {
  if (typeof value !== 'string') return `expected a name, received ${show(value)}`
  if (value.trim() === '') return 'expected a name, received an empty string'
  const length = Array.from(value).length
  if (length > lengthMax) return `expected at most ${lengthMax} characters, received ${length}`
  if (/\p{Cc}/u.test(value)) return 'expected no control characters'
  if (/\p{Cs}/u.test(value)) return 'expected well-formed Unicode, received a lone surrogate'
  return null
}

/** What is wrong with a version, or null. Full semantic versions only: `1.2.0`, `2.0.0-beta.1`. */
export function versionFault(value: unknown): string | null {
  const expected = 'expected a full semantic version such as 1.2.0 or 2.0.0-beta.1'
  if (typeof value !== 'string') return `${expected}, received ${show(value)}`
  if (value.length > nameLengthMax.version) return `expected at most 64 characters`
  // semver.parse also takes "v1.2.0" and " 1.2.0"; two spellings of one version would be two rows.
  const isFull = /^\d/.test(value) && value.trim() === value && semver.parse(value) !== null
  return isFull ? null : `${expected}, received ${show(value)}`
}

/** `payments/process_order@2.1.0`, the one way messages write an address. */
export function formatAddress(address: {
  readonly namespace: string
  readonly name: string
  readonly version: string
}): string {
  return `${address.namespace}/${address.name}@${address.version}`
}

/** The known name that is nearest, or null when none is near enough to be what was meant. */
export function nearestName(name: string, known: Iterable<string>): string | null {
  let nearest: string | null = null
  let nearestEdits = editsMax(name.length) + 1
  for (const candidate of known) {
    const gap = Math.abs(candidate.length - name.length)
    if (candidate === name || gap >= nearestEdits) continue
    const edits = editsBetween(name.toLowerCase(), candidate.toLowerCase())
    if (edits < nearestEdits) {
      nearest = candidate
      nearestEdits = edits
    }
  }
  return nearest
}

const sortedLetters = (text: string): string => text.split('').toSorted().join('')

/** Below three letters everything is near everything. */
function editsMax(length: number): number {
  if (length < 5) return length < 3 ? 0 : 1
  return Math.max(2, Math.floor(length / 3))
}

/** Two letters swapped are one slip of the finger, not two edits. */
function editsBetween(name: string, candidate: string): number {
  const edits = distance(name, candidate)
  if (edits !== 2 || name.length !== candidate.length) return edits
  return sortedLetters(name) === sortedLetters(candidate) ? 1 : edits
}

/** `; did you mean "x"?`, or nothing. */
export function didYouMean(name: string, known: Iterable<string>): string {
  const nearest = nearestName(name, known)
  return nearest === null ? '' : `; did you mean ${quote(nearest)}?`
}

export const quote = (text: string): string => JSON.stringify(text)

/** The JSON type of a value, for messages that must not show it. */
export function typeName(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (value instanceof Date) return 'Date'
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  return typeof value
}

const shownLengthMax = 60

/** A value of a definition in a message: type and, where short, the value. Never for contexts or results. */
export function show(value: unknown): string {
  if (typeof value === 'string') {
    return value.length > shownLengthMax ? `a string of ${value.length} characters` : quote(value)
  }
  if (typeof value === 'number' || typeof value === 'boolean') return `${typeof value} ${value}`
  return typeName(value)
}
