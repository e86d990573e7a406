// What a cache of texts must do. Stores for several processes come with this same interface.

/**
 * Keeps texts for a time. It may forget any of them earlier. A step that asks waits for the answer: a store over a network
 * bounds its own time, and rejects; then the step runs as if there were no cache.
 */
export interface CacheStore {
  /** The text under the key; null: there is none, or its time is over. */
  get(key: string): Promise<string | null>
  /** Keeps the text for so many milliseconds, in place of what stood there. */
  set(key: string, text: string, ttlMs: number): Promise<void>
}
