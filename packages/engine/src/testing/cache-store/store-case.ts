// One case of the suite for cache stores, and what all of them need: keys of their own, claims, the end of a time.
import { randomUUID } from 'node:crypto'
import { fail } from 'node:assert/strict'
import type { CacheStore } from '../../cache/cache-store.ts'
import type { CapabilityName, CacheStrategy } from '../../cache/capabilities.ts'
import { detectStrategy } from '../../cache/detect-capabilities.ts'
import { silentLogger } from '../../log.ts'
import { systemClock } from '../../clock.ts'

export interface CacheStoreCase {
  /** A sentence about the store. */
  readonly name: string
  /** Whether a store that says this of itself, and has these methods, has to pass. */
  readonly isMeantFor: (store: CacheStore) => boolean
  /**
   * Touches no other key than those of its own, so that cases may run side by side, and on a store that others use.
   * @param neighbour the same place under another namespace; needed where `namespaceSupport` is claimed
   * @throws where the store does not do what the case says
   */
  readonly run: (store: CacheStore, neighbour?: CacheStore) => Promise<void>
}

/** Long enough that nothing ends during a case. */
export const longMs = 600_000

export const newKey = (name = 'key'): string => `conformance/${randomUUID()}/${name}`

export const claims = (store: CacheStore, capability: CapabilityName): boolean =>
  strategyFor(store).supports(capability)

/** A store that keeps nothing has only to be harmless. */
export const keeps = (store: CacheStore): boolean => !strategyFor(store).supports('keepsNothing')

/** The method, which the case is meant for stores with. */
export function methodOf<Name extends keyof CacheStore>(
  store: CacheStore,
  name: Name,
): NonNullable<CacheStore[Name]> {
  const method = store[name]
  if (typeof method !== 'function') fail(`the store has no ${name}()`)
  // Cast: a bound function takes and answers what the function does.
  return method.bind(store) as NonNullable<CacheStore[Name]>
}

const patienceMs = 10_000
const lookEveryMs = 20

/** Waits until the store says so. Times end a second later where a store counts in seconds. */
export async function until(isSo: () => Promise<boolean>, what: string): Promise<void> {
  const endsMs = systemClock.monotonicMs() + patienceMs
  while (!(await isSo())) {
    if (systemClock.monotonicMs() > endsMs) fail(`not within ${patienceMs} ms: ${what}`)
    await new Promise<void>((resolve) => systemClock.schedule(lookEveryMs, resolve))
  }
}

/** Waits until what is kept for so long, from now on, is gone. */
export async function untilGoneAfter(store: CacheStore, ttlMs: number): Promise<void> {
  const key = newKey('measure')
  await store.set(key, 'here', ttlMs)
  await until(async () => (await store.get(key)) === null, `a text kept for ${ttlMs} ms is gone`)
}

const strategyFor = (store: CacheStore): CacheStrategy =>
  detectStrategy(store, { detectors: [], logger: silentLogger })
