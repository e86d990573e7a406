// Rule 10: the heartbeat says what the worker knows at the moment it is sent, and its answer comes later. What the worker
// was given in between is its own; what it was given and never learned of is handed back, and forgotten.
import { expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { connect, type Database } from '../../src/database/connect.ts'
import { finishSteps } from '../../src/database/steps.ts'
import { renewWorker, type HeldStep } from '../../src/database/workers.ts'
import { Lease, type LeaseOptions } from '../../src/dispatch/lease.ts'
import type { CallId, DefinitionId } from '../../src/ids.ts'
import { Watched } from '../../src/watched.ts'
import { workerState } from './overdue.ts'
import { start, valueOf, waitsForLock } from './interleave.ts'
import { countOf, finishCall, labsOfFile, outcomeOf, type Lab, sorted } from './lab.ts'

const openLab = labsOfFile()
const hourMs = 3_600_000

const ignore = (): void => undefined

/** A lease that does nothing by itself within an hour. */
function quietLease(lab: Lab, definition: DefinitionId, options: Partial<LeaseOptions>): Lease {
  return new Lease({
    database: lab.eye.database,
    clock: systemClock,
    operations: new Watched(),
    serves: [definition],
    heartbeatIntervalMs: hourMs,
    leaseMs: hourMs,
    scanIntervalMs: hourMs,
    sweepIntervalMs: hourMs,
    lostLimit: 5,
    journalKeptHours: 1,
    slots: () => ({ slots: 1, slotsMax: 1, slotsInUse: 0, slotsReason: null }),
    holding: () => [],
    calls: () => [],
    abort: ignore,
    handBack: ignore,
    expired: ignore,
    renewed: ignore,
    replaced: ignore,
    rescued: ignore,
    repaired: ignore,
    answered: ignore,
    unanswered: ignore,
    defect: ignore,
    ...options,
  })
}

/** One heartbeat of a worker that claims a step in a call of which `calls` may know. */
async function beatAround(lab: Lab, calls: (callId: CallId) => readonly CallId[]) {
  const definition = await lab.define([['a', []]])
  await lab.create(definition)
  const call = { lanes: [definition], want: 1, callId: finishCall(1 as never).callId } // only its id is used
  const handedBack: HeldStep[] = []
  const lease = quietLease(lab, definition, {
    calls: () => calls(call.callId),
    handBack: (steps) => handedBack.push(...steps),
  })
  await lease.start()
  onTestFinished(() => lease.stop())
  await finishSteps(lab.eye.database, finishCall(lease.workerId, call))
  await lease.beat()
  return handedBack
}

test('a claim of a call that was sent while the heartbeat was under way is kept', async () => {
  let looks = 0
  const handedBack = await beatAround(await openLab(), (callId) => {
    looks += 1
    return looks === 1 ? [] : [callId]
  })
  expect(handedBack).toEqual([])
})

test('a claim of a call that the worker knows neither before nor after is handed back', async () => {
  const handedBack = await beatAround(await openLab(), () => [])
  expect(handedBack).toMatchObject([{ stepNo: 1, claimNo: 1 }])
})

test('the receipt of such a call goes once its steps are settled, and no other does', async () => {
  const lab = await openLab()
  const definition = await lab.define([['a', []]])
  for (let task = 0; task < 3; task += 1) await lab.create(definition)
  const workerId = await lab.worker([definition])
  const claim = () => finishCall(workerId, { lanes: [definition], want: 1 })
  const [forgotten, known, running] = [claim(), claim(), claim()]
  const replies = []
  for (const call of [forgotten, known, running]) {
    replies.push(await finishSteps(lab.eye.database, call))
  }
  const renew = () =>
    renewWorker(lab.eye.database, {
      workerId,
      leaseMs: hourMs,
      slots: 1,
      holding: [],
      calls: [known.callId],
      now: null,
    })
  await renew()
  expect(await countOf(lab, 'select count(*) from tasker.receipts')).toBe(3)
  const ended = replies.slice(0, 2).flatMap(({ claims }) => claims)
  await lab.finish(
    workerId,
    ended.map((step) => outcomeOf(step, { kind: 'release' })),
  )
  await renew()
  const left = await lab.eye.query('select call_id from tasker.receipts')
  expect(sorted(left.map((row) => row['call_id']))).toEqual(sorted([known.callId, running.callId]))
})

/** A process with one connection for its calls. */
function processOn(url: string): Database {
  const database = connect({
    url,
    schema: 'tasker',
    poolSize: 1,
    transactionPoolSize: 1,
    connectTimeoutMs: 30_000,
    statementTimeoutMs: 30_000,
    applicationName: 'tasker',
    preparedStatements: true,
  })
  onTestFinished(() => database.close())
  return database
}

test('a heartbeat waits behind no other call, however many have taken all connections', async () => {
  const lab = await openLab()
  const database = processOn(lab.url)
  const lease = quietLease(lab, await lab.define([['a', []]]), { database })
  await lease.start()
  onTestFinished(() => lease.stop())
  const holder = await lab.connect()
  await holder.query('select pg_advisory_lock(7)')
  const wait = (): Promise<unknown> => database.run('', 'select pg_advisory_xact_lock(7)', [])
  const others = [wait(), wait(), wait()]
  await lease.beat()
  expect(database.connections().calls.waiting).toBe(2)
  await holder.query('select pg_advisory_unlock(7)')
  await Promise.all(others)
})

test('a heartbeat without an answer is given up while there is time for another', async () => {
  const lab = await openLab()
  const definition = await lab.define([['a', []]])
  const lease = quietLease(lab, definition, { database: processOn(lab.url), leaseMs: 6_000 })
  await lease.start()
  onTestFinished(() => lease.stop())
  const holder = await lab.connect()
  await holder.query('begin')
  await lease.beat() // half a lease from here on is ample, on a busy machine too
  await holder.query('select 1 from tasker.workers for update')
  await expect(lease.beat()).rejects.toMatchObject({ code: 'DATABASE_UNREACHABLE' })
  expect(lease.isValid).toBe(true)
  await holder.query('commit')
  await lease.beat()
})

test('a process that stood still knows that its lease is over before any timer tells it', async () => {
  const lab = await openLab()
  const definition = await lab.define([['a', []]])
  let nowMs = 0
  const clock = { ...systemClock, monotonicMs: () => nowMs, schedule: () => ignore }
  const lease = quietLease(lab, definition, { clock, leaseMs: 1_000 })
  await lease.start()
  onTestFinished(() => lease.stop())
  const other = await lab.worker([definition], -1)
  nowMs = 1_000
  expect(lease.isValid).toBe(false)
  await lease.scan()
  expect(await workerState(lab, other)).toBe('live') // it may have stood still as well, and is about to renew
  await lease.beat()
  expect(lease.isValid).toBe(true)
})

test('a worker that stops while it registers under a new id leaves no live row behind', async () => {
  const lab = await openLab()
  const definition = await lab.define([['a', []]])
  const [own, holder] = [await lab.connect(), await lab.connect()]
  const lease = quietLease(lab, definition, { database: own.database })
  await lease.start()
  await holder.query('begin')
  await holder.query("update tasker.workers set state = 'lost'")
  const beating = start(own, () => lease.beat())
  expect(await waitsForLock(lab, beating)).toBe(true)
  const stopping = lease.stop()
  await holder.query('commit')
  await Promise.all([valueOf(beating), stopping])
  expect(await countOf(lab, "select count(*) from tasker.workers where state = 'live'")).toBe(0)
})
