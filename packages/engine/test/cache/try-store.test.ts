// The trial of a store finds what it does not do; the doctor says what follows from it.
import { expect, test } from 'vitest'
import type { CacheStore } from '../../src/cache/cache-store.ts'
import { declareCapabilities } from '../../src/cache/declared-capabilities.ts'
import { detectStrategy } from '../../src/cache/detect-capabilities.ts'
import { MemoryStore } from '../../src/cache/memory-store.ts'
import { tryStore } from '../../src/cache/try-store.ts'
import { systemClock } from '../../src/clock.ts'
import { resolveConfig } from '../../src/config.ts'
import { inspectCache } from '../../src/inspect-cache.ts'
import { silentLogger } from '../../src/log.ts'
import { checkCache } from '../../src/reports/doctor/check-cache.ts'
import { diagnose } from '../../src/reports/doctor/diagnose.ts'
import { testClock } from '../../src/testing/index.ts'
import { databaseForFile } from '../support/database.ts'

const database = databaseForFile()

const strategyFor = (store: CacheStore) =>
  detectStrategy(store, { detectors: [], logger: silentLogger })
const trialOf = (store: CacheStore) =>
  tryStore({ store, strategy: strategyFor(store), clock: systemClock, timeoutMs: 5_000 })
const partsOf = async (store: CacheStore) => (await trialOf(store)).faults.map(({ part }) => part)

test('a store that does what it says passes, and nothing of the trial is left in it', async () => {
  const store = new MemoryStore()
  expect(await trialOf(store)).toMatchObject({
    tried: ['keeping', 'atomicIncrement', 'ttlInspection', 'locking'],
    faults: [],
  })
  expect(store.bytes).toBe(0)
})

test('what a store has methods for and does not do is found, part by part', async () => {
  class Forgetful extends MemoryStore {
    override async get() {
      return null
    }
  }
  class Racing extends MemoryStore {
    override async increment() {
      return 1
    }
  }
  class Immortal extends MemoryStore {
    override async remainingMs() {
      return 0
    }
  }
  class Generous extends MemoryStore {
    override async acquire() {
      return true
    }
  }
  class Throwing extends MemoryStore {
    override async renew(): Promise<boolean> {
      throw new Error('scripts are not allowed here')
    }
  }
  const stores = [new Forgetful(), new Racing(), new Immortal(), new Generous(), new Throwing()]
  expect(await Promise.all(stores.map(partsOf))).toEqual([
    ['keeping'],
    ['atomicIncrement'],
    ['ttlInspection'],
    ['locking'],
    ['locking'],
  ])
})

test('a store that never answers is given up, part by part', async () => {
  const clock = testClock()
  const never = () => new Promise<never>(() => undefined)
  const store: CacheStore = { get: never, set: never, delete: never }
  const trial = tryStore({ store, strategy: strategyFor(store), clock, timeoutMs: 1_000 })
  await clock.advance(1_000)
  expect((await trial).faults).toEqual([{ part: 'keeping', seen: 'no answer within 1000 ms' }])
})

const setup = (options: Omit<Parameters<typeof inspectCache>[0], 'config' | 'clock'> = {}) => ({
  resolved: resolveConfig({ code: { database: { url: database.url } } }),
  url: database.url,
  definitions: [],
  clock: systemClock,
  readCache: (url: string) =>
    inspectCache({ config: resolveConfig({}).config, clock: systemClock, ...options }, url),
})
const findingsOf = async (given: ReturnType<typeof setup>) =>
  (await diagnose(given)).findings.filter(({ check }) => check === 'cache')

test('the doctor opens the cache of the set-up and says what it does', async () => {
  const [finding, ...others] = await findingsOf(setup())
  expect(others).toEqual([])
  expect(finding).toMatchObject({ verdict: 'ok', remedy: null })
  expect(finding?.seen).toMatch(/^MemoryStore answers \(4 parts tried in \d+ ms\): each process/)
})

test('the doctor finds a store that forgets, one that boasts, and options that cannot be', async () => {
  class Boasting extends MemoryStore {
    override async acquire() {
      return true
    }
  }
  declareCapabilities(Boasting, { distributed: true })
  expect(await findingsOf(setup({ cacheStore: new Boasting() }))).toMatchObject([
    { verdict: 'problem', seen: expect.stringContaining('`locking`, and has it not') as unknown },
  ])
  const on = resolveConfig({ code: { telemetry: { crossContainerCoordination: 'on' } } }).config
  expect(
    await findingsOf({
      ...setup(),
      readCache: (url) => inspectCache({ config: on, clock: systemClock }, url),
    }),
  ).toMatchObject([
    { verdict: 'problem', remedy: expect.stringContaining('`cache.store`') as unknown },
  ])
})

test('several live workers with a store each are a remark, and a store for all says what is shared', async () => {
  const reading = await inspectCache(
    { config: resolveConfig({}).config, clock: systemClock },
    database.url,
  )
  const local = checkCache(reading, 3)
  expect(local).toMatchObject([
    {
      verdict: 'ok',
      seen: expect.stringContaining('3 workers are live: results of steps') as unknown,
    },
  ])
  const shared = {
    ...reading,
    coordination: 'distributed_basic',
    sharing: { sharesMetrics: true, exportsAll: true },
  } as const
  expect(checkCache(shared, 3)).toMatchObject([
    {
      verdict: 'ok',
      seen: expect.stringContaining('locked in the database; metrics are shared') as unknown,
    },
  ])
  const forgets = { ...reading.trial, faults: [{ part: 'keeping', seen: 'nothing' }] } as const
  expect(checkCache({ ...reading, trial: forgets }, 1)).toMatchObject([{ verdict: 'problem' }])
  const away = [...forgets.faults, { part: 'locking', seen: 'nothing' }] as const
  expect(checkCache({ ...reading, trial: { ...forgets, faults: away } }, 1)).toHaveLength(1)
  expect(checkCache({ ...reading, trial: forgets, isToKeep: false }, 1)).toMatchObject([
    { verdict: 'ok' },
  ])
})
