// Rule 10: the heartbeat says what the worker knows at the moment it is sent, and its answer comes later. What the worker
// was given in between is its own; what it was given and never learned of is handed back, and forgotten.
import { expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { finishSteps } from '../../src/database/steps.ts'
import { renewWorker, type HeldStep } from '../../src/database/workers.ts'
import { Lease } from '../../src/dispatch/lease.ts'
import type { CallId } from '../../src/ids.ts'
import { countOf, finishCall, labsOfFile, outcomeOf, type Lab, sorted } from './lab.ts'

const openLab = labsOfFile()
const hourMs = 3_600_000

/** One heartbeat of a worker that claims a step in a call of which `calls` may know. */
async function beatAround(lab: Lab, calls: (callId: CallId) => readonly CallId[]) {
  const definition = await lab.define([['a', []]])
  await lab.create(definition)
  const call = { lanes: [definition], want: 1, callId: finishCall(1 as never).callId } // only its id is used
  const handedBack: HeldStep[] = []
  const ignore = (): void => undefined
  const lease = new Lease({
    database: lab.eye.database,
    clock: systemClock,
    serves: [definition],
    heartbeatIntervalMs: hourMs,
    leaseMs: hourMs,
    scanIntervalMs: hourMs,
    sweepIntervalMs: hourMs,
    lostLimit: 5,
    slots: () => ({ slots: 1, slotsMax: 1, slotsInUse: 0, slotsReason: null }),
    holding: () => [],
    calls: () => calls(call.callId),
    abort: ignore,
    handBack: (steps) => handedBack.push(...steps),
    expired: ignore,
    renewed: ignore,
    replaced: ignore,
    rescued: ignore,
    repaired: ignore,
    answered: ignore,
    unanswered: ignore,
    defect: ignore,
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
