// Percentiles and buckets equal what is recomputed from the tables, at every stage of the roll-up; a sample is in proportion to
// what it stands for; and what the reports read is bounded, whatever is retained.
import { expect, test } from 'vitest'
import { readDistributions, type Distribution } from '../../src/database/read-distributions.ts'
import { sampleEndedTasks } from '../../src/database/sample-ended.ts'
import { bottleneckReport } from '../../src/reports/performance/bottleneck-report.ts'
import { readWindow } from '../../src/reports/performance/distribution.ts'
import { runs } from '../properties/runs.ts'
import { labsOfFile, type Lab } from '../protocol/lab.ts'
import { defineFive, makeTasks, seeded } from './random-tasks.ts'
import { dump, durationsOf, type Scope } from './recomputed.ts'
import { noteEnded, rollUp, rollUpAll } from './rolling-up.ts'

const openLab = labsOfFile()
const at = new Date('2030-01-10T12:34:56.789Z')
const minute = 60_000
const hour = 60 * minute
const before = (ms: number): Date => new Date(at.getTime() - ms)
const everything = { namespace: null, name: null, version: null }

const scopes: readonly Scope[] = [
  { since: before(10 * minute) },
  { since: before(5 * hour), namespace: 'sales' },
  { since: before(30 * hour), name: 'order', version: '1.0.0' },
  { since: before(100 * hour) },
  { since: before(100 * hour), namespace: 'nobody' },
]

/** Linear between two runs. */
function percentile(values: readonly number[], share: number): number | null {
  const sorted = values.toSorted((a, b) => a - b)
  const place = share * (sorted.length - 1)
  const [low, high] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]]
  return low === undefined || high === undefined ? null : low + (high - low) * (place % 1)
}

function expectDistribution(found: Distribution, values: readonly number[]): void {
  expect(found.count).toBe(values.length)
  for (const [ms, share] of [
    [found.p50Ms, 0.5],
    [found.p95Ms, 0.95],
    [found.p99Ms, 0.99],
    [found.maxMs, 1],
  ] as const) {
    const plain = percentile(values, share)
    if (plain === null) expect(ms).toBeNull()
    else expect(ms).toBeCloseTo(plain, 2)
  }
  for (const { fromMs, toMs, count } of found.buckets)
    expect([fromMs, count]).toEqual([
      fromMs,
      values.filter((ms) => ms >= fromMs && (toMs === null || ms < toMs)).length,
    ])
}

async function expectRecomputed(lab: Lab): Promise<void> {
  const all = await dump(lab.eye)
  for (const scope of scopes) {
    const { distribution, taskIds } = await readWindow(lab.eye.database, {
      ...everything,
      ...scope,
    })
    const { ended, tasks, steps } = durationsOf(all, scope)
    expect(taskIds.toSorted()).toEqual(ended.toSorted())
    expect(distribution).toMatchObject({
      isExact: true,
      tasksRead: ended.length,
      tasksInWindow: ended.length,
    })
    expectDistribution(distribution.tasks, tasks)
    expectDistribution(distribution.steps, steps)
  }
}

test('distributions of 400 random tasks are what a plain recomputation says, whatever was rolled up', async () => {
  const random = seeded(runs(1).seed)
  const lab = await openLab()
  const definitions = await defineFive(lab.eye)
  const making = { count: 400, random, at, spreadMs: 3 * 24 * hour, definitions }
  const ids = await makeTasks(lab.eye, making)
  await noteEnded(lab.eye, ids)
  await expectRecomputed(lab)
  await rollUp(lab.eye, 100)
  await expectRecomputed(lab)
  await rollUpAll(lab.eye)
  await expectRecomputed(lab)
})

test('a sample has as many as asked for, each once, from the window, and of each definition and hour in proportion', async () => {
  const random = seeded(runs(1).seed)
  const lab = await openLab()
  const [many = 0, few = 0] = await defineFive(lab.eye)
  const since = before(20 * hour)
  // Nine in ten of the second hour and of one definition.
  const make = async (count: number, definition: number, hoursAgo: number) =>
    makeTasks(lab.eye, {
      count,
      random,
      at: before(hoursAgo * hour),
      spreadMs: hour,
      definitions: [definition],
    })
  const ids = [
    ...(await make(720, many, 2)),
    ...(await make(80, few, 10)),
    ...(await make(80, few, 30)),
  ]
  await noteEnded(lab.eye, ids)
  const all = await dump(lab.eye)
  const { ended } = durationsOf(all, { since })
  for (const part of ['none', 'some', 'all']) {
    if (part === 'some') await rollUp(lab.eye, 300)
    if (part === 'all') await rollUpAll(lab.eye)
    const window = { ...everything, since }
    const { taskIds, tasksInWindow } = await sampleEndedTasks(lab.eye.database, window, 100)
    expect(tasksInWindow).toBe(ended.length)
    expect(new Set(taskIds).size).toBe(taskIds.length)
    expect(taskIds.filter((id) => !ended.includes(id))).toEqual([])
    expect(taskIds.length).toBeGreaterThan(75)
    expect(taskIds.length).toBeLessThanOrEqual(100)
    const ofFew = all.tasks.filter(
      ({ task_id: id, definition_id: of }) => of === few && taskIds.includes(id),
    )
    expect(ofFew.length / taskIds.length).toBeGreaterThan(0.05)
    expect(ofFew.length / taskIds.length).toBeLessThan(0.2)
  }
  // Of an order that means nothing: half of it is as good a sample.
  const { taskIds } = await sampleEndedTasks(lab.eye.database, { ...everything, since }, 100)
  const half = await readDistributions(lab.eye.database, taskIds, 50)
  expect(half.steps.count).toBe(50)
})

test('the reports touch as much with eight times the tasks, once there are more than they read', async () => {
  const lab = await openLab({ alone: true })
  const definitions = await defineFive(lab.eye)
  const grow = async (count: number): Promise<void> => {
    const making = { count, random: seeded(count), at, spreadMs: 2 * hour, definitions }
    const ids = await makeTasks(lab.eye, making)
    await lab.eye.query(
      `update tasker.tasks set state = 'complete', ended_at = created_at + interval '1 s' where ended_at is null`,
    )
    await lab.eye.query('delete from tasker.due')
    await noteEnded(lab.eye, ids)
    await rollUpAll(lab.eye)
    await lab.eye.query('vacuum analyze')
  }
  const buffers = async (): Promise<number> => {
    const read = `select sum(heap_blks_hit + heap_blks_read + idx_blks_hit + idx_blks_read)::integer as buffers
      from pg_statio_user_tables where schemaname = 'tasker'`
    const count = async (): Promise<number> => {
      await lab.eye.query('select pg_stat_force_next_flush()')
      await lab.eye.query('select pg_stat_clear_snapshot()')
      const [row] = await lab.eye.query(read)
      return Number(row?.['buffers'])
    }
    const start = await count()
    const question = { scope: everything, periodHours: 24 }
    const limits = { tasksMax: 50, stepsMax: 500, historiesMax: 20 }
    const report = await bottleneckReport(lab.eye.database, question, at, limits)
    expect(report.performanceDistribution.isExact).toBe(false)
    expect(report.performanceDistribution.tasks.count).toBeGreaterThan(10)
    return (await count()) - start
  }
  await grow(300)
  const small = await buffers()
  expect(small).toBeGreaterThan(1_000)
  await grow(2_100)
  expect(await buffers()).toBeLessThan(1.5 * small)
})
