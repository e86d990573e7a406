// Opens what a Tasker keeps for a short time and shares with other processes: the store that was given or configured, what it can
// do, and the locks.
import type { CacheStore, LockStore } from './cache/cache-store.ts'
import { strategyOf, type CacheStrategy } from './cache/capabilities.ts'
import { Locks } from './cache/locks.ts'
import { MemoryStore } from './cache/memory-store.ts'
import type { Clock } from './clock.ts'
import type { Config } from './config.ts'
import type { Database } from './database/connect.ts'
import type { Instance } from './instance.ts'
import type { Logger } from './log.ts'

export interface CacheParts {
  readonly config: Config
  /** From code: goes before the configuration, and is closed by who made it. */
  readonly given: CacheStore | null
  readonly database: Database
  readonly clock: Clock
  readonly instance: Instance
  readonly logger: Logger
}

export interface OpenCache {
  readonly store: CacheStore
  readonly strategy: CacheStrategy
  /** Of the store, where it is one for all processes and can lock; else of the database. */
  readonly locks: Locks
  close(): Promise<void>
}

/** @throws {TaskerError} when the configured store cannot be had */
export async function openCache(parts: CacheParts): Promise<OpenCache> {
  const { given, clock, instance } = parts
  const own = given === null ? ownStore(parts) : null
  const store = given ?? own ?? new MemoryStore({ clock })
  const strategy = strategyOf(store)
  return {
    store,
    strategy,
    locks: new Locks({ store: lockStore(), clock, owner: `${instance.id}/${instance.startId}` }),
    close: async () => own?.close?.(),
  }
}

function ownStore({ config, clock }: CacheParts): CacheStore {
  return new MemoryStore({ clock, bytesMax: config.cache.memoryMaxMb * 1_048_576 })
}

// Until the database has locks, those of this process.
const lockStore = (): LockStore => new MemoryStore()
