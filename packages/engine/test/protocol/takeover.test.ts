// Rules 10 and 11, M5 and M6: takeover and heartbeat compare on the worker's row, so exactly one wins; and nobody is given
// up for a silence that PostgreSQL itself caused.
import { describe, expect, test } from 'vitest'
import { finishSteps } from '../../src/database/steps.ts'
import { overdue, overMs, renew, rescue, twentyDaysMs, workerState } from './overdue.ts'
import { start, valueOf, waitsForLock } from './interleave.ts'
import { finishCall, labsOfFile, outcomeOf, type Lab } from './lab.ts'
import { replaceOnce, withoutRule } from './without-rule.ts'

const openLab = labsOfFile()

describe('takeover and heartbeat at once', () => {
  async function heartbeatFirst(lab: Lab) {
    const { dead, rescuer } = await overdue(lab)
    const [renewing, rescuing] = [await lab.connect(), await lab.connect()]
    await renewing.query('begin')
    const renewal = await renew(renewing, dead)
    const scan = start(rescuing, () => rescue(lab, rescuer, { on: rescuing }))
    expect(await waitsForLock(lab, scan)).toBe(true)
    await renewing.query('commit')
    await valueOf(scan)
    return { isLive: renewal.isLive, state: await workerState(lab, dead) }
  }

  async function takeoverFirst(lab: Lab) {
    const { dead, rescuer } = await overdue(lab)
    const [renewing, rescuing] = [await lab.connect(), await lab.connect()]
    await rescuing.query('begin')
    await rescue(lab, rescuer, { on: rescuing })
    const renewal = start(renewing, () => renew(renewing, dead))
    expect(await waitsForLock(lab, renewal)).toBe(true)
    await rescuing.query('commit')
    return { isLive: (await valueOf(renewal)).isLive, state: await workerState(lab, dead) }
  }

  test('the heartbeat came first: the worker lives', async () => {
    expect(await heartbeatFirst(await openLab())).toEqual({ isLive: true, state: 'live' })
  })

  test('the takeover came first: the worker is told', async () => {
    expect(await takeoverFirst(await openLab())).toEqual({ isLive: false, state: 'lost' })
  })

  test('a takeover that compares in a list beside the row buries a worker that has just renewed', async () => {
    const lab = await openLab()
    await withoutRule(lab, 'rescue_steps', (sql) =>
      replaceOnce(
        sql,
        `where w.state = 'live' and w.lease_until < v_now;`,
        `where w.worker_id = any (array(
           select o.worker_id from tasker.workers o where o.state = 'live' and o.lease_until < v_now));`,
      ),
    )
    expect(await heartbeatFirst(lab)).toEqual({ isLive: true, state: 'lost' })
  })

  test('a heartbeat that does not compare tells a buried worker that it lives', async () => {
    const lab = await openLab()
    await withoutRule(lab, 'renew_worker', (sql) => replaceOnce(sql, `and w.state = 'live'`, ''))
    expect(await takeoverFirst(lab)).toEqual({ isLive: true, state: 'lost' })
  })
})

describe('takeover and a finishing call that waits for it', () => {
  async function finishDuringTakeover(lab: Lab) {
    const { definition, dead, rescuer, a } = await overdue(lab)
    const [rescuing, finishing] = [await lab.connect(), await lab.connect()]
    await rescuing.query('begin')
    await rescue(lab, rescuer, { on: rescuing })
    const call = finishCall(dead, { outcomes: [outcomeOf(a)], want: 1, lanes: [definition] })
    const finish = start(finishing, () => finishSteps(finishing.database, call))
    expect(await waitsForLock(lab, finish)).toBe(true)
    await rescuing.query('commit')
    const { unrecorded, claims, isWorkerLost } = await valueOf(finish)
    return { answers: unrecorded.map(({ answer }) => answer), claims: claims.length, isWorkerLost }
  }

  test('it refuses the outcome, says that the worker is lost, and gives it nothing', async () => {
    expect(await finishDuringTakeover(await openLab())).toEqual({
      answers: ['refused'],
      claims: 0,
      isWorkerLost: true,
    })
  })
})

describe('the heartbeat', () => {
  test('names what to abort: steps that were settled, and steps that another claim holds', async () => {
    const lab = await openLab()
    const { dead, a } = await overdue(lab)
    expect(await renew(lab.eye, dead, [a])).toMatchObject({ isLive: true, abort: [] })
    const [stale, unknown] = [
      { taskId: a.taskId, stepNo: a.stepNo, claimNo: 7 },
      { taskId: a.taskId, stepNo: 9, claimNo: 1 },
    ]
    expect((await renew(lab.eye, dead, [a, stale, unknown])).abort).toEqual([stale, unknown])
    await lab.finish(dead, [outcomeOf(a)])
    expect((await renew(lab.eye, dead, [a])).abort).toMatchObject([{ claimNo: 1, stepNo: 1 }])
  })

  test('renews a lease that ran out and that nobody took', async () => {
    const lab = await openLab()
    const { dead, rescuer } = await overdue(lab)
    expect(await renew(lab.eye, dead)).toMatchObject({ isLive: true })
    await rescue(lab, rescuer)
    expect(await workerState(lab, dead)).toBe('live')
  })
})

describe('nobody is given up', () => {
  /** Every worker has renewed for longer than twenty days. */
  const renewedForLong = (lab: Lab) =>
    lab.eye.query(`update tasker.workers set renewed_since = renewed_since - interval '21 days'`)

  const withoutPauseAfterStart = (lab: Lab) =>
    withoutRule(lab, 'rescue_steps', (sql) =>
      replaceOnce(sql, `pg_postmaster_start_time() < v_now - v_lease`, 'true'),
    )

  test('within one lease of the start of PostgreSQL, when nobody could renew', async () => {
    const lab = await openLab()
    const { dead, rescuer } = await overdue(lab)
    await renewedForLong(lab)
    await rescue(lab, rescuer, { leaseMs: twentyDaysMs })
    expect(await workerState(lab, dead)).toBe('live')
    await rescue(lab, rescuer)
    expect(await workerState(lab, dead)).toBe('lost')
  })

  test('without that pause everybody would be', async () => {
    const lab = await openLab()
    await withoutPauseAfterStart(lab)
    const { dead, rescuer } = await overdue(lab)
    await renewedForLong(lab)
    await rescue(lab, rescuer, { leaseMs: twentyDaysMs })
    expect(await workerState(lab, dead)).toBe('lost')
  })

  test('by a worker that has not yet renewed for one whole lease itself', async () => {
    const lab = await openLab()
    const { dead, rescuer } = await overdue(lab)
    await rescue(lab, rescuer, { mayTakeOver: false })
    expect(await workerState(lab, dead)).toBe('live')
  })

  test('by a worker whose own lease has run out: it may be the one that was away', async () => {
    const lab = await openLab()
    const { definition, dead } = await overdue(lab)
    const woken = await lab.worker([definition], overMs)
    await rescue(lab, woken)
    expect(await workerState(lab, dead)).toBe('live')
    expect(await workerState(lab, woken)).toBe('live')
  })

  test('by a worker that has renewed after a gap that its own clock did not see', async () => {
    const lab = await openLab()
    await withoutPauseAfterStart(lab)
    const { definition, dead, rescuer } = await overdue(lab)
    const woken = await lab.worker([definition], overMs)
    await renewedForLong(lab)
    await renew(lab.eye, woken)
    await renew(lab.eye, rescuer)
    await rescue(lab, woken, { leaseMs: twentyDaysMs })
    expect(await workerState(lab, dead)).toBe('live')
    await rescue(lab, rescuer, { leaseMs: twentyDaysMs })
    expect(await workerState(lab, dead)).toBe('lost')
  })
})
