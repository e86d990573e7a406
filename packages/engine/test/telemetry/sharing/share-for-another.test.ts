// What a process counted that cannot share it itself, written by whoever scraped it: once however often it is told, also when
// the process was started anew or was told of so seldom that it was taken for ended.
import { createHash } from 'node:crypto'
import { beforeEach, expect, test } from 'vitest'
import type { CacheStore } from '../../../src/cache/cache-store.ts'
import { MemoryStore } from '../../../src/cache/memory-store.ts'
import { Locks } from '../../../src/cache/locks.ts'
import { systemClock } from '../../../src/clock.ts'
import { metricCatalogue } from '../../../src/telemetry/metrics/catalogue.ts'
import type { MetricFamily } from '../../../src/telemetry/metrics/tasker-metrics.ts'
import { Ledger, type LedgerOptions } from '../../../src/telemetry/sharing/ledger.ts'
import {
  shareForAnother,
  type SharedForAnother,
} from '../../../src/telemetry/sharing/share-for-another.ts'
import { writeSnapshot } from '../../../src/telemetry/sharing/snapshot.ts'
import { totalsOfFamilies } from '../../../src/telemetry/sharing/totals-of-families.ts'
import type { Totals } from '../../../src/telemetry/sharing/totals.ts'

const clock = systemClock
let store: MemoryStore
let ledger: Ledger

beforeEach(() => {
  store = new MemoryStore({ clock, bytesMax: 1_000_000 })
  ledger = ledgerIn(store)
})

const ledgerIn = (kept: LedgerOptions['store'], seriesMax = 100): Ledger =>
  new Ledger({
    store: kept,
    locks: new Locks({ store, clock, owner: 'test' }),
    ttlMs: 3_600_000,
    staleAfterMs: 300_000,
    seriesMax,
    prefix: 'tasker',
  })

/** Refuses as Memcached does: what stood there is gone, too. */
class NarrowStore implements CacheStore {
  readonly #store: MemoryStore
  constructor(kept: MemoryStore) {
    this.#store = kept
  }
  get(key: string): Promise<string | null> {
    return this.#store.get(key)
  }
  async set(key: string, text: string, ttlMs: number): Promise<void> {
    if (text.length > 1_000_000) {
      await this.#store.delete(key)
      throw new Error('too large')
    }
    await this.#store.set(key, text, ttlMs)
  }
  delete(key: string): Promise<void> {
    return this.#store.delete(key)
  }
  extend(key: string, ttlMs: number): Promise<boolean> {
    return this.#store.extend(key, ttlMs)
  }
}

const counted = (value: number): Totals => [
  { name: 'done_total', type: 'counter', labels: [], bounds: [], series: [of(value)] },
]
const of = (value: number) => ({ labels: [], values: [value] })

const tell = (value: number, instance = 'far-1'): Promise<SharedForAnother> =>
  shareForAnother(ledger, { instance, totals: counted(value), atMs: 1 })

async function sum(): Promise<number> {
  const { starts, retired } = await ledger.read()
  return [...starts.map(({ snapshot }) => snapshot.totals), retired.totals]
    .flat()
    .filter((family) => family.name === 'done_total')
    .flatMap(({ series }) => series)
    .reduce((total, { values: [value = 0] }) => total + value, 0)
}

/** Nobody heard of any process for so long that all are taken for ended. */
async function silence(): Promise<void> {
  const { starts } = await ledger.read()
  for (const { snapshot } of starts) await store.delete(`metrics/life/${snapshot.start}`)
  await store.delete('metrics/swept')
  await ledger.sweep()
  expect((await ledger.read()).starts).toEqual([])
}

test('as often as the same is told, nothing changes', async () => {
  expect(await tell(3)).toBe('written')
  expect(await tell(3)).toBe('written')
  expect(await sum()).toBe(3)
  await tell(5)
  await tell(1, 'far-2')
  expect(await sum()).toBe(6)
})

test('a process that was started anew counts from nothing, and what it counted before stays', async () => {
  await tell(3)
  await tell(2)
  expect(await sum()).toBe(5)
  await tell(4)
  expect(await sum()).toBe(7)
})

test('a process that was taken for ended goes on where it was', async () => {
  await tell(3)
  await silence()
  expect(await sum()).toBe(3)
  await tell(5)
  expect(await sum()).toBe(5)
  await silence()
  await tell(6)
  expect(await sum()).toBe(6)
  // And anew, after that.
  await tell(1)
  expect(await sum()).toBe(7)
})

test('a process that shares its metrics itself is refused', async () => {
  const about = { start: 'a', instance: 'far-1', isFinal: false }
  const text = await writeSnapshot({ ...about, sequence: 1, atMs: 1, totals: counted(3) })
  await ledger.write({ ...about, text, wasListed: false, wasAway: false })
  expect(await tell(3)).toBe('itself')
  expect(await sum()).toBe(3)
})

test('what is kept for another try of an export lives longer than it would have, never shorter', async () => {
  await tell(3)
  expect(await ledger.extend(90_000)).toBe(1)
  const { starts } = await ledger.read()
  const left = await store.remainingMs(`metrics/start/${starts[0]?.snapshot.start}`)
  expect(left).toBeGreaterThan(3_600_000)
})

test('who is beaten to it says so', async () => {
  await ledger.alone('told:far-1', async () => {
    expect(await tell(3)).toBe('busy')
  })
  expect(await tell(3)).toBe('written')
})

test('what a scraper reads becomes what is shared: buckets by themselves, nothing of the database, nothing unknown', () => {
  const labels = { namespace: 'shop', task: 'order', version: '1', outcome: 'completed' }
  const name = 'tasker_task_duration_seconds'
  const { buckets } = metricCatalogue.task_duration_seconds
  const families: readonly MetricFamily[] = [
    {
      name,
      help: '',
      type: 'histogram',
      values: [
        ...[...buckets, '+Inf'].map((le, index) => ({
          name: `${name}_bucket`,
          labels: { ...labels, le: String(le) },
          value: index === 0 ? 1 : 3,
        })),
        { name: `${name}_sum`, labels, value: 4.5 },
        { name: `${name}_count`, labels, value: 3 },
      ],
    },
    gaugeOf('tasker_workers_live'),
    gaugeOf('nodejs_heap_bytes'),
    gaugeOf('tasker_worker_slots'),
  ]
  expect(totalsOfFamilies(families, 'tasker')).toEqual([
    {
      name: 'task_duration_seconds',
      type: 'histogram',
      labels: ['namespace', 'task', 'version', 'outcome'],
      bounds: buckets,
      series: [
        {
          labels: ['shop', 'order', '1', 'completed'],
          values: [...buckets.map((_, index) => [1, 2][index] ?? 0), 3, 4.5],
        },
      ],
    },
    { name: 'worker_slots', type: 'gauge', labels: [], bounds: [], series: [of(7)] },
  ])
})

const gaugeOf = (name: string): MetricFamily => ({
  name,
  help: '',
  type: 'gauge',
  values: [{ name, labels: {}, value: 7 }],
})

test('told again after all that is kept of it alone has expired, while others keep the retired, it counts once', async () => {
  let nowMs = 0
  const aging = new MemoryStore({ clock: { monotonicMs: () => nowMs }, bytesMax: 1_000_000 })
  store = aging
  ledger = ledgerIn(aging)
  await tell(5)
  await silence()
  for (let hours = 0; hours < 3; hours += 1) {
    nowMs += 3_000_000
    await ledger.upkeep()
  }
  await tell(6)
  expect(await sum()).toBe(6)
})

test('what ended processes leave in more label sets than a store takes is folded, and its sum stays', async () => {
  const left = (process: number): Totals => [
    {
      name: 'done_total',
      type: 'counter',
      labels: ['of'],
      bounds: [],
      series: Array.from({ length: 14_000 }, (_, index) => ({
        labels: [createHash('sha256').update(`${process}/${index}`).digest('base64')],
        values: [1],
      })),
    },
  ]
  store = new MemoryStore({ clock, bytesMax: 50_000_000 })
  ledger = ledgerIn(new NarrowStore(store), 100_000)
  for (let process = 0; process < 2; process += 1) {
    await shareForAnother(ledger, { instance: `far-${process}`, totals: left(process), atMs: 1 })
    await silence()
  }
  expect(await sum()).toBe(28_000)
})
