// What a Tasker finds out of its store when it is made: told once, shown, and refused where the configuration asks for more.
import { expect, test } from 'vitest'
import { declareCapabilities } from '../../src/cache/declared-capabilities.ts'
import { MemoryStore } from '../../src/cache/memory-store.ts'
import { silentLogger } from '../../src/log.ts'
import { createTasker } from '../../src/tasker.ts'
import type { TaskerOptions } from '../../src/tasker-options.ts'
import { databaseForFile } from '../support/database.ts'

const database = databaseForFile()

/** As good as one for all. */
class MyAwesomeCacheStore extends MemoryStore {
  static {
    declareCapabilities(this, { distributed: true, advancedAnalytics: true })
  }
}

const make = (options: TaskerOptions) =>
  createTasker({ database: { url: database.url }, ...options })

test('the strategy is told once for each Tasker, with all that is known', async () => {
  const told: object[] = []
  await using tasker = await make({
    cacheStore: new MyAwesomeCacheStore(),
    logger: {
      ...silentLogger,
      info: (fields, message) => {
        if (message === 'Cache strategy detected') told.push(fields)
      },
    },
  })
  expect(tasker.cache.strategy).toMatchObject({
    storeClass: 'MyAwesomeCacheStore',
    coordination: 'distributed_atomic',
  })
  expect(tasker.cache.strategy.supports('advancedAnalytics')).toBe(true)
  expect(told).toEqual([
    expect.objectContaining({
      component: 'cache',
      store_class: 'MyAwesomeCacheStore',
      coordination_strategy: 'distributed_atomic',
      capabilities: tasker.cache.strategy.exportCapabilities(),
      instance_id: expect.stringMatching(new RegExp(`-${process.pid}$`)) as unknown,
    }),
  ])
})

test('detectors belong to a Tasker: another one with the same store knows nothing of them', async () => {
  const cacheStore = new MemoryStore()
  const detector = { matches: /^Memory/, detect: () => ({ distributed: true, locking: true }) }
  await using one = await make({ cacheStore, cacheDetectors: [detector] })
  await using other = await make({ cacheStore })
  expect(one.cache.strategy.coordination).toBe('distributed_atomic')
  expect(other.cache.strategy.coordination).toBe('local_only')
})

test.for(['crossContainerCoordination', 'distributedExport'] as const)(
  'telemetry.%s: on starts nothing with a store for each process, and starts with one for all',
  async (option) => {
    const telemetry = { [option]: 'on' }
    await expect(make({ telemetry })).rejects.toMatchObject({
      code: 'CACHE_NOT_SHARED',
      details: { option: `telemetry.${option}`, storeClass: 'MemoryStore' },
    })
    await using tasker = await make({ telemetry, cacheStore: new MyAwesomeCacheStore() })
    expect(tasker.config.telemetry[option]).toBe('on')
  },
)
