// Where the metrics of many processes stand together in the store, and the order of steps in which they are written, moved and
// read, so that whoever dies between any two of them, nothing is lost that was written, and nothing counts twice.
//
// Each start of a process has an entry of its own with all it counted, which it alone writes, under a lock of its own; a sign of
// life beside it ends by the store's clock. Starts without one are retired, by one process at a time: the list says first that
// the start is closing, so that it writes no more; then its totals are in the entry of the retired, with its name; then it
// leaves the list. Who reads takes the list, the entries and the retired in this order, and leaves out who is among the retired.
import type { CacheStore } from '../../cache/cache-store.ts'
import type { Locks } from '../../cache/locks.ts'
import { KeptTwice, type MayWrite, type KeptTwiceOptions } from './kept-twice.ts'
import {
  isReadable,
  readSnapshot,
  type ListedStart,
  type Retired,
  type Snapshot,
} from './snapshot.ts'

export interface LedgerOptions extends KeptTwiceOptions {
  readonly store: Pick<CacheStore, 'get' | 'set' | 'delete' | 'extend'>
  readonly locks: Pick<Locks, 'tryWith'>
  /** Of all entries; renewed as long as one process writes. */
  readonly ttlMs: number
  /** A start that did not write for so long has ended, or may as well have. */
  readonly staleAfterMs: number
}

export interface StartEntry extends Pick<ListedStart, 'start' | 'instance'> {
  readonly text: string
  readonly isFinal: boolean
  /** It may have been listed before. */
  readonly wasListed: boolean
  /** It has not written for so long that it may have been retired. */
  readonly wasAway: boolean
}

/** `busy`: another process has the lock. `retired`: the start's totals were moved; what it counts is another start's now. */
export type Written = 'written' | 'busy' | 'retired'

export interface ReadStart {
  readonly snapshot: Snapshot
  /** It writes: its gauges are of now. */
  readonly isLive: boolean
}

export interface Reading {
  readonly starts: readonly ReadStart[]
  readonly retired: Retired
}

const lockMs = 15_000
/** 30 days. */
const noteMs = 2_592_000_000
/** So that nobody waits for long who wants the list. */
const retiredAtOnceMax = 20

const trialKey = 'metrics/trial'
const trialMs = 1_000
/** No store is known that refuses as little. */
const textTakenMax = 32_768
const sweptKey = 'metrics/swept'
const entryKey = (start: string): string => `metrics/start/${start}`
const noteKey = (name: string): string => `metrics/note/${name}`
const lifeKey = (start: string): string => `metrics/life/${start}`

export class Ledger {
  readonly #options: LedgerOptions
  readonly #shared: KeptTwice
  /** The longest text that the store is known to take. */
  #takenMax = textTakenMax

  constructor(options: LedgerOptions) {
    this.#options = options
    this.#shared = new KeptTwice(options)
  }

  /** @throws what the store says when it refuses the text; what stood there is there still */
  async write(entry: StartEntry): Promise<Written> {
    const written = await this.#locked(entry.start, async (mayWrite) => {
      const list = await this.#shared.list()
      const listed = list.find(({ start }) => start === entry.start)
      if (listed?.isClosing === true) return 'retired'
      if (listed === undefined && entry.wasListed && (await this.#isRetired(entry)))
        return 'retired'
      await this.#try(entry.text)
      mayWrite()
      await this.#set(entryKey(entry.start), entry.text)
      mayWrite()
      await this.#live(entry)
      return listed === undefined ? this.#enlist(entry) : 'written'
    })
    return written ?? 'busy'
  }

  /** What a start wrote last: it stays after the start was retired, so that one who was only away knows what counts already. */
  async lastWritten(start: string): Promise<Snapshot | null> {
    const text = await this.#options.store.get(entryKey(start))
    if (text === null) return null
    const snapshot = await readSnapshot(text)
    return isReadable(snapshot) ? snapshot : null
  }

  async read(): Promise<Reading> {
    const list = await this.#shared.list()
    const starts = await Promise.all(list.map(({ start }) => this.#readStart(start)))
    const retired = await this.#shared.retired()
    const names = new Set(retired.starts)
    return {
      starts: starts.filter((one) => one !== null).filter((one) => !names.has(one.snapshot.start)),
      retired,
    }
  }

  /** Retires who gives no sign of life, and keeps what all share from expiring. Once in a while, whoever asks first. */
  async sweep(): Promise<void> {
    const { store, staleAfterMs } = this.#options
    if ((await store.get(sweptKey)) !== null) return
    await this.#locked('list', async (mayWrite) => {
      await store.set(sweptKey, '1', Math.ceil(staleAfterMs / 4))
      const list = await this.#shared.list()
      const signs = await Promise.all(list.map(({ start }) => store.get(lifeKey(start))))
      const stale = list.filter((_, index) => signs[index] === null)
      let left = list
      for (const { start } of stale.slice(0, retiredAtOnceMax))
        left =
          (await this.#locked(start, (own) => this.#retire(start, left, [mayWrite, own]))) ?? left
      mayWrite()
      await this.#shared.prolong(mayWrite)
    })
  }

  /**
   * Gives the entries of all starts, and what they share, so much more time than a write gives them, from now on: never
   * less than they had. Returns how many entries of starts that are. In a store that cannot extend, none: only who owns an
   * entry may write it.
   */
  async extend(moreMs: number): Promise<number> {
    const { store } = this.#options
    const ttlMs = this.#options.ttlMs + moreMs
    if (store.extend === undefined) return 0
    const list = await this.#shared.list()
    await this.#shared.extend(ttlMs)
    const extended = await Promise.all(
      list.map(async ({ start }) => store.extend?.(entryKey(start), ttlMs)),
    )
    return extended.filter((isThere) => isThere === true).length
  }

  /** For who writes nothing himself: what all share is swept, and nothing of it expires before its time begins anew. */
  async upkeep(): Promise<void> {
    await this.sweep()
    await this.extend(0)
  }

  /** One process at a time, for what is not a start's. Null: another is at it. */
  alone<Result>(name: string, work: () => Promise<Result>): Promise<Result | null> {
    return this.#locked(name, work)
  }

  /** A note beside the entries. It lasts longer than they do: what it tells of may be among the retired, which are prolonged. */
  keep(name: string, text: string): Promise<void> {
    const { store, ttlMs } = this.#options
    return store.set(noteKey(name), text, Math.max(ttlMs, noteMs))
  }

  recall(name: string): Promise<string | null> {
    return this.#options.store.get(noteKey(name))
  }

  // Under the locks of the list and of the start.
  async #retire(
    start: string,
    list: readonly ListedStart[],
    locks: readonly MayWrite[],
  ): Promise<readonly ListedStart[]> {
    const { store } = this.#options
    const mayWrite = (): void => {
      for (const isHeld of locks) isHeld()
    }
    if ((await store.get(lifeKey(start))) !== null) return list
    const text = await store.get(entryKey(start))
    const snapshot = text === null ? 'garbage' : await readSnapshot(text)
    if (snapshot === 'foreign') return list
    const left = list.filter((one) => one.start !== start)
    const retired = await this.#shared.retired()
    if (snapshot !== 'garbage' && !retired.starts.includes(start)) {
      const closing = list.map((one) => (one.start === start ? { ...one, isClosing: true } : one))
      await this.#shared.setList(closing, mayWrite)
      await this.#shared.addRetired(retired, snapshot, mayWrite)
    }
    await this.#shared.setList(left, mayWrite)
    // Not at once: whoever wrote it may not have been answered, and looks here whether it counts.
    if (snapshot !== 'garbage' && snapshot.isFinal)
      await store.extend?.(entryKey(start), this.#options.staleAfterMs)
    return left
  }

  async #readStart(start: string): Promise<ReadStart | null> {
    const { store } = this.#options
    const [text, life] = await Promise.all([store.get(entryKey(start)), store.get(lifeKey(start))])
    if (text === null) return null
    const snapshot = await readSnapshot(text)
    return isReadable(snapshot) ? { snapshot, isLive: life !== null } : null
  }

  async #isRetired({ start, wasAway }: StartEntry): Promise<boolean> {
    const { starts, count } = await this.#shared.retired()
    // It may be one of those whose names are not kept any more: what counts already must not count again.
    return starts.includes(start) || (wasAway && count > starts.length)
  }

  async #enlist({ start, instance }: StartEntry): Promise<Written> {
    const enlisted = await this.#locked<Written>('list', async (mayWrite) => {
      const list = await this.#shared.list()
      if (list.some((one) => one.start === start)) return 'written'
      const all = [...list, { start, instance, isClosing: false }]
      await this.#shared.setList(all, mayWrite)
      return 'written'
    })
    return enlisted ?? 'busy'
  }

  async #live({ start, isFinal }: StartEntry): Promise<void> {
    const { store, staleAfterMs } = this.#options
    if (isFinal) await store.delete(lifeKey(start))
    else await store.set(lifeKey(start), '1', staleAfterMs)
  }

  /** Null: somebody else has the lock. What has lost it in between writes no more. */
  async #locked<Result>(
    name: string,
    work: (mayWrite: MayWrite) => Promise<Result>,
  ): Promise<Result | null> {
    const locked = await this.#options.locks.tryWith(
      { name: `metrics:${name}`, ttlMs: lockMs },
      (signal) => work(() => signal.throwIfAborted()),
    )
    return locked.isDone ? locked.result : null
  }

  #set(key: string, text: string): Promise<void> {
    return this.#options.store.set(key, text, this.#options.ttlMs)
  }

  // A store that refuses a text may drop what stood in its place.
  async #try(text: string): Promise<void> {
    if (text.length <= this.#takenMax) return
    await this.#options.store.set(trialKey, text, trialMs)
    this.#takenMax = text.length
  }
}
