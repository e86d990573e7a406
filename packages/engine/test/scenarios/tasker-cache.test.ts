// `tasker.cache`, and the reports that are kept in it: whose answers they are, what is known of them, what the options change.
import { expect, test } from 'vitest'
import { MemoryStore, type CacheStore, type Clock } from '../../src/index.ts'
import { testClock } from '../../src/testing/index.ts'
import { cloneDatabase, databaseForFile } from '../support/database.ts'
import { stage } from './stage.ts'

const database = databaseForFile()
const idle = { isWorking: false } as const

test('answers of the application are kept, forgotten, and never meet those of Tasker', async () => {
  const { tasker, clock } = await stage(database.url, { ...idle, cache: { defaultTtl: 50 } })
  const { cache } = tasker
  let made = 0
  const ask = () =>
    cache.fetch(['status'], { make: async () => ({ n: (made += 1), at: clock.now() }) })
  const first = await ask()
  expect(first).toMatchObject({ value: { n: 1 }, isCached: false })
  expect(first.expiresAt.getTime() - clock.nowMs()).toBe(50_000)
  await tasker.reports.status()
  expect(await ask()).toEqual({ ...first, isCached: true })
  expect(await tasker.reports.status()).toMatchObject({ isHealthy: true, isCached: true })
  expect(await cache.forget(['status'])).toBe(true)
  expect((await ask()).value.n).toBe(2)
  expect((await tasker.reports.status()).isCached).toBe(true)
})

test('how the cache fares is what was asked of it', async () => {
  const { tasker } = await stage(database.url, { ...idle, metrics: true })
  const { cache, reports } = tasker
  expect(cache.performance()).toMatchObject({ trackedKeys: 0, hitRate: null, topKeys: [] })
  for (let time = 0; time < 4; time += 1) await reports.performance()
  await reports.performance({ namespace: 'none' })
  await cache.fetch(['mine'], { make: async () => 1 })
  const performance = cache.performance()
  expect(performance).toMatchObject({
    storeClass: 'MemoryStore',
    coordination: 'local_only',
    isTracking: true,
    hits: 3,
    staleHits: 0,
    misses: 3,
    storeErrors: 0,
    hitRate: 0.5,
    trackedKeys: 3,
    topKeys: [
      { key: '["performance",null,null,null]', accesses: 4, generations: 1, hitRate: 0.75 },
      {},
      {},
    ],
  })
  expect(performance.meanGenerationMs).not.toBeNull()
  const text = await tasker.metrics.text()
  const lines = text.split('\n').filter((line) => line.startsWith('tasker_cache_'))
  expect(lines).toEqual([
    'tasker_cache_hits_total{kind="performance"} 3',
    'tasker_cache_hits_total{kind="app"} 0',
    'tasker_cache_stale_hits_total{kind="performance"} 0',
    'tasker_cache_stale_hits_total{kind="app"} 0',
    'tasker_cache_misses_total{kind="performance"} 2',
    'tasker_cache_misses_total{kind="app"} 1',
    'tasker_cache_store_errors_total 0',
  ])
})

test('every option of adaptation has its effect', async () => {
  const ttlAfter = async (
    cache: object,
    order: { readonly ms?: number; readonly asks?: number } = {},
  ) => {
    const { ms = 40_000, asks = 40 } = order
    const { tasker, clock } = await stage(database.url, { ...idle, cache })
    const ask = () =>
      tasker.cache.fetch(['a'], {
        ttlMs: 40_000,
        make: async () => (await clock.advance(2_000), 1),
      })
    for (let time = 0; time < asks; time += 1) {
      await ask()
      await clock.advance((ms - 2_000) / asks)
    }
    await clock.advance(2_000)
    const { generatedAt, expiresAt, isCached } = await ask()
    expect(isCached).toBe(false)
    return (expiresAt.getTime() - generatedAt.getTime()) / 1_000
  }
  expect(await ttlAfter({})).toBe(78) // 40 × 1.5, found again × 1.3, dear
  expect(await ttlAfter({ adaptiveTtlEnabled: false })).toBe(40)
  expect(await ttlAfter({ adaptiveTtlEnabled: false, performanceTrackingEnabled: false })).toBe(40)
  expect(await ttlAfter({ maxAdaptiveTtl: 45 })).toBe(45)
  expect(await ttlAfter({ minAdaptiveTtl: 100 }, { ms: 102_000 })).toBe(100)
  expect(await ttlAfter({ adaptiveCalculationInterval: 600 })).toBe(40)
  const often = { asks: 400 }
  expect(await ttlAfter({ accessFrequencyDecayRate: 0.95 }, often)).toBe(93) // × 1.2, asked for often
  expect(await ttlAfter({ accessFrequencyDecayRate: 1 }, often)).toBe(78)
})

test.for([
  [0.9, 52], // 40 × 1.3, dear: ten times made anew, and what was before counts a third
  [0.99, 78], // nearly all of what was before counts: × 1.5
] as const)('how much the past weighs in the hit rate is an option: %d', async ([factor, ttl]) => {
  const cache = { hitRateSmoothingFactor: factor }
  const { tasker, clock } = await stage(database.url, { ...idle, cache })
  const make = async () => (await clock.advance(2_000), 1)
  const ask = (version: number) =>
    tasker.cache.fetch(['a'], { ttlMs: 40_000, version: [version], make })
  for (let time = 0; time < 30; time += 1) await ask(0)
  await clock.advance(30_000)
  for (let version = 1; version <= 10; version += 1) await ask(version)
  await clock.advance(30_000)
  const { generatedAt, expiresAt } = await ask(11)
  expect(expiresAt.getTime() - generatedAt.getTime()).toBe(ttl * 1_000)
})

test('a status is never given for longer than was asked for, and reports of a dashboard as long as that', async () => {
  const { tasker, clock } = await stage(database.url, {
    ...idle,
    cache: { dashboardCacheTtl: 77 },
    health: { cacheDurationSeconds: 20 },
  })
  const { reports } = tasker
  const { generatedAt, expiresAt } = await reports.status()
  expect(expiresAt.getTime() - generatedAt.getTime()).toBe(20_000) // though minAdaptiveTtl is 30
  for (const report of [await reports.bottlenecks(), await reports.discovery()]) {
    expect(report.expiresAt.getTime() - clock.nowMs()).toBe(77_000)
  }
})

test('a store that fails, or returns what is no report, fails no report', async () => {
  const memory = new MemoryStore()
  let mode: 'away' | 'garbage' | 'well' = 'away'
  const away = () => Promise.reject(new Error('the store is away'))
  const cacheStore: CacheStore = {
    get: async (key) =>
      mode === 'away' ? away() : mode === 'garbage' ? '{"n":1}' : memory.get(key),
    set: async (key, text, ttlMs) => (mode === 'well' ? memory.set(key, text, ttlMs) : away()),
    delete: away,
  }
  const { tasker, clock } = await stage(database.url, { ...idle, cacheStore })
  for (const next of ['away', 'garbage', 'well'] as const) {
    mode = next
    await clock.advance(10_000) // a store that failed is left alone for a while
    expect(await tasker.reports.performance()).toMatchObject({ isCached: false })
  }
  expect(await tasker.reports.performance()).toMatchObject({ isCached: true })
  expect(tasker.cache.performance().storeErrors).toBeGreaterThan(0)
})

/** One for all who are given it. */
function sharedStore(clock: Clock): CacheStore {
  const store = new MemoryStore({ clock })
  return {
    capabilities: { distributed: true, atomicIncrement: true, locking: true },
    get: (key) => store.get(key),
    set: (key, text, ttlMs) => store.set(key, text, ttlMs),
    delete: (key) => store.delete(key),
    increment: (key, by, ttlMs) => store.increment(key, by, ttlMs),
    acquire: (key, owner, ttlMs) => store.acquire(key, owner, ttlMs),
    renew: (key, owner, ttlMs) => store.renew(key, owner, ttlMs),
    release: (key, owner) => store.release(key, owner),
  }
}

test('Taskers with one database and one store share reports; one with another database has its own', async () => {
  const clock = testClock()
  const given = { ...idle, clock, cacheStore: sharedStore(clock) }
  const { tasker: one } = await stage(database.url, given)
  const { tasker: other } = await stage(database.url, given)
  const { tasker: elsewhere } = await stage((await cloneDatabase()).url, given)
  const made = await one.reports.performance()
  expect(await other.reports.performance()).toEqual({ ...made, isCached: true })
  expect((await elsewhere.reports.performance()).isCached).toBe(false)
  expect((await other.reports.performance({ namespace: 'a' })).isCached).toBe(false)
  const seen = await one.reports.discovery({ namespaces: ['a', 'b'] })
  expect(seen.isCached).toBe(false)
  expect((await other.reports.discovery({ namespaces: ['b', 'a'] })).isCached).toBe(true)
  expect((await other.reports.discovery({ namespaces: ['a'] })).isCached).toBe(false)
  expect((await other.reports.discovery()).isCached).toBe(false)
})
