// What a Tasker shows of its cache.
import type { CacheStrategy } from './capabilities.ts'

export interface TaskerCache {
  /** What the store can do, and how processes share it. */
  readonly strategy: CacheStrategy
}
