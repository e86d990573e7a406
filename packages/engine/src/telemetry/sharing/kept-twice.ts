// What all starts share in the store: the list of them, and the totals of those that ended. Each stands there twice, and is
// written to the spare place first: where one is lost or overwritten, the other is read. Who may write, and when, is ledger.ts.
import type { CacheStore } from '../../cache/cache-store.ts'
import { asError, TaskerError } from '../../errors.ts'
import {
  sharedTextMax,
  isReadable,
  readList,
  readRetired,
  writeList,
  writeRetired,
  type ListedStart,
  type Retired,
  type Snapshot,
  type Unreadable,
} from './snapshot.ts'
import { countedOf, TotalsSum, type Totals } from './totals.ts'

export interface KeptTwiceOptions {
  readonly store: Pick<CacheStore, 'get' | 'set' | 'extend'>
  readonly ttlMs: number
  /** Most label sets of one metric of the retired. */
  readonly seriesMax: number
  /** What metric names begin with, for the one that counts what did not fit. */
  readonly prefix: string
}

/** Throws when it is too late. */
export type MayWrite = () => void

/** Of the latest that were retired, the names are kept. */
const retiredNamesMax = 1_000

const listKey = 'metrics/starts'
const retiredKey = 'metrics/retired'
const placesOf = (key: string): readonly string[] => [key, `${key}/spare`]
const places = [listKey, retiredKey].flatMap(placesOf)

const nothingRetired: Retired = { starts: [], count: 0, totals: [] }

export class KeptTwice {
  readonly #options: KeptTwiceOptions

  constructor(options: KeptTwiceOptions) {
    this.#options = options
  }

  async list(): Promise<readonly ListedStart[]> {
    return (await this.#read(listKey, async (text) => readList(text))) ?? []
  }

  async retired(): Promise<Retired> {
    return (await this.#read(retiredKey, readRetired)) ?? nothingRetired
  }

  setList(list: readonly ListedStart[], mayWrite: MayWrite): Promise<void> {
    return this.#write(listKey, writeList(list), mayWrite)
  }

  /** What is too long has fewer label sets, and more under `other`: no sum becomes less. */
  async addRetired(retired: Retired, last: Snapshot, mayWrite: MayWrite): Promise<void> {
    const sizes = [...retired.totals, ...last.totals].map(({ series }) => series.length)
    let seriesMax = Math.min(this.#options.seriesMax, 2 * Math.max(0, ...sizes))
    for (;;) {
      const text = await writeRetired(this.#joined(retired, last, seriesMax))
      if (text.length <= sharedTextMax || seriesMax === 0) {
        const refusal = await this.#write(retiredKey, text, mayWrite).then(() => null, refusalOf)
        if (refusal === null) return
        if (seriesMax === 0) throw refusal
      }
      seriesMax = Math.floor(seriesMax / 2)
    }
  }

  /** For stores that cannot extend, it is written again: by one process at a time. */
  async prolong(mayWrite: MayWrite): Promise<void> {
    const { store, ttlMs } = this.#options
    if (store.extend !== undefined) return this.extend(ttlMs)
    for (const place of places) {
      const text = await store.get(place)
      mayWrite()
      if (text !== null) await store.set(place, text, ttlMs)
    }
  }

  async extend(ttlMs: number): Promise<void> {
    const { store } = this.#options
    await Promise.all(places.map(async (place) => store.extend?.(place, ttlMs)))
  }

  #joined(
    { starts, count, totals }: Retired,
    { start, totals: last }: Snapshot,
    seriesMax: number,
  ): Retired {
    const overflowed = new Map<string, number>()
    const sum = new TotalsSum(seriesMax, (name) =>
      overflowed.set(name, (overflowed.get(name) ?? 0) + 1),
    )
    sum.add(totals).add(countedOf(last)).add(overflowOf(overflowed, this.#options.prefix))
    return {
      starts: [...starts, start].slice(-retiredNamesMax),
      count: count + 1,
      totals: sum.totals,
    }
  }

  /** Null: in neither place is anything of ours. */
  async #read<Value extends object>(
    key: string,
    read: (text: string) => Promise<Value | Unreadable>,
  ): Promise<Value | null> {
    for (const place of placesOf(key)) {
      const text = await this.#options.store.get(place)
      const value = text === null ? 'garbage' : await read(text)
      if (value === 'foreign') throw new Error(anotherVersion)
      if (isReadable(value)) return value
    }
    return null
  }

  // A store that refuses a text may drop what stood in its place: then the other one is still there.
  async #write(key: string, text: string, mayWrite: MayWrite): Promise<void> {
    for (const place of placesOf(key).toReversed()) {
      mayWrite()
      await this.#options.store.set(place, text, this.#options.ttlMs)
    }
  }
}

/** @throws what is none: the store fails, or the lock was lost */
export function refusalOf(error: unknown): Error {
  if (error instanceof TaskerError && error.category === 'invalid_input') return error
  throw asError(error)
}

const anotherVersion = 'another version of Tasker keeps its metrics there'

const overflowOf = (counts: ReadonlyMap<string, number>, prefix: string): Totals =>
  counts.size === 0
    ? []
    : [
        {
          name: 'metrics_overflowed_total',
          type: 'counter',
          labels: ['metric'],
          bounds: [],
          series: [...counts].map(([name, count]) => ({
            labels: [`${prefix}_${name}`],
            values: [count],
          })),
        },
      ]
