// Answers that cost something to make, kept in a store for a time that adapts to how each is used. Made once at a time: in this
// process, and by all that share the store. What becomes of the store never fails who asked; where it stands is answer-shelf.ts.
import type { Clock } from '../clock.ts'
import { AnswerShelf } from './answer-shelf.ts'
import type { KeptAnswer, Question } from './answer-text.ts'
import type { CacheStore } from './cache-store.ts'
import { KeyPerformance, type KeyPerformanceOptions, type TrackedKey } from './key-performance.ts'
import type { Locks } from './locks.ts'
import type { Answer, AnswerKey, AnswerOrder } from './tasker-cache.ts'

export interface AdaptiveCacheOptions {
  readonly store: CacheStore
  readonly clock: Clock
  /** Whose answers they are, of all that use the store: a text that no other database has. */
  readonly owner: () => Promise<string>
  /** Null: no other process uses the store. */
  readonly locks: Pick<Locks, 'tryWith'> | null
  /** Null: nothing is known of keys, and lifetimes stay as asked for. */
  readonly tracking: Omit<KeyPerformanceOptions, 'clock' | 'failed'> | null
  readonly defaultTtlMs: number
  /** Share of the store in use from which answers are kept half as long, where lifetimes adapt. */
  readonly pressureThreshold: number
}

export interface CacheReading {
  readonly kinds: readonly (AnswerCounts & { readonly kind: string })[]
  readonly storeErrorCount: number
}

export interface AnswerCounts {
  /** Given without making one, those whose time was over too. */
  readonly hits: number
  readonly staleHits: number
  readonly misses: number
}

type Order = AnswerOrder<unknown>

interface Asked extends Question {
  readonly parts: AnswerKey
  readonly order: Order
}

interface Flight {
  /** A kept answer whose time is over, once the store has been asked. */
  readonly stale: Promise<Answer<unknown> | null>
  readonly outcome: Promise<Answer<unknown>>
  /** Meanwhile somebody wanted it forgotten. */
  isForgotten: boolean
}

/** A process that dies holds the others up for no longer, each for no longer than it would take to make it. */
const lockTtlMs = 30_000
/** How long that is, of an answer of which nobody knows. */
const firstWaitMs = 1_000
const pollMinMs = 20
const pressureKnownForMs = 1_000
/** Kinds that are counted by themselves; of callers' own there may be any number. */
const kindsMax = 50

export class AdaptiveCache {
  readonly #options: AdaptiveCacheOptions
  readonly #shelf: AnswerShelf
  readonly #performance: KeyPerformance | null
  /** By key and version. */
  readonly #flights = new Map<string, Flight>()
  readonly #counts = new Map<string, AnswerCounts>()
  #pressure: { readonly isHigh: boolean; readonly atMs: number } | null = null

  constructor(options: AdaptiveCacheOptions) {
    const { store, clock, owner, tracking } = options
    this.#options = options
    this.#shelf = new AnswerShelf({ store, clock, owner })
    const failed = (): void => this.#shelf.failed()
    this.#performance = tracking && new KeyPerformance({ clock, failed, ...tracking })
  }

  /** See `tasker.cache.fetch`. */
  async fetch<Value>(parts: AnswerKey, order: AnswerOrder<Value>): Promise<Answer<Value>> {
    const key = JSON.stringify(parts)
    const version = JSON.stringify(order.version ?? [])
    const id = flightId(key, version)
    const underWay = this.#flights.get(id)
    // Casts: one key is asked for with one kind of answer, which its first part names.
    if (underWay !== undefined) return (await this.#join(parts, key, underWay)) as Answer<Value>
    const flight = this.#start({ key, version, parts, order: order as Order })
    this.#flights.set(id, flight)
    try {
      return (await flight.outcome) as Answer<Value>
    } finally {
      if (this.#flights.get(id) === flight) this.#flights.delete(id)
    }
  }

  /** False: the store did not do it. */
  async forget(parts: AnswerKey): Promise<boolean> {
    const key = JSON.stringify(parts)
    for (const [id, flight] of this.#flights) {
      if (!id.startsWith(flightId(key, ''))) continue
      flight.isForgotten = true
      this.#flights.delete(id)
    }
    this.#performance?.forget(key)
    const place = await this.#shelf.placeOf(key)
    return place !== null && this.#shelf.delete(place)
  }

  /** What was asked for, by the first part of the key; and how often the store failed. */
  reading(): CacheReading {
    const kinds = [...this.#counts].map(([kind, counts]) => ({ kind, ...counts }))
    return { kinds, storeErrorCount: this.#shelf.errorCount }
  }

  /** Null: nothing is known of keys. */
  keys(): readonly TrackedKey[] | null {
    return this.#performance?.keys() ?? null
  }

  /** Nobody waits where there is an old answer. */
  async #join(parts: AnswerKey, key: string, flight: Flight): Promise<Answer<unknown>> {
    const answer = (await flight.stale) ?? (await flight.outcome)
    const place = await this.#shelf.placeOf(key)
    this.#count(parts, answer.isStale ? 'stale' : 'hit')
    if (place !== null) this.#performance?.hit(key, place)
    return answer
  }

  #start(asked: Asked): Flight {
    const stale = Promise.withResolvers<Answer<unknown> | null>()
    const flight: Flight = {
      stale: stale.promise,
      outcome: this.#find(asked, stale.resolve, () => flight.isForgotten),
      isForgotten: false,
    }
    return flight
  }

  async #find(
    asked: Asked,
    foundStale: (answer: Answer<unknown> | null) => void,
    isForgotten: () => boolean,
  ): Promise<Answer<unknown>> {
    const place = await this.#shelf.placeOf(asked.key)
    const found = place === null ? null : await this.#read(place, asked)
    foundStale(found?.isStale === true ? found : null)
    if (place === null) return this.#make(asked, null, isForgotten)
    const answer =
      found === null || found.isStale
        ? await this.#makeAlone({ asked, place, stale: found, isForgotten })
        : found
    if (!answer.isCached) return answer
    this.#count(asked.parts, answer.isStale ? 'stale' : 'hit')
    this.#performance?.hit(asked.key, place)
    return answer
  }

  /** What the store has; stale ones only where they may be given. */
  async #read(place: string, asked: Asked): Promise<Answer<unknown> | null> {
    const kept = await this.#shelf.read(place, asked)
    if (kept === null) return null
    const { order } = asked
    const ttlMs = Math.min(kept.ttlMs, order.ttlMaxMs ?? Infinity)
    const leftMs = kept.madeAtMs + ttlMs - this.#options.clock.nowMs()
    if (leftMs + (order.staleMs ?? ttlMs) <= 0) return null
    try {
      const value = order.read === undefined ? kept.value : order.read(kept.value)
      const isStale = leftMs <= 0
      return { ...answerOf({ ...kept, value, ttlMs }), isCached: true, isStale }
    } catch {
      return null
    }
  }

  /** Where others share the store, one of all makes it; the others give the old answer, or wait as long as making it takes. */
  async #makeAlone(making: Making): Promise<Answer<unknown>> {
    const { asked, place, stale, isForgotten } = making
    const { locks, clock } = this.#options
    if (locks === null) return this.#make(asked, place, isForgotten)
    const waitMs = this.#performance?.generationMs(asked.key) ?? firstWaitMs
    const endsMs = clock.monotonicMs() + waitMs
    for (;;) {
      const answer = await this.#tryAlone(making, locks)
      if (answer !== null) return answer
      if (stale !== null) return stale
      if (clock.monotonicMs() >= endsMs) return this.#make(asked, place, isForgotten)
      await pause(clock, Math.max(pollMinMs, waitMs / 10))
    }
  }

  /** Null: another process makes it. */
  async #tryAlone(
    { asked, place, isForgotten }: Making,
    locks: Pick<Locks, 'tryWith'>,
  ): Promise<Answer<unknown> | null> {
    let made: Promise<Answer<unknown>> | null = null
    const work = async (): Promise<Answer<unknown>> => {
      const found = await this.#read(place, asked) // another made it just now
      if (found !== null && !found.isStale) return found
      made = this.#make(asked, place, isForgotten)
      return made
    }
    try {
      const locked = await locks.tryWith({ name: `answer/${place}`, ttlMs: lockTtlMs }, work)
      return locked.isDone ? locked.result : null
    } catch {
      if (made !== null) return made // what failed, failed to be made
      this.#shelf.failed()
      return this.#make(asked, place, isForgotten)
    }
  }

  async #make(
    { key, version, parts, order }: Asked,
    place: string | null,
    isForgotten: () => boolean,
  ): Promise<Answer<unknown>> {
    const { clock } = this.#options
    const madeAtMs = clock.nowMs() // what it says is at least as old as that
    const startedMs = clock.monotonicMs()
    // Found out meanwhile; it goes by what was known before.
    const lifetime = place === null ? null : this.#lifetime(key, place, order)
    const value = await order.make()
    const tookMs = clock.monotonicMs() - startedMs
    this.#count(parts, 'miss')
    const ttlMs = (await lifetime) ?? 0
    if (place !== null) this.#performance?.made(key, place, tookMs)
    const kept = { value, madeAtMs, ttlMs }
    const isKept =
      place !== null &&
      !isForgotten() &&
      (await this.#keep(place, { key, version, parts, order }, kept))
    return { ...answerOf(isKept ? kept : { ...kept, ttlMs: 0 }), isCached: false, isStale: false }
  }

  async #keep(place: string, { order, ...question }: Asked, kept: KeptAnswer): Promise<boolean> {
    const isKept = kept.ttlMs > 0 && order.isKept?.(kept.value) !== false
    if (!isKept) {
      await this.#shelf.delete(place) // an older one would say that all is well
      return false
    }
    const staleMs = this.#isUnderPressure() ? 0 : (order.staleMs ?? kept.ttlMs)
    return this.#shelf.write(place, question, kept, kept.ttlMs + staleMs)
  }

  async #lifetime(key: string, place: string, order: Order): Promise<number> {
    const { defaultTtlMs, tracking } = this.#options
    const { ttlMs: baseMs = defaultTtlMs, ttlMaxMs = Infinity } = order
    const adapted = (await this.#performance?.ttlMs(key, place, baseMs)) ?? baseMs
    const bounds = tracking?.bounds ?? null
    const isShortened = bounds !== null && this.#isUnderPressure()
    const shortestMs = Math.min(adapted, (bounds?.minSeconds ?? 0) * 1_000)
    return Math.min(isShortened ? Math.max(adapted / 2, shortestMs) : adapted, ttlMaxMs)
  }

  #isUnderPressure(): boolean {
    const { store, clock, pressureThreshold } = this.#options
    const nowMs = clock.monotonicMs()
    if (this.#pressure === null || nowMs - this.#pressure.atMs >= pressureKnownForMs) {
      const use = store.shareInUse?.() ?? 0
      this.#pressure = { isHigh: use >= pressureThreshold && use > 0, atMs: nowMs }
    }
    return this.#pressure.isHigh
  }

  #count([first]: AnswerKey, what: 'hit' | 'stale' | 'miss'): void {
    const named = String(first)
    const isNamed = this.#counts.has(named) || this.#counts.size < kindsMax
    const kind = isNamed ? named : 'other'
    const { hits, staleHits, misses } = this.#counts.get(kind) ?? nothing
    this.#counts.set(kind, {
      hits: hits + (what === 'miss' ? 0 : 1),
      staleHits: staleHits + (what === 'stale' ? 1 : 0),
      misses: misses + (what === 'miss' ? 1 : 0),
    })
  }
}

interface Making {
  readonly asked: Asked
  readonly place: string
  readonly stale: Answer<unknown> | null
  readonly isForgotten: () => boolean
}

const nothing: AnswerCounts = { hits: 0, staleHits: 0, misses: 0 }

const flightId = (key: string, version: string): string => `${key}\n${version}`

const answerOf = ({ value, madeAtMs, ttlMs }: KeptAnswer) => ({
  value,
  generatedAt: new Date(madeAtMs),
  expiresAt: new Date(madeAtMs + ttlMs),
})

const pause = (clock: Clock, ms: number): Promise<void> =>
  new Promise((resolve) => clock.schedule(ms, () => resolve()))
