// What a Tasker shows of its cache: `tasker.cache`.
import type { CacheStrategy, Coordination } from './capabilities.ts'
import type { TrackedKey } from './key-performance.ts'

/** What an answer depends on, part by part: no two questions have one key by chance. */
export type AnswerKey = readonly (string | number | boolean | null)[]

export interface AnswerOrder<Value> {
  /** Makes the answer. What it throws goes to who asked, and is not kept. */
  readonly make: () => Promise<Value>
  /** For how long it is kept, before that adapts. Default: `cache.defaultTtl`. */
  readonly ttlMs?: number
  /** However it adapts, no longer than this. */
  readonly ttlMaxMs?: number
  /**
   * For how long after that the old answer is given to those who ask while a new one is made; 0: they wait. Default: as long
   * again as it was kept.
   */
  readonly staleMs?: number
  /** What it was made of: a kept answer of another version is none. Default: nothing. */
  readonly version?: AnswerKey
  /** False: an answer that tells of trouble, or is too large. Default: every answer is kept. */
  readonly isKept?: (value: Value) => boolean
  /**
   * Reads what comes back from the store, where anybody may have put it; what it throws means that there is none. Default:
   * as it is.
   */
  readonly read?: (stored: unknown) => Value
}

export interface Answer<Value> {
  /** Others in this process may be given the same object: do not change it. */
  readonly value: Value
  /** When it was begun to be made. */
  readonly generatedAt: Date
  /** From then on it is made anew; what is not kept has expired. */
  readonly expiresAt: Date
  /** True: it was made for an earlier caller, here or in another process. */
  readonly isCached: boolean
  /** True: its time is over, and a new one is being made. */
  readonly isStale: boolean
}

/** How the cache fares: what this process asked of it. */
export interface CachePerformance {
  readonly storeClass: string
  readonly coordination: Coordination
  /** This process: host name and process id. */
  readonly instance: string
  /** `cache.performanceTrackingEnabled`. Without it there are no keys below. */
  readonly isTracking: boolean
  readonly hits: number
  /** Of the hits, those whose time was over. */
  readonly staleHits: number
  readonly misses: number
  /** Questions that the store failed to answer; one went on without it. */
  readonly storeErrors: number
  /** Null: nothing was asked for. */
  readonly hitRate: number | null
  /** Keys used in the last hour; at most 1,000 are known. */
  readonly trackedKeys: number
  /** Of those; null: nothing was made. */
  readonly meanGenerationMs: number | null
  /** The ten most used of them. */
  readonly topKeys: readonly TrackedKey[]
}

export interface TaskerCache {
  /** What the store can do, and how processes share it. */
  readonly strategy: CacheStrategy
  /**
   * The kept answer, or a new one; who asks for the same at the same time waits for it, or is given the old one. Answers are
   * JSON with dates; others are given and not kept. Answers of your own never meet those of Tasker.
   *
   * Whoever may see the answer may be given it: what it depends on of the caller belongs in the key.
   */
  fetch<Value>(key: AnswerKey, order: AnswerOrder<Value>): Promise<Answer<Value>>
  /** What was kept or is being made under the key, is not given to later callers. False: the store did not answer. */
  forget(key: AnswerKey): Promise<boolean>
  performance(): CachePerformance
}
