// Metrics that two Taskers share through one store: what is added up, what is told of each, what another version or anybody else
// left in the store, what does not fit, and what is said when the store fails.
import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { Locks } from '../../../src/cache/locks.ts'
import { MemoryStore } from '../../../src/cache/memory-store.ts'
import { partOfDatabase } from '../../../src/cache/part-of-database.ts'
import type { MetricsSync } from '../../../src/telemetry/exports/exporter.ts'
import { aggregate } from '../../../src/telemetry/sharing/aggregate.ts'
import { readSnapshot, writeSnapshot } from '../../../src/telemetry/sharing/snapshot.ts'
import {
  NeverFalling,
  TotalsSum,
  without,
  type TotalsFamily,
} from '../../../src/telemetry/sharing/totals.ts'
import { testClock } from '../../../src/testing/index.ts'
import { defineTask } from '../../../src/definitions/builder.ts'
import { cloneDatabase, databaseForFile } from '../../support/database.ts'
import { stage, type StageOptions } from '../../scenarios/stage.ts'

const database = databaseForFile()

const plain = defineTask({ namespace: 'sharing', name: 'plain' }).step('only', async () => null)

/** One store for all, as far as these processes go. */
class SharedStore extends MemoryStore {
  readonly capabilities = {
    distributed: true,
    atomicIncrement: true,
    locking: true,
    ttlInspection: true,
  }
  isFailing = false
  override async set(key: string, text: string, ttlMs: number): Promise<void> {
    if (this.isFailing) throw new Error('gone')
    await super.set(key, text, ttlMs)
  }
}

const sharing = (cacheStore: SharedStore, options: Partial<StageOptions> = {}) =>
  stage(database.url, { definitions: [plain], metrics: true, cacheStore, ...options })

const counter = (name: string, values: Readonly<Record<string, number>>): TotalsFamily => ({
  name,
  type: 'counter',
  labels: ['of'],
  bounds: [],
  series: Object.entries(values).map(([of, value]) => ({ labels: [of], values: [value] })),
})

const histogram = (bounds: readonly number[], values: readonly number[]): TotalsFamily => ({
  name: 'sql_duration_seconds',
  type: 'histogram',
  labels: [],
  bounds,
  series: [{ labels: [], values }],
})

const given = {
  snapshots: [],
  live: [],
  retired: [],
  prefix: 'tasker',
  seriesMax: 1_000,
  hasInstanceLabels: true,
  hasLegacyNames: false,
}

const snapshotOf = (instance: string, totals: readonly TotalsFamily[], start = instance) => ({
  start,
  instance,
  sequence: 1,
  atMs: 0,
  isFinal: false,
  totals,
})

test('two processes: counters together, gauges of each, those of the database once, and the same from the other side', async () => {
  const store = new SharedStore()
  const [one, other] = [await sharing(store), await sharing(store)]
  for (const { tasker, run } of [one, other]) {
    const { taskId } = await tasker.tasks.create(plain, { context: {} })
    await run(taskId)
    await tasker.metrics.sync()
  }
  const data = await one.tasker.metrics.collect({ scope: 'all', byInstance: true })
  const family = (name: string) => data.families.find((each) => each.name === `tasker_${name}`)
  expect(family('tasks_completed_total')?.values.map(({ value }) => value)).toEqual([2])
  expect(family('workers_live')?.values).toHaveLength(1)
  expect(data).toMatchObject({ scope: 'all' })
  // Both are this one process: of two starts with one process id the later is told.
  expect(data.instances).toHaveLength(1)
  expect(data.byInstance?.[0]?.families.length).toBeGreaterThan(10)
  const text = await other.tasker.metrics.text({ scope: 'all' })
  expect(text).toMatch(/tasker_tasks_completed_total\{[^}]*\} 2\n/)
  await one.tasker.close()
  expect(await other.tasker.metrics.text({ scope: 'all' })).toMatch(
    /tasker_tasks_completed_total\{[^}]*\} 2\n/,
  )
})

test('two applications in one part of a store count apart, and do not keep one another from exporting', async () => {
  const store = new SharedStore()
  const { url } = await cloneDatabase()
  const one = await sharing(store)
  const other = await stage(url, { definitions: [plain], metrics: true, cacheStore: store })
  const { taskId } = await one.tasker.tasks.create(plain, { context: {} })
  await one.run(taskId)
  await one.tasker.metrics.sync()
  await other.tasker.metrics.sync()
  const completed = /^tasker_tasks_completed_total\{[^}]*\} 1$/m
  expect(await one.tasker.metrics.text({ scope: 'all' })).toMatch(completed)
  expect(await other.tasker.metrics.text({ scope: 'all' })).not.toMatch(completed)
  const locks = new Locks({ store, clock: testClock(), owner: 'test' })
  const [mine, theirs] = ['one', 'other'].map((name) =>
    partOfDatabase({ store, locks }, async () => name),
  )
  const order = { name: 'metrics:export:central', ttlMs: 60_000 }
  const held = await mine?.locks.tryWith(order, async () => [
    await mine.locks.tryWith(order, async () => null),
    await theirs?.locks.tryWith(order, async () => null),
  ])
  expect(held).toMatchObject({ result: [{ isDone: false }, { isDone: true }] })
})

test('where each process has a store of its own, there is nothing of all, and it says why', async () => {
  const { tasker } = await stage(database.url, { definitions: [plain], metrics: true })
  await expect(tasker.metrics.collect({ scope: 'all' })).rejects.toThrow(
    'Processes do not share their metrics: each process has a MemoryStore of its own.',
  )
  await expect(tasker.metrics.collect()).resolves.toMatchObject({ scope: 'process' })
  await expect(tasker.metrics.sync()).resolves.toMatchObject({ isSynced: false })
  const off = await sharing(new SharedStore(), { telemetry: { crossContainerCoordination: 'off' } })
  await expect(off.tasker.metrics.collect({ scope: 'all' })).rejects.toThrow(
    'telemetry.crossContainerCoordination is off',
  )
})

test('a sync is told as an event; one that fails says why, and the next one that succeeds has all of it', async () => {
  const store = new SharedStore()
  const { tasker } = await sharing(store)
  const told: MetricsSync['fault'][] = []
  tasker.events.on('telemetry.cache_synced', ({ fault }) => {
    told.push(fault)
  })
  store.isFailing = true
  const failed = await tasker.metrics.sync()
  expect(failed.isSynced).toBe(false)
  expect(failed.fault).toContain('gone')
  await expect(tasker.metrics.status()).resolves.toMatchObject({ lastSync: { isSynced: false } })
  expect(told).toEqual([failed.fault])
})

test('a scraper is told that the store fails, and where it is stands in the log only', async () => {
  const store = new SharedStore()
  const said: string[] = []
  const keep = (fields: object): void => void said.push(inspect(fields))
  const logger = { debug: () => undefined, info: keep, warn: keep, error: keep }
  const { tasker } = await sharing(store, { logger })
  const { url } = await tasker.metrics.listen({ port: 0 })
  store.get = () => Promise.reject(new Error('connect ECONNREFUSED 10.9.8.7:6379'))
  const answer = await fetch(`${url}?scope=all`)
  expect(answer.status).toBe(503)
  const text = await answer.text()
  expect(JSON.parse(text)).toMatchObject({ code: 'METRICS_UNAVAILABLE' })
  expect(text).not.toContain('10.9.8.7')
  expect(said.join('\n')).toContain('10.9.8.7')
})

test('what is no snapshot of ours is left out, and what another version wrote is left alone', async () => {
  expect(await readSnapshot('{"garbage"')).toBe('garbage')
  expect(await readSnapshot('tasker-metrics-1:AAAA')).toBe('garbage')
  expect(await readSnapshot('tasker-metrics-7:whatever')).toBe('foreign')
  const odd = { ...counter('x total', { a: 1 }) }
  const text = await writeSnapshot(snapshotOf('a', [odd, counter('x_total', { a: 1 })]))
  expect(await readSnapshot(text)).toMatchObject({ totals: [counter('x_total', { a: 1 })] })
})

test('buckets of two versions are added up at the bounds that both have; what is another type is apart', () => {
  const { families, apart } = aggregate({
    ...given,
    retired: [histogram([1, 5], [1, 2, 4, 30])],
    snapshots: [
      snapshotOf('a', [
        histogram([1, 2, 5], [1, 1, 1, 3, 5]),
        { ...counter('sql_duration_seconds', { a: 9 }) },
        counter('new_total', { a: 2 }),
      ]),
    ],
  })
  expect(families[0]?.values.map(({ labels, value }) => [labels['le'], value])).toEqual([
    ['1', 2],
    ['5', 6],
    ['+Inf', 7],
    [undefined, 35],
    [undefined, 7],
  ])
  expect(families[1]).toMatchObject({ name: 'tasker_new_total', values: [{ value: 2 }] })
  expect(apart).toEqual(['sql_duration_seconds'])
})

test('gauges without the label of their process are added up, or the greatest is taken, as the catalogue says', () => {
  const gauge = (name: string, value: number): TotalsFamily => ({
    name,
    type: 'gauge',
    labels: [],
    bounds: [],
    series: [{ labels: [], values: [value] }],
  })
  const live = ['a', 'b'].map((instance, index) =>
    snapshotOf(instance, [
      gauge('worker_slots', index + 1),
      gauge('event_loop_delay_max_seconds', index + 1),
    ]),
  )
  const together = aggregate({ ...given, snapshots: live, live, hasInstanceLabels: false })
  expect(together.families.map(({ name, values }) => [name, values])).toEqual([
    ['tasker_worker_slots', [{ name: 'tasker_worker_slots', labels: {}, value: 3 }]],
    [
      'tasker_event_loop_delay_max_seconds',
      [{ name: 'tasker_event_loop_delay_max_seconds', labels: {}, value: 2 }],
    ],
  ])
  const apart = aggregate({ ...given, snapshots: live, live })
  expect(apart.families[0]?.values.map(({ labels }) => labels)).toEqual([
    { instance: 'a' },
    { instance: 'b' },
  ])
})

test('label sets beyond the most count as other, and nothing is lost', () => {
  const overflowed: string[] = []
  const sum = new TotalsSum(2, (name) => overflowed.push(name))
  sum.add([counter('x_total', { a: 1, b: 2 })]).add([counter('x_total', { c: 3, d: 4, a: 5 })])
  expect(sum.totals).toEqual([counter('x_total', { a: 6, b: 2, other: 7 })])
  expect(overflowed).toHaveLength(2)
})

test('a counter that begins anew does not make the sum fall; what counted before is taken off once', () => {
  const rising = new NeverFalling()
  const next = (values: Readonly<Record<string, number>>) =>
    rising.next([counter('x_total', values)])
  expect(next({ a: 5, b: 1 })).toEqual([counter('x_total', { a: 5, b: 1 })])
  expect(next({ a: 2, b: 1 })).toEqual([counter('x_total', { a: 7, b: 1 })])
  expect(next({ a: 3 })).toEqual([counter('x_total', { a: 8, b: 1 })])
  expect(
    without([counter('x_total', { a: 8, c: 1 })], [counter('x_total', { a: 3, b: 9 })]),
  ).toEqual([counter('x_total', { a: 5, c: 1 })])
})

test('values of labels with ends of lines stay apart, and stay whole where a counter begins anew', () => {
  const failed = (...series: TotalsFamily['series']): TotalsFamily => ({
    ...counter('steps_failed_total', {}),
    labels: ['step', 'error_type'],
    series,
  })
  const one = { labels: ['a\nb', 'c'], values: [1] }
  const other = { labels: ['a', 'b\nc'], values: [2] }
  expect(new TotalsSum().add([failed(one, other)]).totals).toEqual([failed(one, other)])
  const rising = new NeverFalling()
  rising.next([failed(one)])
  expect(rising.next([failed(other)])).toEqual([failed(other, one)])
})
