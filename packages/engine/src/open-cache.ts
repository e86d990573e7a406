// Opens what a Tasker keeps for a short time and shares with other processes: the store that was given or configured, what it can
// do, and the locks.
import type { CacheStore, LockStore } from './cache/cache-store.ts'
import type { CacheCapabilities, CacheStrategy } from './cache/capabilities.ts'
import { compressed } from './cache/compressed-store.ts'
import { detectStrategy, type CacheDetector } from './cache/detect-capabilities.ts'
import { FileStore } from './cache/file-store.ts'
import { Locks } from './cache/locks.ts'
import { MemoryStore } from './cache/memory-store.ts'
import { namespaced } from './cache/namespaced-store.ts'
import { NullStore } from './cache/null-store.ts'
import { partOfDatabase, type PartOfCache } from './cache/part-of-database.ts'
import { openMemcachedStore } from './cache/open-memcached.ts'
import { openRedisStore } from './cache/open-redis.ts'
import { sharingOf, type Sharing } from './cache/sharing.ts'
import { steady } from './cache/steady-store.ts'
import type { Clock } from './clock.ts'
import type { Config } from './config.ts'
import type { Database } from './database/connect.ts'
import { readDatabaseIdentity } from './database/read-discovery.ts'
import { PostgresStore } from './database/postgres-store.ts'
import { TaskerError } from './errors.ts'
import type { Instance } from './instance.ts'
import type { Logger } from './log.ts'

export interface CacheParts {
  readonly config: Config
  /** From code: goes before the configuration, and is closed by who made it. */
  readonly given: CacheStore | null
  readonly detectors: readonly CacheDetector[]
  readonly database: Database
  readonly clock: Clock
  readonly instance: Instance
  readonly logger: Logger
}

export interface OpenCache {
  /** Rejects with CACHE_UNAVAILABLE where it fails, which is said already: whoever asks goes on and says nothing. */
  readonly store: CacheStore
  readonly strategy: CacheStrategy
  readonly sharing: Sharing
  readonly instance: Instance
  /** Of the store, where it is one for all processes and can lock; else of the database. */
  readonly locks: Locks
  /** Of both, what is this database's alone: for what other applications must not count, or wait for. */
  readonly own: PartOfCache
  close(): Promise<void>
}

/** @throws {TaskerError} CACHE_MISCONFIGURED, CACHE_CANNOT_LOCK, CACHE_NOT_SHARED */
export async function openCache(parts: CacheParts): Promise<OpenCache> {
  const { config, given, database, clock, instance, logger } = parts
  const { operationTimeoutMs: timeoutMs } = config.cache
  const inDatabase = new PostgresStore({ database, clock, timeoutMs }) // connects when it is used
  const { base, store, adds }: Layers =
    given === null
      ? await ownStore(parts, inDatabase)
      : { base: given, store: steady(given, { timeoutMs, clock, logger }), adds: {} }
  const strategy = detectStrategy(base, parts, adds)
  tell(strategy, parts)
  const close = async (): Promise<void> => {
    if (given === null && base !== inDatabase) await base.close?.()
    await inDatabase.close()
  }
  try {
    const locking = lockStore(config, { store, strategy, inDatabase })
    const locks = new Locks({ store: locking, clock, owner: `${instance.id}/${instance.startId}` })
    const sharing = sharingOf(config.telemetry, strategy)
    const part = partOfDatabase({ store, locks }, () => readDatabaseIdentity(database))
    // Locks that stand in the database are its own as they are.
    const own = locking === inDatabase ? { ...part, locks } : part
    return { store, strategy, sharing, instance, locks, own, close }
  } catch (error) {
    await close()
    throw error
  }
}

// Where nobody chose a store there is nothing to tell everybody.
function tell(strategy: CacheStrategy, { config, given, instance, logger }: CacheParts): void {
  const level = given === null && config.cache.store === 'memory' ? 'debug' : 'info'
  const { storeClass, coordination } = strategy
  const fields = {
    storeClass,
    coordinationStrategy: coordination,
    capabilities: strategy.exportCapabilities(),
    instanceId: instance.id,
  }
  logger[level](fields, 'Cache strategy detected')
}

interface Layers {
  /** What is at the bottom. */
  readonly base: CacheStore
  /** What is asked. */
  readonly store: CacheStore
  /** What it can do through the layers between them. */
  readonly adds: CacheCapabilities
}

/** The place where each kind of `cache.store` is made. */
async function ownStore(parts: CacheParts, inDatabase: PostgresStore): Promise<Layers> {
  const { config, clock } = parts
  const { directory, memoryMaxMb, operationTimeoutMs: timeoutMs } = config.cache
  const bytesMax = memoryMaxMb * 1_048_576
  const kind = config.cache.store
  switch (kind) {
    case 'memory':
      return inProcess(new MemoryStore({ clock, bytesMax }))
    case 'null':
      return inProcess(new NullStore())
    case 'file':
      return outside(await FileStore.open({ directory, bytesMax, clock }), parts)
    case 'redis':
      return outside(await openRedisStore({ url: urlOf(config), timeoutMs }), parts)
    case 'memcached':
      return outside(await openMemcachedStore({ url: urlOf(config), timeoutMs, clock }), parts)
    case 'postgres':
      return outside(inDatabase, parts)
    default:
      return kind satisfies never
  }
}

/** It neither hangs nor fails, and nobody else sees into it. */
const inProcess = (base: CacheStore): Layers => ({ base, store: base, adds: {} })

function outside(base: CacheStore, { config, clock, logger }: CacheParts): Layers {
  const { namespace, compressionMinBytes: minBytes, operationTimeoutMs: timeoutMs } = config.cache
  const ours = namespaced(steady(base, { timeoutMs, clock, logger }), namespace)
  const isCompressing = minBytes !== null
  return {
    base,
    store: isCompressing ? compressed(ours, { minBytes }) : ours,
    adds: { namespaceSupport: true, compressionSupport: isCompressing },
  }
}

function urlOf({ cache }: Config): string {
  if (cache.url !== null) return cache.url
  throw new TaskerError(
    'CACHE_MISCONFIGURED',
    `\`cache.store\` is ${cache.store}, without a \`cache.url\`.`,
  )
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
