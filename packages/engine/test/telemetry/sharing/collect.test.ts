// What one process is asked of all: many who ask at once cost the store and the database one reading, and a database that does
// not answer holds nobody up.
import { expect, test } from 'vitest'
import { strategyOf } from '../../../src/cache/capabilities.ts'
import { Locks } from '../../../src/cache/locks.ts'
import { MemoryStore } from '../../../src/cache/memory-store.ts'
import { Collector } from '../../../src/telemetry/sharing/collector.ts'
import { Ledger } from '../../../src/telemetry/sharing/ledger.ts'
import { QueueInTime, type QueueReading } from '../../../src/telemetry/metrics/queue-in-time.ts'
import { testClock } from '../../../src/testing/index.ts'

const queue: QueueReading = { workersLive: 3, namespaces: [] }

function setup(askQueue: () => Promise<QueueReading> = async () => queue) {
  const clock = testClock()
  const store = new MemoryStore({ clock, bytesMax: 1_000_000 })
  const asked = { store: 0, queue: 0 }
  const ledger = new Ledger({
    store: {
      get: async (key) => {
        if (key === 'metrics/starts') asked.store += 1
        return store.get(key)
      },
      set: (key, text, ttlMs) => store.set(key, text, ttlMs),
      delete: (key) => store.delete(key),
    },
    locks: new Locks({ store, clock, owner: 'test' }),
    ttlMs: 3_600_000,
    staleAfterMs: 300_000,
    seriesMax: 100,
    prefix: 'tasker',
  })
  const inTime = new QueueInTime(clock, async () => {
    asked.queue += 1
    return askQueue()
  })
  const collector = new Collector({
    clock,
    instance: { id: 'here-1', startId: 'start' },
    strategy: strategyOf('MemoryStore', {}),
    ledger,
    share: null,
    families: null,
    since: null,
    readQueue: () => inTime.read(),
    whyNotShared: '',
    whyNotCollected: '',
    prefix: 'tasker',
    seriesMax: 100,
    hasInstanceLabels: true,
    hasLegacyNames: false,
  })
  return { clock, asked, collect: () => collector.collect({ scope: 'all' }), collector }
}

test('who asks of all at once, or within a second, waits for the same reading', async () => {
  const { clock, asked, collect, collector } = setup()
  await Promise.all(Array.from({ length: 20 }, collect))
  expect(asked).toEqual({ store: 1, queue: 1 })
  await clock.advance(999)
  await collect()
  expect(asked.store).toBe(1)
  await clock.advance(1)
  await collect()
  expect(asked).toEqual({ store: 2, queue: 1 })
  await collector.sync()
  const before = asked.store
  await collect()
  expect(asked.store).toBe(before + 1)
  await clock.advance(5_000)
  await collect()
  expect(asked.queue).toBe(2)
})

test('a database that does not answer is waited for three seconds, asked once, and its gauges are left out', async () => {
  const { clock, asked, collect } = setup(() => new Promise(() => undefined))
  const told = Promise.all([collect(), collect()])
  await clock.advance(3_000)
  for (const { families } of await told)
    expect(families.map(({ name }) => name)).not.toContain('tasker_workers_live')
  expect(asked.queue).toBe(1)
})
