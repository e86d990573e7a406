// What becomes of exports that fail: which are tried again and when, which are dropped, which are skipped, and what ends them.
import { createServer } from 'node:http'
import { once } from 'node:events'
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { stage, type Stage } from '../../scenarios/stage.ts'
import type { TaskerOptions } from '../../../src/tasker-options.ts'
import { databaseForFile } from '../../support/database.ts'
import { extensionSeconds, retryWaitMs } from '../../../src/telemetry/exports/retry.ts'
import { startEndpoint, type Answer } from './endpoint.ts'

const database = databaseForFile()
let targetCount = 0

interface Pushing extends Stage {
  readonly target: string
  /** Moves time to the next look after so many seconds. */
  readonly pass: (seconds: number) => Promise<void>
}

/** A worker that pushes to the URL every minute. Each has a target of its own: they share a database. */
async function pushing(
  url: string,
  prometheus: NonNullable<TaskerOptions['telemetry']>['prometheus'] = {},
  http: TaskerOptions['http'] = {},
): Promise<Pushing> {
  targetCount += 1
  const target = `push_${targetCount}`
  const staged = await stage(database.url, {
    metrics: true,
    random: () => 0.5,
    http,
    telemetry: {
      exports: {
        enabled: true,
        targets: { [target]: { to: 'http', format: 'prometheus', url, every: 60 } },
      },
      prometheus,
    },
  })
  // The first look has written down when the target is due.
  await staged.clock.advance(0)
  await expect
    .poll(async () => (await staged.tasker.exports.status()).targets[0]?.nextDueAt)
    .not.toBe(null)
  return { ...staged, target, pass: (seconds) => staged.clock.advance(seconds * 1_000) }
}

const answering = async (...answers: Answer[]) => startEndpoint(answers)

test('500 and then 204: tried again after its wait, and the schedule goes on as it was', async () => {
  const endpoint = await answering({ status: 500, body: 'full' }, { status: 204 })
  const { tasker, events, pass, target, clock } = await pushing(endpoint.url)
  const startedMs = clock.nowMs()
  await pass(60)
  const failed = await events.until('telemetry.export_failed')
  expect(failed).toMatchObject({ target, attempt: 1, fault: 'the answer was 500: full' })
  expect(failed.retryAt?.getTime()).toBe(startedMs + 75_000)
  await pass(10)
  expect(endpoint.taken).toHaveLength(1)
  await pass(5)
  const completed = await events.until('telemetry.export_completed')
  expect(completed).toMatchObject({ exportId: failed.exportId, attempt: 2, outcome: 'done' })
  const [status] = (await tasker.exports.status()).targets
  expect(status).toMatchObject({ lastOutcome: 'done', lastFault: null, attempts: 0 })
  expect(status?.nextDueAt?.getTime()).toBe(startedMs + 120_000)
  await expect(tasker.metrics.text()).resolves.toContain(
    `tasker_exports_total{target="${target}",outcome="failed"} 1`,
  )
})

test('values that processes share are kept 90 s longer for the second try, 120 s for the third', async () => {
  const endpoint = await answering({ status: 503 })
  const { events, pass } = await pushing(endpoint.url)
  await pass(60)
  await events.until('telemetry.export_failed', ({ attempt }) => attempt === 1)
  await pass(15)
  await events.until('telemetry.export_failed', ({ attempt }) => attempt === 2)
  await pass(30)
  await events.until('telemetry.export_failed', ({ attempt }) => attempt === 3)
  const extended = events.of('telemetry.cache_ttl_extended')
  expect(extended.map(({ attempt, extendedByMs }) => [attempt, extendedByMs]).slice(0, 2)).toEqual([
    [2, 90_000],
    [3, 120_000],
  ])
  expect([4, 5, 6, 7, 8].map(extensionSeconds)).toEqual([180, 300, 540, 660, 660])
})

test('429 is tried again no sooner than it asks', async () => {
  const endpoint = await answering(
    { status: 429, headers: { 'retry-after': '40' } },
    { status: 200 },
  )
  const { events, pass, clock } = await pushing(endpoint.url)
  await pass(60)
  const { retryAt } = await events.until('telemetry.export_failed')
  expect((retryAt?.getTime() ?? 0) - clock.nowMs()).toBe(42_000)
})

test('400 is dropped, counted, and not tried again', async () => {
  const endpoint = await answering({ status: 400 })
  const { events, pass, tasker, target } = await pushing(endpoint.url)
  await pass(60)
  const failed = await events.until('telemetry.export_failed')
  expect(failed.retryAt).toBe(null)
  expect(failed.droppedCount).toBeGreaterThan(10)
  await pass(55)
  expect(endpoint.taken).toHaveLength(1)
  await expect(tasker.metrics.text()).resolves.toContain(
    `tasker_export_series_dropped_total{target="${target}"} ${failed.droppedCount}`,
  )
})

test('as often as it may be tried again, and no more; no later than the end of its time', async () => {
  const endpoint = await answering({ status: 500 })
  const { events, pass } = await pushing(endpoint.url, { retryAttempts: 1 })
  await pass(60)
  await events.until('telemetry.export_failed', ({ attempt }) => attempt === 1)
  await pass(15)
  const last = await events.until('telemetry.export_failed', ({ attempt }) => attempt === 2)
  expect(last.retryAt).toBe(null)
  const order = { attempt: 1, retriesMax: 3, askedMs: null, random: 0 }
  expect(retryWaitMs({ ...order, leftMs: 300_000 })).toBe(13_500)
  expect(retryWaitMs({ ...order, leftMs: 13_000 })).toBe(null)
  expect(retryWaitMs({ ...order, leftMs: 300_000, askedMs: 300_000 })).toBe(null)
})

/** Beside Tasker's own connections. */
async function connected(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  onTestFinished(() => client.end())
  return client
}

/** As a process leaves it that died in its try with this number, its time over. */
async function leftBehind({ target, clock }: Pushing, attempts: number): Promise<void> {
  const other = await connected()
  await other.query(
    `update tasker.metric_exports
     set holder = 'dead/1', lease_until = $2, export_id = gen_random_uuid(), instance = 'dead', attempts = $3,
       due_at = $2, planned_at = $2, started_at = $2
     where export_key = $1`,
    [target, new Date(clock.nowMs()), attempts],
  )
}

test('an export that ends every process that tries it is given up, and the next is due as ever', async () => {
  const endpoint = await answering({ status: 204 })
  const worker = await pushing(endpoint.url, { retryAttempts: 2 })
  const { events, pass, tasker, target } = worker
  await leftBehind(worker, 4)
  await pass(5)
  await expect(events.until('telemetry.export_completed')).resolves.toMatchObject({ attempt: 5 })
  const startedMs = worker.clock.nowMs()
  // As many as the column holds: that breaks no claim.
  for (const attempts of [5, 32_767]) {
    await leftBehind(worker, attempts)
    await pass(5)
    const failed = await events.until(
      'telemetry.export_failed',
      ({ attempt }) => attempt === Math.min(attempts + 1, 32_767),
    )
    expect(failed.retryAt).toBe(null)
    expect(failed.fault).toMatch(/^given up: .* did not say how it ended$/)
  }
  expect(endpoint.taken).toHaveLength(1)
  await expect
    .poll(async () => (await tasker.exports.status()).targets[0])
    .toMatchObject({ lastOutcome: 'failed', attempts: 0, isRunning: false })
  const [status] = (await tasker.exports.status()).targets
  expect(status?.nextDueAt?.getTime()).toBeGreaterThan(startedMs)
  await expect(tasker.metrics.text()).resolves.toContain(
    `tasker_exports_total{target="${target}",outcome="failed"} 2`,
  )
})

/** Nobody listens there. */
async function deadAddress(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
}

test('where nobody is there, an export is skipped, or fails and is tried again', async () => {
  const url = await deadAddress()
  const skipping = await pushing(url)
  await skipping.pass(60)
  const skipped = await skipping.events.until('telemetry.export_completed')
  expect(skipped).toMatchObject({ outcome: 'skipped', metricsCount: 0, bytes: 0 })
  expect(skipped.fault).toContain('no connection')
  const failing = await pushing(url, { skipIfUnavailable: false })
  await failing.pass(60)
  const failed = await failing.events.until('telemetry.export_failed')
  expect(failed.retryAt).not.toBe(null)
})

test('one that is never answered ends at its time', async () => {
  const endpoint = await startEndpoint(['never'])
  const { events, pass } = await pushing(endpoint.url, { exportTimeout: 7 })
  await pass(60)
  await endpoint.arrived(1)
  await pass(6)
  expect(events.of('telemetry.export_failed')).toEqual([])
  await pass(1)
  await expect(events.until('telemetry.export_failed')).resolves.toMatchObject({
    fault: 'no end within 7 s',
    durationMs: 7_000,
  })
})

test('an answer has the time of exports, not that of requests of steps', async () => {
  const { events, pass } = await pushing((await startEndpoint()).url, {}, { totalTimeoutMs: 1 })
  await pass(60)
  const ended = await Promise.race([
    events.until('telemetry.export_completed'),
    events.until('telemetry.export_failed'),
  ])
  expect(ended).toMatchObject({ fault: null, bytes: expect.any(Number) as number })
})

/** Nothing failed, and nothing is over. */
async function expectNothingTold({ events, tasker, target }: Pushing): Promise<void> {
  expect(events.of('telemetry.export_failed')).toEqual([])
  expect(events.of('telemetry.export_completed')).toEqual([])
  const told = `tasker_exports_total{target="${target}"`
  await expect(tasker.metrics.text()).resolves.not.toContain(told)
}

test('a worker that stops calls its export off, and it is due again at once', async () => {
  const endpoint = await startEndpoint(['never'])
  const worker = await pushing(endpoint.url)
  const { pass, tasker } = worker
  await pass(60)
  await endpoint.arrived(1)
  await tasker.worker.stop()
  await expectNothingTold(worker)
  const [status] = (await tasker.exports.status()).targets
  expect(status).toMatchObject({ attempts: 0, isRunning: false })
  expect(status?.nextDueAt).toEqual(tasker.now())
})

test('one that no worker was there to go on with in its time is tried all the same', async () => {
  const endpoint = await startEndpoint(['never', { status: 500 }, { status: 204 }])
  const { events, pass, tasker } = await pushing(endpoint.url)
  await pass(60)
  await endpoint.arrived(1)
  await tasker.worker.stop()
  await pass(1_000)
  await tasker.worker.start()
  await pass(5)
  const failed = await events.until('telemetry.export_failed')
  expect(failed.attempt).toBe(1)
  expect(failed.fault).toBe('the answer was 500')
  expect(failed.retryAt).not.toBe(null)
  await tasker.worker.stop()
  await pass(1_000)
  await tasker.worker.start()
  await pass(5)
  await expect(events.until('telemetry.export_completed')).resolves.toMatchObject({ attempt: 2 })
})

test('a worker that stops does not wait for who exports to the same target, and skips nothing', async () => {
  const endpoint = await answering({ status: 204 })
  const worker = await pushing(endpoint.url)
  const { events, pass, tasker, target } = worker
  const other = await connected()
  await other.query(`insert into tasker.cache_entries values ($1, 'other', '2100-01-01')`, [
    `lock/metrics:export:${target}`,
  ])
  await pass(60)
  await events.until('telemetry.export_requested')
  await tasker.worker.stop()
  await expectNothingTold(worker)
  const [status] = (await tasker.exports.status()).targets
  expect(status).toMatchObject({ attempts: 0, isRunning: false, lastOutcome: null })
})

test('a worker that stops waits for its look into the schedule, and exports nothing after it', async () => {
  const endpoint = await answering({ status: 204 })
  const { events, pass, tasker, target } = await pushing(endpoint.url)
  const other = await connected()
  // Whoever looks waits for this.
  await other.query('begin')
  await other.query('lock table tasker.metric_exports in access exclusive mode')
  await pass(60)
  const watcher = await connected()
  await expect
    .poll(async () => {
      const { rows } = await watcher.query(
        `select 1 from pg_stat_activity
         where datname = current_database() and wait_event_type = 'Lock' and query like '%holder = $3%'`,
      )
      return rows.length
    })
    .toBe(1)
  let isStopped = false
  const stopping = tasker.worker.stop().then(() => {
    isStopped = true
  })
  await watcher.query('select 1')
  expect(isStopped).toBe(false)
  await other.query('commit')
  await stopping
  expect(endpoint.taken).toEqual([])
  const { rows } = await watcher.query(
    'select holder, attempts, last_outcome from tasker.metric_exports where export_key = $1',
    [target],
  )
  expect(rows).toEqual([{ holder: null, attempts: 0, last_outcome: null }])
  expect(events.of('telemetry.export_failed')).toEqual([])
})

test('what was ordered is put off while another exports to its target, and is not lost', async () => {
  const endpoint = await answering({ status: 204 })
  const { events, pass, tasker, target, clock } = await pushing(endpoint.url)
  const other = await connected()
  const key = `lock/metrics:export:${target}`
  await other.query(`insert into tasker.cache_entries values ($1, 'other', '2100-01-01')`, [key])
  const order = await tasker.exports.schedule({ target, inMs: 0 })
  await pass(5)
  await events.until('telemetry.export_requested')
  await expect
    .poll(async () => {
      await clock.advance(500)
      return (await tasker.exports.status()).ordered[0]?.dueAt.getTime()
    })
    .toBeGreaterThan(clock.nowMs() + 1_000)
  expect((await tasker.exports.status()).ordered).toMatchObject([
    { exportId: order.exportId, attempts: 0 },
  ])
  await other.query('delete from tasker.cache_entries where key = $1', [key])
  await pass(15)
  await expect(
    events.until('telemetry.export_completed', ({ outcome }) => outcome === 'done'),
  ).resolves.toMatchObject({ exportId: order.exportId, attempt: 1 })
})

test('orders that nobody can export are removed a day after their time, and hide no other', async () => {
  const endpoint = await answering({ status: 204 })
  const { events, pass, tasker, target, clock } = await pushing(endpoint.url)
  const other = await connected()
  await other.query(
    `insert into tasker.metric_exports (export_key, target, format, scope, is_ordered, export_id, due_at)
     select id::text, 'gone', 'json', 'auto', true, id, $1
     from (select gen_random_uuid() as id from generate_series(1, 150)) as made`,
    [new Date(clock.nowMs() - 86_400_000 + 30_000)],
  )
  const leftCount = async (): Promise<unknown> => {
    const { rows } = await other.query<{ left: number }>(
      `select count(*)::int as left from tasker.metric_exports where target = 'gone'`,
    )
    return rows[0]?.left
  }
  const { exportId } = await tasker.exports.schedule({ target, inMs: 3_600_000 })
  const { ordered } = await tasker.exports.status()
  expect(ordered).toHaveLength(100)
  expect(ordered.at(-1)).toMatchObject({ exportId })
  await expect(leftCount()).resolves.toBe(150)
  await pass(60)
  await events.until('telemetry.export_completed')
  // So many at once.
  await expect(leftCount()).resolves.toBe(50)
  await tasker.exports.schedule({ target, inMs: 3_600_000 })
  await expect(leftCount()).resolves.toBe(0)
  expect((await tasker.exports.status()).ordered).toHaveLength(2)
})
