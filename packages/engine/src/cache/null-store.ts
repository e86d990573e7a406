// Keeps nothing: for those who want no cache.
import type { CacheStore } from './cache-store.ts'

export class NullStore implements CacheStore {
  /** `keepsNothing`: that it forgets is no fault. */
  readonly capabilities = { keepsNothing: true }

  async get(): Promise<null> {
    return null
  }

  async set(): Promise<void> {}

  async delete(): Promise<void> {}
}
