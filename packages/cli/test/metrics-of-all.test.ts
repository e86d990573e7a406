// Metrics of several processes through a real Redis: two workers and a process that creates the tasks and is asked, one worker
// killed and started again; the sum is what the database counts.
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { createTasker, type MetricFamily, type Tasker } from '@tasker/engine'
import { startRedis } from '../../../tools/services/redis.ts'
import { cloneDatabase } from '../../engine/test/support/database.ts'
import { startCli } from './run-cli.ts'
import settings from './scraped.config.ts'

const config = fileURLToPath(new URL('./scraped.config.ts', import.meta.url))

const plain = 'scraped/plain'

const totalOf = (families: readonly MetricFamily[], name: string): number =>
  families
    .filter((family) => family.name === `tasker_${name}`)
    .flatMap(({ values }) => values)
    .reduce((sum, { value }) => sum + value, 0)

async function setup() {
  const redis = await startRedis()
  onTestFinished(() => redis.stop())
  const { url } = await cloneDatabase()
  const env = {
    TASKER_CACHE__STORE: 'redis',
    TASKER_CACHE__URL: redis.url,
    TASKER_TELEMETRY__SYNC_INTERVAL: '1',
    TASKER_ORCHESTRATION__LEASE_MS: '2000',
    TASKER_ORCHESTRATION__HEARTBEAT_INTERVAL_MS: '500',
  }
  const startWorker = () =>
    startCli(['worker', '--config', config, '--database', url, '--metrics-port', '0'], { env })
  const { definitions = [] } = settings
  const shared = {
    database: { url, migrate: 'off' },
    cache: { store: 'redis', url: redis.url },
    telemetry: { syncInterval: 1 },
  } as const
  const creator = await createTasker({ ...shared, definitions, metrics: true })
  onTestFinished(() => creator.close())
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  onTestFinished(() => client.end())
  const inDatabase = async (table: string): Promise<number> => {
    const { rows } = await client.query<{ count: number }>(
      `select count(*)::int as count from tasker.${table} where state = 'complete'`,
    )
    return rows[0]?.count ?? 0
  }
  return { startWorker, creator, shared, inDatabase }
}

async function runTasks(tasker: Tasker, count: number): Promise<void> {
  const requests = Array.from({ length: count }, () => ({ definition: plain, context: {} }))
  const created = await tasker.tasks.createMany(requests)
  await Promise.all(created.map(({ taskId }) => tasker.tasks.waitFor(taskId)))
}

const completed = async (tasker: Tasker, name = 'tasks_completed_total'): Promise<number> =>
  totalOf((await tasker.metrics.collect({ scope: 'all' })).families, name)

test('two workers and who asks: each task counts once, after a kill and a new start too, and syncs change nothing', async () => {
  const { startWorker, creator, shared, inDatabase } = await setup()
  const workers = [startWorker(), startWorker()]
  const [address = ''] = await Promise.all(
    workers.map(async (worker) => (await worker.untilStderr(/"url":"([^"]+\/metrics)"/))[1] ?? ''),
  )
  await runTasks(creator, 100)
  await expect.poll(() => completed(creator), { timeout: 15_000 }).toBe(100)

  const scraped = await fetch(`${address}?scope=all`)
  const text = await scraped.text()
  expect(text).toMatch(/tasker_tasks_completed_total\{[^}]*task="plain"[^}]*\} 100\n/)
  expect(text).toMatch(/tasker_worker_slots\{instance="[^"]+"\} \d+\n/)
  expect(text).toMatch(/tasker_tasks_in_state\{namespace="scraped",state="complete"\} 100\n/)
  const unknown = await fetch(`${address}?scope=everything`)
  expect([unknown.status, await unknown.text()]).toEqual([400, expect.stringContaining('`all`')])

  for (let sync = 0; sync < 10; sync += 1) {
    await expect(creator.metrics.sync()).resolves.toMatchObject({ isSynced: true, fault: null })
  }
  expect(await completed(creator)).toBe(100)

  // A process that collects nothing itself is told the same.
  const asking = await createTasker(shared)
  onTestFinished(() => asking.close())
  expect(await completed(asking)).toBe(100)
  const { live, isCollecting, store, retiredCount } = await asking.metrics.status()
  expect({ live: live.length, isCollecting, store, retiredCount }).toEqual({
    live: 3,
    isCollecting: false,
    store: 'RedisStore',
    retiredCount: 0,
  })

  workers[0]?.process.kill('SIGKILL')
  const syncing = creator.metrics.sync()
  const again = startWorker()
  await again.untilStderr(/worker started/)
  await syncing
  await runTasks(creator, 100)
  await expect.poll(() => completed(asking), { timeout: 15_000 }).toBe(200)
  expect(await inDatabase('tasks')).toBe(200)
  await expect
    .poll(() => completed(asking, 'steps_completed_total'), { timeout: 15_000 })
    .toBe(await inDatabase('workflow_steps'))

  for (const worker of [workers[1], again]) worker?.process.kill('SIGTERM')
  await Promise.all([workers[1]?.ended, again.ended])
  expect(await completed(asking)).toBe(200)
  expect((await asking.metrics.status()).live).toHaveLength(2) // the creator, and the killed one for a while
}, 90_000)

test('killed amid its work, a worker loses at most what it counted after its last sync', async () => {
  const { startWorker, creator, inDatabase } = await setup()
  const workers = [startWorker(), startWorker()]
  await Promise.all(workers.map((worker) => worker.untilStderr(/worker started/)))
  const running = runTasks(creator, 400)
  await expect.poll(() => completed(creator), { timeout: 15_000 }).toBeGreaterThan(20)
  const before = await completed(creator)
  workers[0]?.process.kill('SIGKILL')
  await running
  const second = workers[1]
  second?.process.kill('SIGTERM')
  await second?.ended
  const after = await completed(creator)
  expect(await inDatabase('tasks')).toBe(400)
  expect(after).toBeGreaterThanOrEqual(before)
  expect(after).toBeLessThanOrEqual(400)
}, 90_000)
