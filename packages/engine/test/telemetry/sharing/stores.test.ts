// Sharing through each kind of store, as far as stores differ: Memcached, which does not lock and refuses what is too long, and
// PostgreSQL; and what is left of the shared metrics when a store lost or overwrote something, or failed.
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { startMemcached, type MemcachedServer } from '../../../../../tools/services/memcached.ts'
import type { CacheStore, LockStore } from '../../../src/cache/cache-store.ts'
import { Locks } from '../../../src/cache/locks.ts'
import { MemoryStore } from '../../../src/cache/memory-store.ts'
import { openMemcachedStore } from '../../../src/cache/open-memcached.ts'
import { namespaced } from '../../../src/cache/namespaced-store.ts'
import { steady } from '../../../src/cache/steady-store.ts'
import { defineTask } from '../../../src/definitions/builder.ts'
import { TaskerError } from '../../../src/errors.ts'
import { silentLogger, type Logger } from '../../../src/log.ts'
import type { Tasker } from '../../../src/tasker.ts'
import type { TaskerOptions } from '../../../src/tasker-options.ts'
import { Ledger } from '../../../src/telemetry/sharing/ledger.ts'
import { Share } from '../../../src/telemetry/sharing/share.ts'
import type { Totals } from '../../../src/telemetry/sharing/totals.ts'
import { breakableStore, testClock, type TestClock } from '../../../src/testing/index.ts'
import { stage } from '../../scenarios/stage.ts'
import { databaseForFile } from '../../support/database.ts'

const database = databaseForFile()
let memcached: MemcachedServer
beforeAll(async () => {
  memcached = await startMemcached(['-I', '524288'])
})
afterAll(() => memcached.stop())

const plain = defineTask({ namespace: 'stores', name: 'plain' }).step('only', async () => null)

const completed = async ({ metrics }: Tasker): Promise<number> => {
  const { families } = await metrics.collect({ scope: 'all' })
  const of = families.filter(({ name }) => name === 'tasker_tasks_completed_total')
  return of.flatMap(({ values }) => values).reduce((sum, { value }) => sum + value, 0)
}

async function worker(cache: TaskerOptions['cache']) {
  const staged = await stage(database.url, { definitions: [plain], metrics: true, cache })
  return {
    ...staged,
    async complete(count: number) {
      for (let index = 0; index < count; index += 1) {
        const { taskId } = await staged.tasker.tasks.create(plain, { context: {} })
        await staged.run(taskId)
      }
      expect(await staged.tasker.metrics.sync()).toMatchObject({ isSynced: true, fault: null })
    },
  }
}

test('over Memcached, with the locks of the database: each task counts once, whoever ends', async () => {
  const cache = { store: 'memcached', url: memcached.url, namespace: 'over' } as const
  const [one, other] = [await worker(cache), await worker(cache)]
  expect(one.tasker.cache.strategy.coordination).toBe('distributed_basic')
  await one.complete(2)
  await other.complete(1)
  await other.tasker.metrics.sync()
  expect(await completed(one.tasker)).toBe(3)
  await one.tasker.close()
  const again = await worker(cache)
  await again.complete(1)
  expect(await completed(other.tasker)).toBe(4)
})

test('over PostgreSQL: who is gone for the stale time is retired, and goes on as a new one if he comes back', async () => {
  const cache = { store: 'postgres', namespace: 'over' } as const
  const [gone, other] = [await worker(cache), await worker(cache)]
  await gone.complete(2)
  await other.complete(1)
  await other.clock.advance(299_000) // ten intervals are 300 s; the other one writes every 30
  expect((await other.tasker.metrics.status()).retiredCount).toBe(0)
  await other.clock.advance(120_000)
  expect((await other.tasker.metrics.status()).retiredCount).toBe(1)
  expect(await completed(other.tasker)).toBe(3)
  await gone.clock.advanceTo(other.clock.now())
  await gone.complete(2)
  await other.clock.advance(1_000) // so long it keeps what it read
  expect([await completed(gone.tasker), await completed(other.tasker)]).toEqual([5, 5])
})

const intervalMs = 30_000
const staleAfterMs = 300_000
const ttlMs = 3_600_000

/** Processes that share one metric of so many label sets, beside a small one. */
function processes(
  store: CacheStore,
  locking: LockStore,
  { clock = testClock(), lines = [] }: { clock?: TestClock; lines?: string[] } = {},
) {
  const logger = loggerTo(lines)
  let count = 0
  const start = (counted: () => Totals) => {
    count += 1
    const name = `p${count}`
    const dropped: string[] = []
    const locks = new Locks({ store: locking, clock, owner: name })
    const of = { store, locks, ttlMs, staleAfterMs, seriesMax: 20_000, prefix: 'tasker' }
    const ledger = new Ledger(of)
    const share = new Share({
      ledger,
      clock,
      logger,
      intervalMs,
      staleAfterMs,
      instance: { id: name, startId: name },
      strategy: 'distributed_basic',
      read: counted,
      dropped: (metric) => dropped.push(metric),
      synced: () => undefined,
    })
    return { ledger, share, dropped }
  }
  return { start, lines }
}

function loggerTo(lines: string[]): Logger {
  const told = (_fields: object, message: string): void => void lines.push(message)
  return { ...silentLogger, warn: told, info: told }
}

const one = (value = 1): Totals => of('done_total', [[[], value]])

const wide = (seriesCount: number, name = 'wide_total'): Totals =>
  of(
    name,
    // Nothing that could be compressed.
    Array.from({ length: seriesCount }, (_, index) => [[`${Math.sin(index)}`], 1] as const),
  )

const of = (
  name: string,
  series: readonly (readonly [labels: readonly string[], value: number])[],
): Totals => [
  {
    name,
    type: 'counter',
    labels: series[0]?.[0].map(() => 'of') ?? [],
    bounds: [],
    series: series.map(([labels, value]) => ({ labels, values: [value] })),
  },
]

async function sums(ledger: Ledger): Promise<Readonly<Record<string, number>>> {
  const { starts, retired } = await ledger.read()
  const all: Record<string, number> = {}
  for (const { name, series } of [...starts.map(({ snapshot }) => snapshot), retired].flatMap(
    ({ totals }) => totals,
  ))
    all[name] = (all[name] ?? 0) + series.reduce((sum, { values: [value = 0] }) => sum + value, 0)
  return all
}

async function inMemcached(namespace: string): Promise<CacheStore> {
  const store = await openMemcachedStore({ url: memcached.url, timeoutMs: 2_000 })
  onTestFinished(() => store.close())
  return namespaced(store, namespace)
}

test('what a store refuses becomes smaller: the largest metrics stay out and are counted, the others are shared', async () => {
  const store = await inMemcached('refused')
  const { start, lines } = processes(store, new MemoryStore())
  let width = 100
  const { share, ledger, dropped } = start(() => [...one(), ...wide(width), ...wide(9, 'b_total')])
  expect(await share.sync()).toMatchObject({ isSynced: true, dropped: [] })
  width = 60_000
  expect(await share.sync()).toMatchObject({ isSynced: true, fault: null, dropped: ['wide_total'] })
  expect(await share.sync()).toMatchObject({ isSynced: true, dropped: ['wide_total'] })
  expect(dropped).toEqual(['wide_total', 'wide_total'])
  expect(await sums(ledger)).toEqual({ done_total: 1, b_total: 9 })
  expect(lines).toEqual([
    'metrics: too many values for one entry of the cache; these are not shared',
  ])
})

test('what a refused text would have replaced is read until the smaller one is there', async () => {
  // As Memcached does: what stood there is gone.
  const store = new (class extends MemoryStore {
    override async set(key: string, text: string, forMs: number): Promise<void> {
      await super.set(key, text, forMs)
      if (text.length < 40_000) return
      await super.delete(key)
      await reader()
      throw new TaskerError('CACHE_TEXT_REFUSED', 'too long')
    }
  })()
  let width = 100
  const { share, ledger } = processes(store, new MemoryStore()).start(() => [
    ...one(),
    ...wide(width),
  ])
  const read: number[] = []
  const reader = async () => read.push((await sums(ledger))['done_total'] ?? 0)
  await share.sync()
  width = 4_000
  await share.sync()
  expect(new Set(read)).toEqual(new Set([1]))
})

test('the retired that a store refuses have fewer label sets, and no sum becomes less', async () => {
  const store = await inMemcached('retired')
  const { start } = processes(store, new MemoryStore())
  const { ledger } = start(() => one())
  const names = ['a_total', 'b_total', 'c_total', 'd_total']
  for (const name of names) {
    const ended = start(() => [...one(), ...wide(15_000, name)])
    await ended.share.sync()
    await ended.share.close()
    await store.delete('metrics/swept')
    await ledger.sweep()
  }
  const { starts, retired } = await ledger.read()
  expect([starts.length, retired.count]).toEqual([0, 4])
  const { metrics_overflowed_total: overflowed, ...sum } = await sums(ledger)
  expect(overflowed).toBeGreaterThan(0)
  expect(sum).toEqual({
    done_total: 4,
    ...Object.fromEntries(names.map((name) => [name, 15_000])),
  })
})

test('an outage is said once, by who notices it first', async () => {
  const { store, fail } = breakableStore(new MemoryStore())
  const [clock, lines]: [TestClock, string[]] = [testClock(), []]
  const sayingSo = steady(store, { timeoutMs: 500, clock, logger: loggerTo(lines) })
  const { share } = processes(sayingSo, new MemoryStore(), { clock, lines }).start(() => one())
  const own = processes(store, new MemoryStore(), { clock, lines }).start(() => one())
  fail('gone')
  for (let index = 0; index < 3; index += 1) {
    await share.sync()
    await clock.advance(10_000)
  }
  expect(lines).toEqual(['the cache store fails; one goes on without it'])
  await own.share.sync()
  await own.share.sync()
  fail(null)
  await own.share.sync()
  expect(lines.slice(1)).toEqual(['metrics cannot be shared', 'metrics are shared again'])
})

test('garbage in place of what all share, or nothing: the spare is read, and nobody is lost', async () => {
  const store = new MemoryStore()
  const { start } = processes(store, new MemoryStore())
  const [ended, live] = [start(() => one(2)), start(() => one(3))]
  await ended.share.sync()
  await live.share.sync()
  await ended.share.close()
  await store.delete('metrics/swept')
  await live.share.sync()
  expect(await live.ledger.read()).toMatchObject({ retired: { count: 1 } })
  for (const key of ['metrics/starts', 'metrics/retired']) await store.set(key, 'garbage', ttlMs)
  expect(await sums(live.ledger)).toEqual({ done_total: 5 })
  for (const key of ['metrics/starts', 'metrics/retired']) await store.delete(key)
  expect(await sums(live.ledger)).toEqual({ done_total: 5 })
  // Whoever is the next to write it, mends it.
  await start(() => one(4)).share.sync()
  expect(await store.get('metrics/starts')).toBe(await store.get('metrics/starts/spare'))
  expect(await sums(live.ledger)).toEqual({ done_total: 9 })
})

test('garbage in both places: whoever lives is back with his next write, the retired begin at nothing', async () => {
  const store = new MemoryStore()
  const { start } = processes(store, new MemoryStore())
  const [ended, live] = [start(() => one(2)), start(() => one(3))]
  await ended.share.close()
  await live.share.sync()
  await store.delete('metrics/swept')
  await live.share.sync()
  for (const key of ['metrics/starts', 'metrics/retired'])
    for (const place of [key, `${key}/spare`]) await store.set(place, '\u0000}{', ttlMs)
  expect(await sums(live.ledger)).toEqual({})
  expect(await live.share.sync()).toMatchObject({ isSynced: true })
  expect(await sums(live.ledger)).toEqual({ done_total: 3 })
})

test('what another version wrote is not replaced: nobody shares until it is gone', async () => {
  const store = new MemoryStore()
  const { share } = processes(store, new MemoryStore()).start(() => one())
  await store.set('metrics/starts', 'tasker-metrics-2:else', ttlMs)
  expect(await share.sync()).toMatchObject({
    isSynced: false,
    fault: 'another version of Tasker keeps its metrics there',
  })
  expect(await store.get('metrics/starts')).toBe('tasker-metrics-2:else')
})

/** It cannot give an entry more time. */
function withoutExtend(store: MemoryStore): CacheStore {
  return {
    get: (key) => store.get(key),
    set: (key, text, forMs) => store.set(key, text, forMs),
    delete: (key) => store.delete(key),
  }
}

test.for(['a store that extends', 'one that does not'])(
  'in %s nothing expires while one process writes, and all of it after that',
  async (which) => {
    const clock = testClock()
    const store = new MemoryStore({ clock })
    const kept = which === 'one that does not' ? withoutExtend(store) : store
    const { start } = processes(kept, store, { clock })
    const [ended, live] = [start(() => one(2)), start(() => one(3))]
    await ended.share.sync()
    await ended.share.close()
    live.share.begin()
    await clock.advance(3 * ttlMs)
    expect(await sums(live.ledger)).toEqual({ done_total: 5 })
    await live.share.close()
    const isExtended = (await live.ledger.extend(ttlMs)) > 0
    expect(isExtended).toBe(kept === store)
    await clock.advance(1.5 * ttlMs)
    expect(await sums(live.ledger)).toEqual(isExtended ? { done_total: 5 } : {})
    await clock.advance(ttlMs)
    expect(await sums(live.ledger)).toEqual({})
  },
)
