// What all processes saw of a key, added up in the store that they share: by its own counting where it counts, else by reading
// and writing, which loses what another adds in between. Sums are estimates either way: a store may forget them.
import type { CacheStore } from './cache-store.ts'
import { nothingSeen, together, type Seen } from './lifetime.ts'

/** Sums begin anew after this. */
export const retentionMs = 3_600_000

export class SeenTogether {
  readonly #store: CacheStore
  readonly #isCounting: boolean

  /** `counting`: the store adds atomically. */
  constructor(store: CacheStore, { counting }: { readonly counting: boolean }) {
    this.#store = store
    this.#isCounting = counting && store.increment !== undefined
  }

  /** Adds, and returns the sums of all. `key`: as it may stand in a store. */
  async add(key: string, seen: Seen): Promise<Seen> {
    const place = `cache_perf:${key}`
    return this.#isCounting ? this.#count(place, seen) : this.#rewrite(place, seen)
  }

  // Whole numbers only, so times are in microseconds.
  async #count(place: string, { hits, misses, generationMs }: Seen): Promise<Seen> {
    const add = async (what: string, by: number): Promise<number> => {
      const sum = await this.#store.increment?.(`${place}:${what}`, by, retentionMs)
      return isCount(sum) ? sum : 0
    }
    const sums = await Promise.all([
      add('hits', hits),
      add('misses', misses),
      add('generation_us', Math.round(generationMs * 1_000)),
    ])
    return { hits: sums[0], misses: sums[1], generationMs: sums[2] / 1_000 }
  }

  async #rewrite(place: string, seen: Seen): Promise<Seen> {
    const text = await this.#store.get(place)
    const sums = together(text === null ? nothingSeen : readSeen(text), seen)
    await this.#store.set(place, JSON.stringify(sums), retentionMs)
    return sums
  }
}

/** What happened between two sums; all of the later ones where the store has forgotten since. */
export function between(before: Seen, after: Seen): Seen {
  const isForgotten =
    after.hits < before.hits ||
    after.misses < before.misses ||
    after.generationMs < before.generationMs
  if (isForgotten) return after
  return {
    hits: after.hits - before.hits,
    misses: after.misses - before.misses,
    generationMs: after.generationMs - before.generationMs,
  }
}

/** Of what stands in a store, and may be anything. */
function readSeen(text: string): Seen {
  try {
    const stored: unknown = JSON.parse(text)
    if (typeof stored !== 'object' || stored === null) return nothingSeen
    const read = (field: string): number => {
      const value: unknown = Reflect.get(stored, field)
      return isCount(value) ? value : 0
    }
    return { hits: read('hits'), misses: read('misses'), generationMs: read('generationMs') }
  } catch {
    return nothingSeen
  }
}

const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0
