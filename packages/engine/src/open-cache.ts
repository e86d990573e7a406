// Opens what a Tasker keeps for a short time and shares with other processes: the store that was given or configured, what it can
// do, and the locks.
import type { CacheStore, LockStore } from './cache/cache-store.ts'
import { strategyOf, type CacheStrategy } from './cache/capabilities.ts'
import { Locks } from './cache/locks.ts'
import { MemoryStore } from './cache/memory-store.ts'
import type { Clock } from './clock.ts'
import type { Config } from './config.ts'
import type { Database } from './database/connect.ts'
import { PostgresStore } from './database/postgres-store.ts'
import { TaskerError } from './errors.ts'
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

/** @throws {TaskerError} CACHE_CANNOT_LOCK; or when the configured store cannot be had */
export async function openCache(parts: CacheParts): Promise<OpenCache> {
  const { config, given, database, clock, instance } = parts
  const timeoutMs = config.cache.operationTimeoutMs
  const inDatabase = new PostgresStore({ database, clock, timeoutMs }) // connects when it is used
  const own = given === null ? ownStore(parts, inDatabase) : null
  const store = given ?? own ?? new MemoryStore({ clock })
  const strategy = strategyOf(store)
  const close = async (): Promise<void> => {
    await own?.close?.()
    if (own !== inDatabase) await inDatabase.close()
  }
  try {
    const locking = lockStore(config, { store, strategy, inDatabase })
    const locks = new Locks({ store: locking, clock, owner: `${instance.id}/${instance.startId}` })
    return { store, strategy, locks, close }
  } catch (error) {
    await close()
    throw error
  }
}

function ownStore({ config, clock }: CacheParts, inDatabase: PostgresStore): CacheStore {
  if (config.cache.store === 'postgres') return inDatabase
  return new MemoryStore({ clock, bytesMax: config.cache.memoryMaxMb * 1_048_576 })
}

interface Candidates {
  readonly store: CacheStore
  readonly strategy: CacheStrategy
  readonly inDatabase: LockStore
}

// A store of this process only would exclude nobody.
function lockStore(
  { telemetry: { atomicOperations } }: Config,
  { store, strategy, inDatabase }: Candidates,
): LockStore {
  if (atomicOperations === 'off') return inDatabase
  if (strategy.supports('distributed') && strategy.supports('locking') && canLock(store))
    return store
  if (atomicOperations === 'auto') return inDatabase
  const not = strategy.supports('distributed') ? 'does not lock' : 'is not shared by processes'
  throw new TaskerError(
    'CACHE_CANNOT_LOCK',
    `\`telemetry.atomicOperations\` is \`on\`, and the store ${strategy.storeClass} ${not}.`,
  )
}

const canLock = (store: CacheStore): store is CacheStore & LockStore =>
  store.acquire !== undefined && store.renew !== undefined && store.release !== undefined
