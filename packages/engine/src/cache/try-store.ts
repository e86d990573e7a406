// Tries out what a store is said to do, on keys that are thrown away: for `tasker doctor`. No decision hangs on it: what two
// processes saw of a store that was away for one of them would differ (decision 15).
import { randomUUID } from 'node:crypto'
import type { Clock } from '../clock.ts'
import { faultText } from '../fault-text.ts'
import type { CacheStore } from './cache-store.ts'
import type { CacheStrategy } from './capabilities.ts'

/** `keeping`: it gives back what it was given. The others are capabilities. */
export type TriedPart = 'keeping' | 'atomicIncrement' | 'ttlInspection' | 'locking'

export interface TrialFault {
  readonly part: TriedPart
  /** What was seen instead. */
  readonly seen: string
}

export interface StoreTrial {
  readonly tookMs: number
  readonly tried: readonly TriedPart[]
  readonly faults: readonly TrialFault[]
}

export interface TrialParts {
  readonly store: CacheStore
  readonly strategy: CacheStrategy
  readonly clock: Pick<Clock, 'monotonicMs' | 'schedule'>
  /** For each part. */
  readonly timeoutMs: number
}

const ttlMs = 60_000

/** Never rejects. Null of a part: it does what it should. */
export async function tryStore({
  store,
  strategy,
  clock,
  timeoutMs,
}: TrialParts): Promise<StoreTrial> {
  const startedMs = clock.monotonicMs()
  const key = `tasker:trial:${randomUUID()}`
  const tried: TriedPart[] = []
  const faults: TrialFault[] = []
  for (const [part, attempt] of Object.entries(trials) as [TriedPart, Trial][]) {
    // Cast: the entries of the table.
    if (part !== 'keeping' && !strategy.supports(part)) continue
    tried.push(part)
    const { promise: timedOut, resolve } = Promise.withResolvers<string>()
    const cancel = clock.schedule(timeoutMs, () => resolve(`no answer within ${timeoutMs} ms`))
    const attempted = attempt(store, `${key}:${part}`).catch(faultText)
    const seen = await Promise.race([attempted, timedOut])
    cancel()
    if (seen !== null) faults.push({ part, seen })
  }
  return { tookMs: clock.monotonicMs() - startedMs, tried, faults }
}

type Trial = (store: CacheStore, key: string) => Promise<string | null>

const trials: Readonly<Record<TriedPart, Trial>> = {
  async keeping(store, key) {
    await store.set(key, key, ttlMs)
    const text = await store.get(key)
    await store.delete(key)
    if (text !== key) return 'it does not give back what it was given'
    return (await store.get(key)) === null ? null : 'what was deleted is still there'
  },
  async atomicIncrement(store, key) {
    const sums = await Promise.all([1, 1, 1].map(async (by) => store.increment?.(key, by, ttlMs)))
    await store.delete(key)
    const isWhole = [1, 2, 3].every((sum) => sums.includes(sum))
    return isWhole ? null : `three additions of one came to ${sums.join(', ')}`
  },
  async ttlInspection(store, key) {
    await store.set(key, key, ttlMs)
    const leftMs = (await store.remainingMs?.(key)) ?? 0
    const isExtended = await store.extend?.(key, 2 * ttlMs)
    const longerMs = (await store.remainingMs?.(key)) ?? 0
    await store.delete(key)
    if (leftMs <= 0 || leftMs > ttlMs) return `of ${ttlMs} ms it said that ${leftMs} are left`
    return isExtended === true && longerMs > leftMs ? null : 'it did not extend an entry'
  },
  async locking(store, key) {
    const seen = [
      await store.acquire?.(key, 'one', ttlMs),
      await store.acquire?.(key, 'other', ttlMs),
      await store.renew?.(key, 'one', ttlMs),
      await store.release?.(key, 'other'),
      await store.release?.(key, 'one'),
    ]
    if (seen.join() === 'true,false,true,false,true') return null
    return `one and another who asked for a lock, renewed and released it, were told ${seen.join(', ')}`
  },
}
