// Texts in Memcached: one for all processes, which counts, but does not lock, and does not tell how long a text still lives. It
// counts time in whole seconds, up to which times are rounded.
import { createHash } from 'node:crypto'
import { systemClock, type Clock } from '../clock.ts'
import { TaskerError } from '../errors.ts'
import type { CacheStore } from './cache-store.ts'
import { declareCapabilities } from './declared-capabilities.ts'

/** What is asked of a client: see open-memcached.ts. `expires`: seconds, or above 30 days an instant. */
export interface MemcachedClient {
  get(key: string): Promise<string | null>
  set(key: string, text: string, expires: number): Promise<void>
  delete(key: string): Promise<void>
  increment(key: string, by: number, expires: number): Promise<number>
  touch(key: string, expires: number): Promise<boolean>
  close(): void
}

export interface MemcachedStoreOptions {
  readonly client: MemcachedClient
  /** For tests. Default: the system's. */
  readonly clock?: Pick<Clock, 'nowMs'>
}

const keyBytesMax = 250
/** The default of Memcached is 1 MiB, with the key and what it notes beside. */
const textBytesMax = 1_000_000
const lifetimeMaxSeconds = 2_592_000
/** Memcached adds no more at once, and takes nothing away for us: it ends at 0. */
const addedMax = 2 ** 32 - 1

export class MemcachedStore implements CacheStore {
  static {
    declareCapabilities(this, { distributed: true, atomicIncrement: true })
  }

  readonly #client: MemcachedClient
  readonly #clock: Pick<Clock, 'nowMs'>

  constructor({ client, clock = systemClock }: MemcachedStoreOptions) {
    this.#client = client
    this.#clock = clock
  }

  async get(key: string): Promise<string | null> {
    return this.#client.get(fitting(key))
  }

  /** @throws {TaskerError} CACHE_TEXT_REFUSED when it is larger than 1,000,000 bytes; what stood there is gone, too */
  async set(key: string, text: string, ttlMs: number): Promise<void> {
    const bytes = Buffer.byteLength(text)
    if (bytes > textBytesMax) {
      await this.delete(key)
      throw refusal(`a text of ${bytes} bytes; it takes up to ${textBytesMax}`)
    }
    await this.#client.set(fitting(key), text, this.#expires(ttlMs))
  }

  async delete(key: string): Promise<void> {
    await this.#client.delete(fitting(key))
  }

  async increment(key: string, by: number, ttlMs: number): Promise<number> {
    if (!Number.isInteger(by) || by < 0 || by > addedMax)
      throw refusal(`to add ${by}; it takes whole numbers from 0 to ${addedMax}`)
    return this.#client.increment(fitting(key), by, this.#expires(ttlMs))
  }

  async extend(key: string, ttlMs: number): Promise<boolean> {
    return this.#client.touch(fitting(key), this.#expires(ttlMs))
  }

  async close(): Promise<void> {
    this.#client.close()
  }

  #expires(ttlMs: number): number {
    const seconds = Math.max(1, Math.ceil(ttlMs / 1_000)) // 0 would be for ever
    return seconds <= lifetimeMaxSeconds
      ? seconds
      : Math.ceil(this.#clock.nowMs() / 1_000) + seconds
  }
}

/** Keys that are too long, or hold what a protocol of lines would stumble over, are digested. */
const fitting = (key: string): string =>
  /^[!-~]+$/.test(key) && key.length <= keyBytesMax
    ? key
    : `sha256:${createHash('sha256').update(key).digest('base64url')}`

const refusal = (what: string): TaskerError =>
  new TaskerError('CACHE_TEXT_REFUSED', `Memcached refuses ${what}.`)
