// How an option is spelled: camelCase in TypeScript, snake_case in files, TASKER_<SECTION>__<KEY>
// in the environment; and the nearest known name for a misspelled one. Which names exist is
// options.ts.
import { closest, distance } from 'fastest-levenshtein'

/** `max_backoff_seconds` → `maxBackoffSeconds`. A name without underscores stays as it is. */
export function camelCase(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}

/** `maxBackoffSeconds` → `max_backoff_seconds`. */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

/** `backoff.maxBackoffSeconds` → `TASKER_BACKOFF__MAX_BACKOFF_SECONDS`. */
export function environmentName(key: string): string {
  return `TASKER_${key.split('.').map(snakeCase).join('__').toUpperCase()}`
}

/** `TASKER_BACKOFF__MAX_BACKOFF_SECONDS` → `backoff.maxBackoffSeconds`, known or not. */
export function keyOfEnvironmentName(name: string): string {
  const parts = name.slice('TASKER_'.length).toLowerCase().split('__')
  return parts.map(camelCase).join('.')
}

/** The known name that the given one is probably meant to be; null when none is near. */
export function nearestName(given: string, known: readonly string[]): string | null {
  if (known.length === 0) return null
  const plain = (name: string) => name.replaceAll(/[_.]/g, '').toLowerCase()
  const nearest = closest(plain(given), known.map(plain))
  const allowed = Math.min(5, Math.max(2, Math.floor(plain(given).length / 3)))
  if (distance(plain(given), nearest) > allowed) return null
  return known.find((name) => plain(name) === nearest) ?? null
}
