// Finds out what a store can do: for each capability the first that says something of it, in the order declared, detectors,
// known classes, methods. Asks the store for nothing: all processes with the same code and configuration must come to the
// same answer, also while the store is away (decision 15).
import type { Logger } from '../log.ts'
import type { CacheStore } from './cache-store.ts'
import { strategyOf, type CacheCapabilities, type CacheStrategy } from './capabilities.ts'
import { declaredOf } from './declared-capabilities.ts'
import { capabilitiesOfKnown, classNameOf } from './known-stores.ts'

/** Says of stores that somebody else wrote what they can do in this deployment. */
export interface CacheDetector {
  /** The class by its name: a pattern, or a text that is found in it. Or whatever tells the store. */
  readonly matches: RegExp | string | ((store: CacheStore) => boolean)
  /** What it says goes before what Tasker knows of the class, and after what the store says of itself. */
  detect(store: CacheStore): CacheCapabilities
}

export interface DetectionParts {
  readonly detectors: readonly CacheDetector[]
  readonly logger: Logger
}

/**
 * Never throws: a store that cannot be looked at is `Unknown`, and each process is by itself.
 * @param adds what it can do through the layers that Tasker put around it
 */
export function detectStrategy(
  store: CacheStore,
  parts: DetectionParts,
  adds: CacheCapabilities = {},
): CacheStrategy {
  try {
    const missing = neededMethods.filter((method) => !has(store, method))
    if (missing.length > 0) throw new TypeError(`it has no ${missing.join(', ')}`)
    const told = {
      ...capabilitiesOfKnown(store),
      ...detected(store, parts),
      ...answers(declaredOf(store), 'the store', parts),
    }
    const known = { ...probed(store), ...corrected(store, told, parts), ...adds }
    return strategyOf(classNameOf(store), known)
  } catch (error) {
    parts.logger.warn(
      { error },
      'The cache store could not be looked at: each process is by itself',
    )
    return strategyOf('Unknown', {})
  }
}

const neededMethods = ['get', 'set', 'delete'] as const

/** Without these methods a store has a capability in name only. */
const methodsOf = {
  atomicIncrement: ['increment'],
  locking: ['acquire', 'renew', 'release'],
  ttlInspection: ['remainingMs', 'extend'],
} as const satisfies Readonly<Record<string, readonly (keyof CacheStore)[]>>

const needing = Object.entries(methodsOf)

function detected(store: CacheStore, parts: DetectionParts): CacheCapabilities {
  const all: Record<string, boolean> = {}
  for (const detector of parts.detectors) {
    try {
      if (matches(detector, store))
        Object.assign(all, answers(detector.detect(store), 'a cache detector', parts))
    } catch (error) {
      parts.logger.warn(
        { error, storeClass: classNameOf(store) },
        'A cache detector failed, and is left out',
      )
    }
  }
  return all
}

function matches({ matches: wanted }: CacheDetector, store: CacheStore): boolean {
  if (typeof wanted === 'function') return wanted(store)
  const name = classNameOf(store)
  // `search` asks a pattern that remembers where it was from the beginning each time.
  return typeof wanted === 'string' ? name.includes(wanted) : name.search(wanted) >= 0
}

/** Yes and no are answers; anything else is as if nothing had been said, and is warned of. */
function answers(given: unknown, who: string, { logger }: DetectionParts): CacheCapabilities {
  if (typeof given !== 'object' || given === null || given instanceof Promise)
    throw new TypeError(`what ${who} says is no map of capabilities`)
  const entries = Object.entries(given)
  const wrong = entries.filter(([, answer]) => typeof answer !== 'boolean').map(([name]) => name)
  if (wrong.length > 0)
    logger.warn({ capabilities: wrong }, `What ${who} says of a capability is neither yes nor no`)
  return Object.fromEntries(
    entries.filter((entry): entry is [string, boolean] => typeof entry[1] === 'boolean'),
  )
}

/** Nobody can lock with a store that has no method for it, whatever is said of it. */
function corrected(
  store: CacheStore,
  told: CacheCapabilities,
  { logger }: DetectionParts,
): CacheCapabilities {
  const untrue = needing.filter(
    ([name, methods]) => told[name] === true && !methods.every((method) => has(store, method)),
  )
  for (const [capability, methods] of untrue)
    logger.warn(
      { storeClass: classNameOf(store), capability, methods },
      'The cache store is said to have a capability that it has no methods for: it is taken to have it not',
    )
  return { ...told, ...Object.fromEntries(untrue.map(([name]) => [name, false])) }
}

const probed = (store: CacheStore): CacheCapabilities =>
  Object.fromEntries(
    needing.map(([name, methods]) => [name, methods.every((method) => has(store, method))]),
  )

const has = (store: CacheStore, method: keyof CacheStore): boolean =>
  typeof store[method] === 'function'
