// Whether a process is ready, and how the system fares as a whole: every check fails for its own reason and for no other.
import pg from 'pg'
import { expect, test } from 'vitest'
import { MemoryStore } from '../../src/cache/memory-store.ts'
import { PermanentError } from '../../src/errors.ts'
import { defineTask } from '../../src/definitions/builder.ts'
import { createTasker } from '../../src/tasker.ts'
import { testClock } from '../../src/testing/index.ts'
import { cloneDatabase, databaseForFile } from '../support/database.ts'
import { stage } from './stage.ts'

const database = databaseForFile()
const fails = defineTask({ name: 'fails', namespace: 'health' }).step('only', async () => {
  throw new PermanentError('no')
})

test('W-52: a process whose database answers, with the right tables and a cache that keeps, is ready', async () => {
  await using tasker = await createTasker({ database: { url: database.url } })
  const [one, other] = await Promise.all([tasker.readiness(), tasker.readiness()])
  expect(other).toBe(one) // who asks at the same time waits for one answer
  expect(one).toMatchObject({
    isReady: true,
    failedChecks: [],
    checks: {
      database: { isHealthy: true, fault: null },
      migrations: { isHealthy: true, fault: null },
      cache: {
        isHealthy: true,
        fault: null,
        storeClass: 'MemoryStore',
        coordination: 'local_only',
        isDistributed: false,
        countsAtomically: true,
        locks: true,
      },
    },
  })
})

test('the check of the cache leaves nothing in it', async () => {
  const cacheStore = new MemoryStore()
  await using tasker = await createTasker({ database: { url: database.url }, cacheStore })
  expect((await tasker.readiness()).checks.cache.isHealthy).toBe(true)
  expect(cacheStore.bytes).toBe(0)
})

test('a store that is there to keep nothing, and says so, is healthy', async () => {
  const cacheStore = {
    capabilities: { keepsNothing: true },
    get: async () => null,
    set: async () => undefined,
    delete: async () => undefined,
  }
  await using tasker = await createTasker({ database: { url: database.url }, cacheStore })
  expect((await tasker.readiness()).checks.cache).toMatchObject({ isHealthy: true, fault: null })
})

test('a cache that forgets, fails or hangs is told as such, and the other checks are as they are', async () => {
  const store = new MemoryStore()
  const clock = testClock()
  const cacheStore = {
    get: store.get.bind(store),
    set: store.set.bind(store),
    delete: store.delete.bind(store),
  }
  await using tasker = await createTasker({
    database: { url: database.url },
    cacheStore,
    clock,
    health: { readinessTimeoutSeconds: 2 },
    cache: { operationTimeoutMs: 60_000 }, // the check has a limit of its own
  })
  const faultOf = async () => {
    const { checks, failedChecks } = await tasker.readiness()
    return [failedChecks, checks.database.fault, checks.cache.fault]
  }
  cacheStore.get = async () => null
  expect(await faultOf()).toEqual([['cache'], null, 'CACHE_FORGOT'])
  cacheStore.get = () => Promise.reject(new Error('the password is hunter2'))
  expect(await faultOf()).toEqual([['cache'], null, 'CACHE_UNAVAILABLE'])
  await clock.advance(1_000) // so long it is not asked again
  cacheStore.get = () => new Promise(() => undefined)
  const answer = tasker.readiness()
  await clock.advance(2_000)
  expect((await answer).checks.cache.fault).toBe('TIMED_OUT')
})

test('tables of another version, and a database that is not asked any more, are not ready', async () => {
  const { url } = await cloneDatabase()
  const tasker = await createTasker({ database: { url } })
  const eye = new pg.Client({ connectionString: url })
  await eye.connect()
  await eye.query(
    'delete from tasker.migrations where id = (select max(id) from tasker.migrations)',
  )
  await eye.end()
  const outdated = await tasker.readiness()
  expect(outdated.checks).toMatchObject({
    database: { isHealthy: true },
    migrations: { isHealthy: false, fault: 'SCHEMA_OUTDATED' },
    cache: { isHealthy: true },
  })
  await tasker.close()
  const { failedChecks, checks } = await tasker.readiness()
  expect([failedChecks, checks.database.fault]).toEqual([
    ['database', 'migrations'],
    'TASKER_CLOSED',
  ])
})

test('W-46, W-53: tasks count from their creation, and what failed long ago is no fault of today', async () => {
  const clock = testClock()
  const { tasker, run } = await stage((await cloneDatabase()).url, {
    definitions: [fails],
    clock,
    health: { cacheDurationSeconds: 15 },
  })
  const { taskId } = await tasker.tasks.create(fails, { context: {} })
  const pending = await tasker.reports.status()
  expect(pending).toMatchObject({
    isHealthy: true,
    isCached: false,
    counts: { tasks: { total: 1, pending: 1 }, steps: { total: 1, pending: 1 } },
    workers: { live: 1, overdue: 0 },
    lastHour: { tasks: 1, errorTasks: 0 },
  })
  expect((await tasker.reports.status()).isCached).toBe(true)

  await run(taskId)
  await clock.advance(15_000)
  const failed = await tasker.reports.status()
  expect(failed).toMatchObject({ isHealthy: false, failedChecks: ['task_errors'], isCached: false })
  expect((await tasker.reports.status()).isCached).toBe(false) // nobody is told for long that it is not well

  await clock.advance(2 * 3_600_000)
  expect(await tasker.reports.status()).toMatchObject({
    isHealthy: true,
    counts: { tasks: { total: 1, error: 1 } },
    lastHour: { tasks: 0 },
  })
})

test('open tasks without a live worker are not well', async () => {
  const { url } = await cloneDatabase()
  await using tasker = await createTasker({ database: { url }, definitions: [fails] })
  expect((await tasker.reports.status()).failedChecks).toEqual([])
  await tasker.tasks.create(fails, { context: {} })
  await using other = await createTasker({ database: { url }, definitions: [fails] })
  expect(await other.reports.status()).toMatchObject({
    isHealthy: false,
    failedChecks: ['workers'],
    workers: { live: 0, slots: 0 },
  })
})
