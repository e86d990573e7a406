// What wakes a worker, what happens when that breaks, and what an idle worker costs.
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { createTasker, defineTask, RetryableError } from '../../src/index.ts'
import { testClock, type TestClock } from '../../src/testing/index.ts'
import { cloneDatabase } from '../support/database.ts'
import { gate } from './handlers.ts'
import { stage } from './stage.ts'

const single = defineTask({ namespace: 'waking', name: 'single', version: '1.0.0' }).step(
  'only',
  async () => 1,
)

async function open(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  onTestFinished(() => client.end())
  return client
}

/** The session that listens, other than the one given. Each look is a round trip. */
async function listener(client: pg.Client, before: number | null = null): Promise<number> {
  for (;;) {
    const { rows } = await client.query<{ pid: number }>(
      `select pid from pg_stat_activity
       where datname = current_database() and query ilike 'listen%' and pid is distinct from $1`,
      [before],
    )
    const [row] = rows
    if (row !== undefined) return row.pid
  }
}

test('a worker whose LISTEN connection is ended listens again at once, and looks for what it missed', async () => {
  const { url } = await cloneDatabase()
  const client = await open(url)
  const { tasker, clock, events } = await stage(url, {
    definitions: [single],
    orchestration: { listen: true, pollIntervalMs: 60_000 },
  })
  const first = await listener(client)
  await tasker.namespaces.hold('waking')
  const { taskId } = await tasker.tasks.create(single, { context: {} })
  await clock.advance(61_000)
  await tasker.worker.settled()
  // Due from here on, and nobody is told.
  await client.query('update tasker.definitions set held = false')
  expect(events.of('step.execution_requested')).toEqual([])

  await client.query('select pg_terminate_backend($1)', [first])
  // The clock stands still: no poll finds it.
  await events.until('task.completed', (task) => task.taskId === taskId)
  const second = await listener(client, first)

  // One that is ended as soon as it listens is not opened again and again.
  await client.query('select pg_terminate_backend($1)', [second])
  await tasker.worker.settled()
  await clock.advance(60_000)
  expect(await listener(client, second)).not.toBe(second)
})

/** A clock that tells after how long each of its timers, as yet neither fired nor called off, was to fire. */
function countingClock(): TestClock & { readonly delaysMs: () => readonly number[] } {
  const clock = testClock()
  const delays = new Map<symbol, number>()
  return {
    ...clock,
    delaysMs: () => [...delays.values()],
    schedule(delayMs, run) {
      const timer = Symbol('timer')
      delays.set(timer, delayMs)
      const cancel = clock.schedule(delayMs, () => {
        delays.delete(timer)
        return run()
      })
      return () => {
        delays.delete(timer)
        cancel()
      }
    },
  }
}

test('a worker that stops while it waits to listen again leaves no timer behind', async () => {
  const { url } = await cloneDatabase()
  const client = await open(url)
  const clock = countingClock()
  const pollIntervalMs = 59_000
  const { tasker } = await stage(url, {
    definitions: [single],
    clock,
    orchestration: { listen: true, pollIntervalMs },
  })
  await tasker.worker.settled()
  await client.query('select pg_terminate_backend($1)', [await listener(client)])
  const waits = (): number => clock.delaysMs().filter((ms) => ms === pollIntervalMs).length
  // The poll, the look for hooks, and the next try to listen. Each look is a round trip.
  while (waits() < 3) await client.query('select 1')
  await tasker.worker.stop()
  expect(clock.delaysMs()).toEqual([])
})

test('an idle worker costs less than two statements a second, by the defaults', async () => {
  const { url } = await cloneDatabase()
  const client = await open(url)
  const clock = testClock()
  const tasker = await createTasker({ database: url, definitions: [single], clock })
  onTestFinished(() => tasker.close())
  await tasker.worker.start()
  await tasker.worker.settled()
  await client.query(
    `select pg_stat_statements_reset(0, (select oid from pg_database where datname = current_database()))`,
  )
  const seconds = 120
  for (let second = 0; second < seconds; second += 1) {
    await clock.advance(1_000)
    await tasker.worker.settled()
  }
  const { rows } = await client.query<{ called: string; calls: number }>(
    `select coalesce(substring(query from 'tasker\\.(\\w+)\\('), query) as called, calls::integer
     from pg_stat_statements s join pg_database d on d.oid = s.dbid
     where d.datname = current_database() and toplevel and query !~ 'pg_stat_statements'`,
  )
  const calls = Object.fromEntries(rows.map((row) => [row.called, row.calls]))
  const total = rows.reduce((sum, row) => sum + row.calls, 0)
  expect(calls).toMatchObject({ renew_worker: seconds / 5, rescue_steps: seconds / 5 })
  expect(calls['finish_steps']).toBeGreaterThanOrEqual(seconds - 1) // it did poll
  expect(total).toBeLessThan(2 * seconds)
})

test('a step that another session holds is looked for ever more rarely, and found when it is let go', async () => {
  const { url } = await cloneDatabase()
  const client = await open(url)
  const { tasker, clock, events } = await stage(url, {
    definitions: [single],
    orchestration: { listen: false, pollIntervalMs: 1_000 },
  })
  await tasker.namespaces.hold('waking')
  const { taskId } = await tasker.tasks.create(single, { context: {} })
  await tasker.worker.settled()
  await client.query('begin')
  await client.query('select 1 from tasker.due where task_id = $1 for update', [taskId])
  await tasker.namespaces.resume('waking')
  tasker.worker.wake()
  await client.query(
    `select pg_stat_statements_reset(0, (select oid from pg_database where datname = current_database()))`,
  )
  const advance = async (): Promise<void> => {
    await clock.advance(20)
    await tasker.worker.settled()
  }
  for (let ms = 0; ms < 4_000; ms += 20) await advance()
  const { rows } = await client.query<{ calls: number }>(
    `select sum(calls)::integer as calls
     from pg_stat_statements s join pg_database d on d.oid = s.dbid
     where d.datname = current_database() and toplevel and query like '%finish_steps(%'`,
  )
  // 20, 40, 80, 160, 320, 640 ms, then every second like any poll.
  expect(rows[0]?.calls).toBeLessThanOrEqual(10)
  expect(rows[0]?.calls).toBeGreaterThan(5)

  await client.query('rollback')
  const done = events.until('task.completed', (task) => task.taskId === taskId)
  for (let ms = 0; ms <= 1_000; ms += 20) await advance()
  await done
})

test('a retry comes in time though the call that recorded it had no slot left to look for it', async () => {
  const { url } = await cloneDatabase()
  const [together, first, never] = [gate(), gate(), gate()]
  const definition = defineTask({ namespace: 'waking', name: 'retried', version: '1.0.0' })
    .step('fails', async ({ attempt }) => {
      await together.opened
      if (attempt === 1) throw new RetryableError('not yet', { afterMs: 100 })
    })
    .step('splits', async () => together.opened)
    .step('ends', { dependsOn: ['splits'] }, async () => first.opened)
    .step('runs', { dependsOn: ['splits'] }, async () => never.opened)
    .step('runs_too', { dependsOn: ['splits'] }, async () => never.opened)
    .step('ends_too', { dependsOn: ['ends'] }, async () => null)
  const { tasker, clock, events } = await stage(url, {
    definitions: [definition],
    orchestration: { pollIntervalMs: 60_000, dueEveryCalls: 1_000 },
    execution: { minConcurrentSteps: 3, maxConcurrentStepsLimit: 3 },
  })
  const started = (name: string) =>
    events.until('step.execution_requested', ({ stepName }) => stepName === name)
  await tasker.tasks.create(definition, { context: {} })
  await tasker.worker.settled()
  together.open()
  await started('runs_too')
  first.open()
  await started('ends_too')
  await tasker.worker.settled()
  await clock.advance(100)
  await tasker.worker.settled()
  const runs = events.of('step.execution_requested').filter(({ stepName }) => stepName === 'fails')
  expect(runs).toHaveLength(2)
  never.open()
})
