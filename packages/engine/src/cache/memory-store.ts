// Texts in the memory of this process, within a bound: what was not asked for the longest goes first.
import { systemClock, type Clock } from '../clock.ts'
import { TaskerError } from '../errors.ts'
import type { CacheStore, LockStore } from './cache-store.ts'
import { declareCapabilities } from './declared-capabilities.ts'

export interface MemoryStoreOptions {
  /** Most memory for keys and texts, about. Default 32 MiB. A text that alone is larger is not kept. */
  readonly bytesMax?: number
  /** For tests. Default: the system's. */
  readonly clock?: Pick<Clock, 'monotonicMs'>
}

interface Entry {
  readonly text: string
  readonly bytes: number
  readonly endsMs: number
}

const bytesMaxDefault = 33_554_432
/** Of an entry beside its text. */
const entryBytes = 200

export class MemoryStore implements CacheStore, LockStore {
  static {
    declareCapabilities(this, { atomicIncrement: true, locking: true, ttlInspection: true })
  }

  /** The oldest use first. */
  readonly #entries = new Map<string, Entry>()
  readonly #bytesMax: number
  readonly #clock: Pick<Clock, 'monotonicMs'>
  #bytes = 0

  constructor({ bytesMax = bytesMaxDefault, clock = systemClock }: MemoryStoreOptions = {}) {
    this.#bytesMax = bytesMax
    this.#clock = clock
  }

  get bytes(): number {
    return this.#bytes
  }

  /** By entries that live. */
  shareInUse(): number {
    // Looked through only where it matters: those whose time is over take room until they are asked for.
    if (2 * this.#bytes >= this.#bytesMax) for (const key of this.#entries.keys()) this.#live(key)
    return this.#bytes / this.#bytesMax
  }

  async get(key: string): Promise<string | null> {
    const entry = this.#live(key)
    if (entry === null) return null
    this.#entries.delete(key)
    this.#entries.set(key, entry)
    return entry.text
  }

  async set(key: string, text: string, ttlMs: number): Promise<void> {
    this.#keep(key, text, this.#clock.monotonicMs() + ttlMs)
  }

  async delete(key: string): Promise<void> {
    this.#forget(key)
  }

  async increment(key: string, by: number, ttlMs: number): Promise<number> {
    const entry = this.#live(key)
    const sum = Number(entry?.text ?? 0) + by
    if (!Number.isSafeInteger(sum)) {
      const message = 'Nothing can be added to what stands under this key: it is no whole number.'
      throw new TaskerError('CACHE_TEXT_REFUSED', message)
    }
    this.#keep(key, String(sum), entry?.endsMs ?? this.#clock.monotonicMs() + ttlMs)
    return sum
  }

  async remainingMs(key: string): Promise<number | null> {
    const entry = this.#live(key)
    return entry === null ? null : entry.endsMs - this.#clock.monotonicMs()
  }

  async extend(key: string, ttlMs: number): Promise<boolean> {
    const entry = this.#live(key)
    if (entry === null) return false
    this.#keep(key, entry.text, this.#clock.monotonicMs() + ttlMs)
    return true
  }

  async acquire(key: string, owner: string, ttlMs: number): Promise<boolean> {
    if (this.#live(key) !== null) return false
    this.#keep(key, owner, this.#clock.monotonicMs() + ttlMs)
    return true
  }

  async renew(key: string, owner: string, ttlMs: number): Promise<boolean> {
    return this.#live(key)?.text === owner && this.extend(key, ttlMs)
  }

  async release(key: string, owner: string): Promise<boolean> {
    if (this.#live(key)?.text !== owner) return false
    this.#forget(key)
    return true
  }

  #live(key: string): Entry | null {
    const entry = this.#entries.get(key)
    if (entry === undefined) return null
    if (entry.endsMs > this.#clock.monotonicMs()) return entry
    this.#forget(key)
    return null
  }

  #keep(key: string, text: string, endsMs: number): void {
    this.#forget(key)
    const bytes = 2 * (key.length + text.length) + entryBytes
    if (bytes > this.#bytesMax) return
    this.#entries.set(key, { text, bytes, endsMs })
    this.#bytes += bytes
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= this.#bytesMax) break
      this.#forget(oldest)
    }
  }

  #forget(key: string): void {
    this.#bytes -= this.#entries.get(key)?.bytes ?? 0
    this.#entries.delete(key)
  }
}
