// What a store of short-lived texts must do, and what it may do beside that. The parts of Tasker that share something between
// processes ask for no more than this.
import type { CacheCapabilities } from './capabilities.ts'

/**
 * Keeps texts for a time: well-formed Unicode under keys of any length. It may forget any of them earlier, and may count time in
 * whole seconds, rounded up. Where it fails it rejects, and whoever asked goes on as if there were no cache; Tasker waits for
 * each answer no longer than `cache.operationTimeoutMs`. What it refuses for what it is, as a text that is too large, it
 * refuses with a TaskerError of the category `invalid_input`: that is no failure of the store.
 * `cacheStoreCases` of @tasker/engine/testing tells whether a store keeps to all of this.
 */
export interface CacheStore {
  /** What it can do, where that differs from what its class declares (`declareCapabilities`). */
  readonly capabilities?: CacheCapabilities
  /** The text under the key; null: there is none, or its time is over. */
  get(key: string): Promise<string | null>
  /** Keeps the text for so many milliseconds, in place of what stood there. */
  set(key: string, text: string, ttlMs: number): Promise<void>
  /** Harmless where there is nothing. */
  delete(key: string): Promise<void>
  /**
   * Adds to the whole number under the key and returns the sum, whoever adds at the same time. Where there is none it begins at
   * 0, to live for so long; a later addition does not make it live longer. `by`: from 0 to 2^32 − 1.
   */
  increment?(key: string, by: number, ttlMs: number): Promise<number>
  /** What is left of the time of an entry, in milliseconds; null: there is none. */
  remainingMs?(key: string): Promise<number | null>
  /** Gives an entry this time from now on. False: there is none. */
  extend?(key: string, ttlMs: number): Promise<boolean>
  /** Makes the key the owner's for so long. False: it is another's, or the owner's already. All three together, or none. */
  acquire?(key: string, owner: string, ttlMs: number): Promise<boolean>
  /** Gives the owner this time from now on. False: the key is not, or no longer, the owner's. */
  renew?(key: string, owner: string, ttlMs: number): Promise<boolean>
  /** False: the key was not the owner's. Never frees what has become another's. */
  release?(key: string, owner: string): Promise<boolean>
  /** How much of its room is taken, 0 to 1. Cheap: asked for once a second at most. */
  shareInUse?(): number
  /** Lets go of connections. Of a store that a Tasker made itself, it does so when it is closed. */
  close?(): Promise<void>
}

/** A store that locks. */
export type LockStore = Required<Pick<CacheStore, 'acquire' | 'renew' | 'release'>>
