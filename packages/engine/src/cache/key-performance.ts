// How each key fares: how often it is asked for and found, and what making it takes; and the lifetime that follows. Of a bounded
// number of keys, for an hour after the last use. An access costs an addition in this process; what is shared with others is
// added to the sums in the store once per interval and key.
import type { Clock } from '../clock.ts'
import {
  adaptedSeconds,
  learnt,
  nothingKnown,
  nothingSeen,
  together,
  type KeyFacts,
  type Learning,
  type LifetimeBounds,
  type Seen,
} from './lifetime.ts'
import { between, retentionMs, type SeenTogether } from './seen-together.ts'

export interface KeyPerformanceOptions {
  readonly clock: Clock
  /** Null: each process by itself. */
  readonly sums: SeenTogether | null
  readonly learning: Learning
  /** Null: lifetimes stay as asked for. */
  readonly bounds: LifetimeBounds | null
  /** The lifetime of a key is computed at most once in this time. */
  readonly intervalMs: number
  /** The store did not take or tell the sums. */
  readonly failed: () => void
}

/** How one key fares. Counts: of this process. */
export interface TrackedKey {
  readonly key: string
  readonly accesses: number
  /** Of the accesses, those that it was made for. */
  readonly generations: number
  /** Share of the accesses for which nothing was made; recent ones do not weigh more. */
  readonly hitRate: number
  readonly accessesPerMinute: number
  /** Null: it was not made in this process. */
  readonly meanGenerationMs: number | null
  /** Of an answer made now; null: none was. */
  readonly ttlMs: number | null
}

interface Tracked {
  readonly key: string
  /** As it stands in the store. */
  readonly place: string
  seen: Seen
  /** Of that, what nothing was learnt from yet. */
  news: Seen
  /** Of all processes, when they were last added to. */
  sums: Seen | null
  facts: KeyFacts
  learntAtMs: number
  askedAtMs: number
  learning: Promise<void> | null
  lifetime: { readonly ttlMs: number; readonly baseMs: number; readonly atMs: number } | null
  usedAtMs: number
}

const keysMax = 1_000

export class KeyPerformance {
  readonly #options: KeyPerformanceOptions
  /** The oldest use first. */
  readonly #keys = new Map<string, Tracked>()

  constructor(options: KeyPerformanceOptions) {
    this.#options = options
  }

  hit(key: string, place: string): void {
    const tracked = this.#used(key, place)
    this.#add(tracked, { hits: 1, misses: 0, generationMs: 0 })
    // Also a key that is never made here has to be known to who makes it.
    if (this.#options.sums !== null && this.#isDue(tracked.askedAtMs)) void this.#learn(tracked)
  }

  made(key: string, place: string, generationMs: number): void {
    this.#add(this.#used(key, place), { hits: 0, misses: 1, generationMs })
  }

  /** Never rejects: without the sums of all it goes by what is known. */
  async ttlMs(key: string, place: string, baseMs: number): Promise<number> {
    const { bounds, clock } = this.#options
    if (bounds === null) return baseMs
    const tracked = this.#used(key, place)
    const { lifetime } = tracked
    if (lifetime?.baseMs === baseMs && !this.#isDue(lifetime.atMs)) return lifetime.ttlMs
    await this.#learn(tracked)
    const ttlMs = adaptedSeconds(baseMs / 1_000, tracked.facts, bounds) * 1_000
    tracked.lifetime = { ttlMs, baseMs, atMs: clock.monotonicMs() }
    return ttlMs
  }

  /** What making it takes, by what all know, or else this process; null: it does not know. */
  generationMs(key: string): number | null {
    const tracked = this.#keys.get(key)
    if (tracked === undefined) return null
    const { facts, seen } = tracked
    if (facts.generationSeconds > 0) return facts.generationSeconds * 1_000
    return seen.misses === 0 ? null : seen.generationMs / seen.misses
  }

  /** Those used in the last hour, the most used first. */
  keys(): readonly TrackedKey[] {
    const sinceMs = this.#options.clock.monotonicMs() - retentionMs
    return [...this.#keys.values()]
      .filter(({ usedAtMs }) => usedAtMs > sinceMs)
      .map(shown)
      .toSorted((a, b) => b.accesses - a.accesses)
  }

  forget(key: string): void {
    this.#keys.delete(key)
  }

  #isDue(sinceMs: number): boolean {
    return this.#options.clock.monotonicMs() - sinceMs >= this.#options.intervalMs
  }

  #used(key: string, place: string): Tracked {
    const nowMs = this.#options.clock.monotonicMs()
    const known = this.#keys.get(key)
    this.#keys.delete(key)
    const isKept = known !== undefined && nowMs - known.usedAtMs < retentionMs
    const tracked = isKept ? known : newTracked(key, place, nowMs)
    tracked.usedAtMs = nowMs
    this.#keys.set(key, tracked)
    for (const oldest of this.#keys.keys()) {
      if (this.#keys.size <= keysMax) break
      this.#keys.delete(oldest)
    }
    return tracked
  }

  #add(tracked: Tracked, seen: Seen): void {
    tracked.seen = together(tracked.seen, seen)
    tracked.news = together(tracked.news, seen)
  }

  /** Once at a time: who comes meanwhile waits for the same. */
  #learn(tracked: Tracked): Promise<void> {
    tracked.learning ??= this.#learnNow(tracked).finally(() => (tracked.learning = null))
    return tracked.learning
  }

  async #learnNow(tracked: Tracked): Promise<void> {
    const { clock, sums, learning } = this.#options
    const nowMs = clock.monotonicMs()
    const elapsedMs = nowMs - tracked.learntAtMs
    tracked.askedAtMs = nowMs
    const own = tracked.news
    tracked.news = nothingSeen
    const ofAll = sums === null ? own : await this.#share(tracked, sums, own)
    if (ofAll === null) return
    tracked.facts = learnt(tracked.facts, ofAll, elapsedMs, learning)
    tracked.learntAtMs = nowMs
  }

  /** What all saw since the last time; null: the store does not say. */
  async #share(tracked: Tracked, sums: SeenTogether, own: Seen): Promise<Seen | null> {
    try {
      const before = tracked.sums
      tracked.sums = await sums.add(tracked.place, own)
      if (before !== null) return between(before, tracked.sums)
      // The first look: what there was before tells shares and times, and not how often in how long.
      const { hitRate, generationSeconds } = learnt(nothingKnown, tracked.sums, 0, {
        ...this.#options.learning,
        smoothing: 0,
      })
      tracked.facts = { ...tracked.facts, hitRate, generationSeconds }
      return nothingSeen
    } catch {
      tracked.news = together(tracked.news, own) // for the next time
      this.#options.failed()
      return null
    }
  }
}

const newTracked = (key: string, place: string, nowMs: number): Tracked => ({
  key,
  place,
  seen: nothingSeen,
  news: nothingSeen,
  sums: null,
  facts: nothingKnown,
  learntAtMs: nowMs,
  askedAtMs: nowMs,
  learning: null,
  lifetime: null,
  usedAtMs: nowMs,
})

function shown({ key, seen, facts, lifetime }: Tracked): TrackedKey {
  const { hits, misses, generationMs } = seen
  const accesses = hits + misses
  return {
    key,
    accesses,
    generations: misses,
    hitRate: accesses === 0 ? 0 : hits / accesses,
    accessesPerMinute: facts.accessesPerMinute,
    meanGenerationMs: misses === 0 ? null : generationMs / misses,
    ttlMs: lifetime?.ttlMs ?? null,
  }
}
