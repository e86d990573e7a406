// Texts in the memory of this process, within a bound: what was not asked for the longest goes first.
import { systemClock, type Clock } from '../clock.ts'
import type { CacheStore } from './cache-store.ts'

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

export class MemoryStore implements CacheStore {
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

  async get(key: string): Promise<string | null> {
    const entry = this.#entries.get(key)
    if (entry === undefined) return null
    this.#entries.delete(key)
    if (entry.endsMs <= this.#clock.monotonicMs()) {
      this.#bytes -= entry.bytes
      return null
    }
    this.#entries.set(key, entry)
    return entry.text
  }

  async set(key: string, text: string, ttlMs: number): Promise<void> {
    this.#forget(key)
    const bytes = 2 * (key.length + text.length) + entryBytes
    if (bytes > this.#bytesMax) return
    this.#entries.set(key, { text, bytes, endsMs: this.#clock.monotonicMs() + ttlMs })
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
