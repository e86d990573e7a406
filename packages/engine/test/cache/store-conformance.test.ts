// Every store of ours passes the suite that we publish for stores: those of this process and machine, those in PostgreSQL, and those
// on a real Redis and a real Memcached, bare and as Tasker uses them.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CacheStore } from '../../src/cache/cache-store.ts'
import { compressed } from '../../src/cache/compressed-store.ts'
import { FileStore } from '../../src/cache/file-store.ts'
import { MemoryStore } from '../../src/cache/memory-store.ts'
import { namespaced } from '../../src/cache/namespaced-store.ts'
import { NullStore } from '../../src/cache/null-store.ts'
import { openMemcachedStore } from '../../src/cache/open-memcached.ts'
import { openRedisStore } from '../../src/cache/open-redis.ts'
import { steady } from '../../src/cache/steady-store.ts'
import { systemClock } from '../../src/clock.ts'
import { silentLogger } from '../../src/log.ts'
import { cacheStoreCases } from '../../src/testing/index.ts'
import { databaseForFile } from '../support/database.ts'
import { storeAt } from './lock-holder.ts'
import { startMemcached, type MemcachedServer } from '../../../../tools/services/memcached.ts'
import { startRedis, type RedisServer } from '../../../../tools/services/redis.ts'

const database = databaseForFile()
const stores = new Map<string, CacheStore>()
let redis: RedisServer
let memcached: MemcachedServer
let directory: string

const timeoutMs = 5_000
const layers = (store: CacheStore, namespace = 'ours'): CacheStore =>
  compressed(
    namespaced(steady(store, { timeoutMs, clock: systemClock, logger: silentLogger }), namespace),
    { minBytes: 10 },
  )

beforeAll(async () => {
  redis = await startRedis()
  memcached = await startMemcached()
  directory = await mkdtemp(join(tmpdir(), 'tasker-cache-'))
  stores.set('postgres', storeAt(database.url))
  stores.set('memory', new MemoryStore())
  stores.set('null', new NullStore())
  stores.set('file', await FileStore.open({ directory }))
  stores.set('redis', await openRedisStore({ url: redis.url, timeoutMs }))
  stores.set('memcached', await openMemcachedStore({ url: memcached.url, timeoutMs }))
})
afterAll(async () => {
  for (const store of stores.values()) await store.close?.()
  await redis.stop()
  await memcached.stop()
  await rm(directory, { recursive: true, force: true })
})

const storeOf = (name: string): CacheStore => {
  const store = stores.get(name)
  if (store === undefined) throw new Error(`no store ${name}`)
  return store
}

describe.concurrent.each(['memory', 'null', 'file', 'redis', 'memcached'])(
  'the store %s',
  (name) => {
    test.each(cacheStoreCases)('$name', async (each) => {
      const store = storeOf(name)
      const outcome = each.isMeantFor(store) ? await each.run(store) : undefined
      expect(outcome).toBeUndefined()
    })
  },
)

describe.concurrent.each(['file', 'redis', 'memcached'])(
  'the store %s as Tasker uses it',
  (name) => {
    test.each(cacheStoreCases)('$name', async (each) => {
      const store = layers(storeOf(name))
      expect(store.capabilities).toMatchObject({ namespaceSupport: true, compressionSupport: true })
      if (each.isMeantFor(store)) await each.run(store, layers(storeOf(name), 'theirs'))
    })
  },
)

test.concurrent('each capability of ours brings cases with it', async () => {
  const countOf = (name: string): number =>
    cacheStoreCases.filter(({ isMeantFor }) => isMeantFor(storeOf(name))).length
  expect(['null', 'file', 'memcached', 'redis'].map(countOf)).toEqual([3, 12, 15, 20])
})

const kept = new Map<string, string>()
const withoutRenewal: CacheStore = {
  capabilities: { atomicIncrement: true, locking: true, namespaceSupport: true },
  get: async (key) => kept.get(key.trim()) ?? null,
  set: async (key, text) => void kept.set(key.trim(), text.trim()),
  delete: async () => undefined,
  increment: async (key, by) => {
    const sum = Number(kept.get(key) ?? 0) + by
    await Promise.resolve() // another may add meanwhile
    kept.set(key, String(sum))
    return sum
  },
  acquire: async () => true,
  release: async () => true,
}
const sloppy: CacheStore = { ...withoutRenewal, renew: async () => true }

test.concurrent.each<[string, CacheStore]>([
  ['gives every text back as it was', sloppy],
  ['has the latest text that was set, and none after it was deleted', sloppy],
  ['loses no addition of those that are made at the same time', sloppy],
  ['refuses to add to a text that is no number, and leaves it as it is', sloppy],
  ['gives a lock to one of those who want it at the same time', sloppy],
  ['gives no lock twice to its owner, and renews and frees it for its owner alone', sloppy],
  ['has the methods of what it claims, and all of those for locks or none', withoutRenewal],
])('a store fails the suite where it breaks its word: %s', async (name, store) => {
  const found = cacheStoreCases.find((each) => each.name === name)
  await expect(found?.run(store)).rejects.toThrow()
})
