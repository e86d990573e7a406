// What a Tasker locks in: the store where it is one for all processes and can, else the database; as the options say.
import { expect, onTestFinished, test } from 'vitest'
import type { CacheStore } from '../../src/cache/cache-store.ts'
import { MemoryStore } from '../../src/cache/memory-store.ts'
import { systemClock } from '../../src/clock.ts'
import { resolveConfig, type TaskerOptionsInput } from '../../src/config.ts'
import { silentLogger } from '../../src/log.ts'
import { openCache, type OpenCache } from '../../src/open-cache.ts'
import { createTasker } from '../../src/tasker.ts'
import { countOf, labsOfFile, type Lab } from '../protocol/lab.ts'

const openLab = labsOfFile()

/** As one that a team has: one for all processes, which can do that much. */
function sharedStore(capabilities: Readonly<Record<string, boolean>>): CacheStore {
  const store = new MemoryStore()
  return {
    capabilities: { distributed: true, ...capabilities },
    get: (...given) => store.get(...given),
    set: (...given) => store.set(...given),
    delete: (...given) => store.delete(...given),
    ...(capabilities['locking'] && {
      acquire: (...given: Parameters<MemoryStore['acquire']>) => store.acquire(...given),
      renew: (...given: Parameters<MemoryStore['renew']>) => store.renew(...given),
      release: (...given: Parameters<MemoryStore['release']>) => store.release(...given),
    }),
  }
}

async function open(
  { eye, url }: Lab,
  code: TaskerOptionsInput,
  given: CacheStore | null = null,
): Promise<OpenCache> {
  const { config } = resolveConfig({
    code: { ...code, cache: { operationTimeoutMs: 30_000, ...code.cache } },
  })
  const options = { ...config.database, url }
  const cache = await openCache({
    config,
    given,
    detectors: [],
    database: { ...eye.database, options },
    clock: systemClock,
    instance: { id: 'host-1', startId: 'start' },
    logger: silentLogger,
  })
  onTestFinished(() => cache.close())
  return cache
}

/** How many locks stand in the database while one is held. */
async function locksInDatabase(lab: Lab, { locks }: OpenCache): Promise<number> {
  const held = await locks.tryWith({ name: 'a', ttlMs: 60_000 }, () =>
    countOf(lab, `select count(*) from tasker.cache_entries where key like '%lock/a'`),
  )
  if (!held.isDone) throw new Error('the lock is another’s')
  return held.result
}

const locking = sharedStore({ locking: true })
const counting = sharedStore({ atomicIncrement: true })

test.each<[string, number, TaskerOptionsInput, CacheStore | null]>([
  ['a store that locks for all', 0, {}, locking],
  [
    'the database: nothing is to be locked in the store',
    1,
    { telemetry: { atomicOperations: 'off' } },
    locking,
  ],
  ['the database: the store of this process excludes nobody', 1, {}, null],
  ['the database: the store does not lock', 1, {}, counting],
  [
    'the store in the database',
    1,
    { cache: { store: 'postgres' }, telemetry: { atomicOperations: 'on' } },
    null,
  ],
])('locks stand in %s', async (_, count, options, given) => {
  const lab = await openLab()
  expect(await locksInDatabase(lab, await open(lab, options, given))).toBe(count)
  expect(await countOf(lab, 'select count(*) from tasker.cache_entries')).toBe(0)
})

test('the store `postgres` is one for all processes', async () => {
  const lab = await openLab()
  const [one, other] = [
    await open(lab, { cache: { store: 'postgres' } }),
    await open(lab, { cache: { store: 'postgres' } }),
  ]
  expect(one.strategy.coordination).toBe('distributed_atomic')
  await one.store.set('a', 'text', 60_000)
  expect(await other.store.get('a')).toBe('text')
  await one.close()
  expect(await other.store.increment?.('n', 1, 60_000)).toBe(1)
})

test.each<[string, RegExp, CacheStore | undefined]>([
  ['is of each process', /MemoryStore is not shared by processes/, undefined],
  ['cannot lock', /does not lock/, counting],
  [
    'says that it locks and cannot',
    /does not lock/,
    { ...counting, capabilities: { distributed: true, locking: true } },
  ],
])('a Tasker that must lock in a store does not start with one that %s', async (_, says, given) => {
  const { url } = await openLab()
  const created = createTasker({
    database: { url },
    telemetry: { atomicOperations: 'on' },
    ...(given !== undefined && { cacheStore: given }),
  })
  await expect(created).rejects.toMatchObject({ code: 'CACHE_CANNOT_LOCK' })
  await expect(created).rejects.toThrow(says)
})
