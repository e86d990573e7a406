// What the public door says of caches: stores, what they can do, and answers kept in them.

export type { TrackedKey } from '../cache/key-performance.ts'
export type {
  Answer,
  AnswerKey,
  AnswerOrder,
  CachePerformance,
  TaskerCache,
} from '../cache/tasker-cache.ts'
export type { Freshness, Kept } from '../reports/kept-report.ts'
export type { DiscoveredDefinition, DiscoveryReport } from '../reports/discovery.ts'
export type { NamespaceSize } from '../database/read-discovery.ts'
export type { CacheStore, LockStore } from '../cache/cache-store.ts'
export { capabilityNames, coordinations } from '../cache/capabilities.ts'
export type {
  CacheCapabilities,
  CacheStrategy,
  CapabilityName,
  Coordination,
  ExportedCapabilities,
} from '../cache/capabilities.ts'
export { compressed } from '../cache/compressed-store.ts'
export type { CompressionOptions } from '../cache/compressed-store.ts'
export { FileStore } from '../cache/file-store.ts'
export type { FileStoreOptions } from '../cache/file-store.ts'
export { MemcachedStore } from '../cache/memcached-store.ts'
export type { MemcachedClient, MemcachedStoreOptions } from '../cache/memcached-store.ts'
export {
  declareCapabilities,
  declaredCapabilities,
  declaredSupport,
  hasDeclaredCapabilities,
  supportsAtomicIncrement,
  supportsCompression,
  supportsDistributedCaching,
  supportsLocking,
  supportsNamespaceIsolation,
  supportsTtlInspection,
} from '../cache/declared-capabilities.ts'
export type { StoreClass } from '../cache/declared-capabilities.ts'
export type { CacheDetector } from '../cache/detect-capabilities.ts'
export { MemoryStore } from '../cache/memory-store.ts'
export type { MemoryStoreOptions } from '../cache/memory-store.ts'
export { namespaced } from '../cache/namespaced-store.ts'
export { NullStore } from '../cache/null-store.ts'
export { openMemcachedStore } from '../cache/open-memcached.ts'
export type { MemcachedServerOptions } from '../cache/open-memcached.ts'
export { openRedisStore } from '../cache/open-redis.ts'
export type { RedisServerOptions } from '../cache/open-redis.ts'
export { RedisStore } from '../cache/redis-store.ts'
export type { RedisClient } from '../cache/redis-store.ts'
