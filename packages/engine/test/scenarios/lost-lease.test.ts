// A worker whose lease ran out, seen from inside: it starts nothing, aborts what runs before anybody may take it over,
// takes over nobody itself, and goes on under a new id.
import { expect, onTestFinished, test } from 'vitest'
import pg from 'pg'
import { defineTask } from '../../src/definitions/builder.ts'
import { cloneDatabase } from '../support/database.ts'
import { gate } from './handlers.ts'
import { stage } from './stage.ts'
import { suspendedClock } from './suspended-clock.ts'

const leaseMs = 15_000
/** Heartbeats come when the test says so. */
const rarely = 300_000
const orchestration = {
  leaseMs,
  heartbeatIntervalMs: 5_000,
  scanIntervalMs: rarely,
  sweepIntervalMs: rarely,
  pollIntervalMs: 60_000,
}

async function open(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  onTestFinished(() => client.end())
  return client
}

/** Waits until some other session waits for a lock. Bounded by the number of looks. */
async function somebodyWaits(client: pg.Client): Promise<void> {
  for (let look = 0; look < 2_000; look += 1) {
    const { rows } = await client.query(
      `select 1 from pg_stat_activity
       where datname = current_database() and wait_event_type = 'Lock' and pid <> pg_backend_pid()`,
    )
    if (rows.length > 0) return
  }
  throw new Error('nobody came to wait for the lock')
}

/** A worker whose first claim is under way: it waits at its receipt until `arrive`. */
async function withClaimUnderWay(name: string) {
  const { url } = await cloneDatabase()
  const ran: number[] = []
  const definition = defineTask({ name }).step('only', async ({ claimNo }) => {
    ran.push(claimNo)
    return claimNo
  })
  const clock = suspendedClock()
  const set = await stage(url, {
    definitions: [definition],
    clock,
    isWorking: false,
    orchestration,
    poolSize: 2, // one of them waits for a lock
  })
  const { taskId } = await set.tasker.tasks.create(definition, { context: {} })
  const client = await open(url)
  const look = await open(url)
  await client.query('begin; lock table tasker.receipts in exclusive mode')
  await set.tasker.worker.start()
  await somebodyWaits(look)
  const arrive = async (): Promise<void> => {
    await client.query('commit')
    await set.tasker.worker.settled()
  }
  return { ...set, clock, ran, taskId, look, arrive }
}

test.each([{ isAsleep: false }, { isAsleep: true }])(
  'a claim that arrives when the process wakes up after its lease is handed back, not started: $isAsleep',
  async (how) => {
    const { tasker, clock, ran, taskId, arrive } = await withClaimUnderWay('woken_up')
    clock.suspend(leaseMs, how)
    await arrive() // before any timer has fired
    expect(ran).toEqual([])
    expect((await tasker.tasks.get(taskId)).steps).toMatchObject([
      { state: 'pending', attempts: 0, losses: 0 },
    ])
  },
)

test('a claim of its former self is handed back by a worker that goes on under a new id', async () => {
  const { tasker, clock, ran, taskId, look, arrive } = await withClaimUnderWay('former_self')
  await look.query("update tasker.workers set state = 'lost'")
  await clock.advance(5_000)
  expect((await tasker.workers()).map(({ state }) => state)).toEqual(['live', 'lost'])
  await arrive()
  expect(ran).toEqual([2]) // handed back by the new one, then claimed by it
  const task = await tasker.tasks.waitFor(taskId)
  expect(task.steps).toMatchObject([{ state: 'complete', attempts: 1, losses: 0 }])
  const history = await tasker.tasks.history(taskId)
  expect(history.map(({ reason }) => reason)).toContain('not_started')
})

test.each([{ isAsleep: false }, { isAsleep: true }])(
  'a worker that was suspended takes over nobody until it has renewed for a whole lease: $isAsleep',
  async (how) => {
    const { url } = await cloneDatabase()
    const definition = defineTask({ name: 'nothing' }).step('only', async () => null)
    const clock = suspendedClock()
    const { tasker } = await stage(url, {
      definitions: [definition],
      clock,
      orchestration: { ...orchestration, scanIntervalMs: 1_000 },
    })
    const client = await open(url)
    const { rows } = await client.query<{ id: number }>(
      `insert into tasker.workers (state, host, pid, version, serves, slots, started_at, seen_at, lease_until)
       select 'live', 'other', 1, version, '{}', 1, $1, $1, $1 from tasker.workers returning worker_id as id`,
      [clock.now()],
    )
    const stateOfOther = async (): Promise<string | undefined> =>
      (await tasker.workers()).find(({ workerId }) => workerId === rows[0]?.id)?.state
    clock.suspend(10 * leaseMs, how)
    await clock.advance(2_000) // scans, and no heartbeat yet
    expect(await stateOfOther()).toBe('overdue')
    await clock.advance(leaseMs) // heartbeats, and not yet a whole lease of them
    expect(await stateOfOther()).toBe('overdue')
    await clock.advance(leaseMs)
    expect(await stateOfOther()).toBe('lost')
  },
)

test('what a handler answers after its worker was given up is refused, counted, published and kept', async () => {
  const { url } = await cloneDatabase()
  const charged = gate()
  const reasons: unknown[] = []
  const definition = defineTask({ name: 'given_up' }).step(
    'charge',
    async ({ claimNo, signal }) => {
      if (claimNo > 1) return 'by another'
      signal.addEventListener('abort', () => reasons.push(signal.reason))
      await charged.opened
      return 'charged'
    },
  )
  const given = { definitions: [definition], orchestration }
  const frozen = await stage(url, { ...given, clock: suspendedClock() })
  const { taskId } = await frozen.tasker.tasks.create(definition, { context: {} })
  await frozen.events.until('step.execution_requested')
  const other = await stage(url, {
    ...given,
    orchestration: { ...orchestration, scanIntervalMs: 5_000 },
  })
  await other.clock.advance(2 * leaseMs)
  expect(await other.run(taskId)).toMatchObject({ results: { charge: 'by another' } })

  await frozen.clock.advance(5_000) // a heartbeat: it learns that it was given up
  expect(reasons).toEqual([expect.objectContaining({ abortCause: 'lease_lost' })])
  charged.open()
  await frozen.events.until('step.outcome_refused')
  expect(frozen.tasker.worker.lateOutcomeCount).toBe(1)
  const history = await other.tasker.tasks.history(taskId)
  expect(history.findLast(({ reason }) => reason === 'outcome_refused')).toMatchObject({
    step: 'charge',
    metadata: { result: 'charged' },
  })
})
