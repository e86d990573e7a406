// Keeps nothing: for those who want no cache.
import type { CacheStore } from './cache-store.ts'
import { declareCapabilities } from './declared-capabilities.ts'

export class NullStore implements CacheStore {
  /** `keepsNothing`: that it forgets is no fault. */
  static {
    declareCapabilities(this, { keepsNothing: true })
  }

  async get(): Promise<null> {
    return null
  }

  async set(): Promise<void> {}

  async delete(): Promise<void> {}
}
