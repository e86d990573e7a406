// Rules 8 to 11; S3, S6, S8, S9, M5 and M6: a dead worker's steps are found by their receipts, taken over once, through the
// ordinary finish, and one crash convicts the step that caused it, not its neighbours.
import { describe, expect, test } from 'vitest'
import { finishSteps, rescueSteps, type FinishReply } from '../../src/database/steps.ts'
import { renewWorker, stopWorker } from '../../src/database/workers.ts'
import type { DefinitionId, TaskId, WorkerId } from '../../src/ids.ts'
import { start, valueOf, waitsForLock } from './interleave.ts'
import { checkInvariants } from './invariants.ts'
import {
  countOf,
  finishCall,
  labsOfFile,
  named,
  outcomeOf,
  stepStatesOf,
  taskStateOf,
  type Connection,
  type Lab,
  type StepRef,
} from './lab.ts'
import { replaceOnce, withoutRule } from './without-rule.ts'

const openLab = labsOfFile()
/** Longer than this server has been up. */
const twentyDaysMs = 20 * 86_400_000
/** A worker with this lease is overdue from the start. */
const overMs = -1

interface RescueParts {
  readonly on?: Connection
  readonly leaseMs?: number
  readonly mayTakeOver?: boolean
}

function rescue(lab: Lab, workerId: WorkerId, parts: RescueParts = {}): Promise<FinishReply> {
  const { on = lab.eye, leaseMs = 1, mayTakeOver = true } = parts
  return rescueSteps(on.database, {
    workerId,
    leaseMs,
    mayTakeOver,
    lostLimit: 5,
    receiptsMax: 100,
    now: null,
  })
}

function renew(on: Connection, workerId: WorkerId, holding: readonly StepRef[] = []) {
  const parts = { leaseMs: 60_000, slots: 1, holding, calls: [], now: null }
  return renewWorker(on.database, { workerId, ...parts })
}

const workerState = async (lab: Lab, workerId: WorkerId): Promise<unknown> => {
  const sql = 'select state from tasker.workers where worker_id = $1'
  return (await lab.eye.query(sql, [workerId]))[0]?.['state']
}

/** One step, claimed by a worker whose lease is over; a rescuer that is alive. */
async function overdue(lab: Lab, retryable = true) {
  const definition = await lab.define([['a', [], { retryable, retry_limit: retryable ? 3 : 1 }]])
  const taskId = await lab.create(definition)
  const dead = await lab.worker([definition], overMs)
  const rescuer = await lab.worker([definition])
  const { claims } = await lab.claim(dead, [definition])
  return { definition, taskId, dead, rescuer, a: named(claims, 'a') }
}

/** Claims with a worker that then dies, and rescues. */
async function loseOnce(lab: Lab, lanes: readonly number[], definition: DefinitionId, rescuer: WorkerId) {
  const dead = await lab.worker([definition], overMs)
  const { claims } = await lab.claim(dead, lanes, 10)
  await rescue(lab, rescuer)
  return claims
}

async function stepOf(lab: Lab, taskId: TaskId) {
  const [row] = await lab.eye.query(
    `select s.state, s.attempts, s.losses, s.claim_no, d.lane
     from tasker.workflow_steps s
     left join tasker.due d on d.task_id = s.task_id and d.step_no = s.step_no
     where s.task_id = $1 and s.step_no = 1`,
    [taskId],
  )
  return row
}

test('the steps of a worker whose lease ran out are due again, the attempt handed back', async () => {
  const lab = await openLab()
  const { definition, taskId, dead, rescuer } = await overdue(lab)
  const reply = await rescue(lab, rescuer)
  expect([...reply.recorded.values()]).toMatchObject([{ to: 'error' }])
  expect(await workerState(lab, dead)).toBe('lost')
  const step = { state: 'error', attempts: 0, losses: 1, claim_no: 1, lane: definition }
  expect(await stepOf(lab, taskId)).toEqual(step)
  expect(await countOf(lab, 'select count(*) from tasker.receipts')).toBe(0)
  expect(await checkInvariants(lab.eye.client, 'tasker')).toEqual([])
})

test('what a stopped worker forgot to hand back is found in the same way', async () => {
  const lab = await openLab()
  const { taskId, dead, rescuer } = await overdue(lab)
  await stopWorker(lab.eye.database, dead, null)
  await rescue(lab, rescuer, { mayTakeOver: false })
  expect(await workerState(lab, dead)).toBe('stopped')
  expect(await stepOf(lab, taskId)).toMatchObject({ state: 'error', losses: 1 })
})

describe('a finish that commits while a rescue waits for its task', () => {
  /** The rescue read its list before; its outcome stands in line behind the finish. */
  async function race(lab: Lab) {
    const { taskId, dead, rescuer, a } = await overdue(lab)
    const [finishing, rescuing] = [await lab.connect(), await lab.connect()]
    await finishing.query('begin')
    const charged = finishCall(dead, { outcomes: [outcomeOf(a, { result: '"charged"' })] })
    await finishSteps(finishing.database, charged)
    const lost = [{ task_id: taskId, step_no: 1, claim_no: 1, kind: 'lost', reason: 'worker_lost' }]
    const call = start(rescuing, () =>
      rescuing.query(
        `select tasker.finish_steps($1, gen_random_uuid(), $2::jsonb, true, 0, '{}', false, '{}', 'rescue by worker:2',
           5, 0)`,
        [rescuer, JSON.stringify(lost)],
      ),
    )
    expect(await waitsForLock(lab, call)).toBe(true)
    await finishing.query('commit')
    await valueOf(call)
    return taskId
  }

  test('stands: nothing is rescued, and the history says nothing of it', async () => {
    const lab = await openLab()
    const taskId = await race(lab)
    expect(await stepOf(lab, taskId)).toMatchObject({ state: 'complete', losses: 0, lane: null })
    expect(await taskStateOf(lab, taskId)).toBe('complete')
    const entries = 'select count(*) from tasker.workflow_step_transitions'
    expect(await countOf(lab, entries)).toBe(1)
  })

  test('is overwritten when the conditions stand only in the list: it would be charged again', async () => {
    const lab = await openLab()
    await withoutRule(lab, 'finish_steps', (sql) =>
      replaceOnce(
        replaceOnce(
          sql,
          `where s.state = 'in_progress'
        and s.claim_no = o.claim_no
        and (t.state in ('pending', 'in_progress') or s.step_no <= 0)`,
          'where s.claim_no = o.claim_no',
        ),
        'and (s.state = n.from_state or (not n.is_ending and not n.is_claimed))',
        '',
      ),
    )
    const taskId = await race(lab)
    expect(await stepOf(lab, taskId)).toMatchObject({ state: 'error', lane: 1 })
    expect(await taskStateOf(lab, taskId)).toBe('complete')
  })

  test('is left alone by a scan that meets its task locked, and its receipt stays', async () => {
    const lab = await openLab()
    const { taskId, rescuer, dead, a } = await overdue(lab)
    const finishing = await lab.connect()
    await finishing.query('begin')
    await finishSteps(finishing.database, finishCall(dead, { outcomes: [outcomeOf(a)] }))
    await rescue(lab, rescuer)
    expect(await countOf(lab, 'select count(*) from tasker.receipts')).toBe(1)
    await finishing.query('rollback')
    await rescue(lab, rescuer)
    expect(await stepOf(lab, taskId)).toMatchObject({ state: 'error', losses: 1 })
    expect(await countOf(lab, 'select count(*) from tasker.receipts')).toBe(0)
  })
})

describe('a claim that commits after its worker was given up', () => {
  async function stall(lab: Lab) {
    const definition = await lab.define([['a', []]])
    const taskId = await lab.create(definition)
    const stalled = await lab.worker([definition], overMs)
    const rescuer = await lab.worker([definition])
    const claiming = await lab.connect()
    await claiming.query('begin')
    await finishSteps(claiming.database, finishCall(stalled, { want: 1, lanes: [definition] }))
    await rescue(lab, rescuer)
    expect(await workerState(lab, stalled)).toBe('lost')
    await claiming.query('commit')
    expect(await stepOf(lab, taskId)).toMatchObject({ state: 'in_progress' })
    await rescue(lab, rescuer)
    return { taskId, stalled }
  }

  test('is found by the next scan', async () => {
    const lab = await openLab()
    const { taskId } = await stall(lab)
    expect(await stepOf(lab, taskId)).toMatchObject({ state: 'error', losses: 1, lane: 1 })
  })

  test('is, when only the moment of death is looked at, in progress for ever', async () => {
    const lab = await openLab()
    await withoutRule(lab, 'rescue_steps', (sql) =>
      replaceOnce(
        sql,
        `where not exists (select 1 from tasker.workers w where w.worker_id = r.worker_id and w.state = 'live')`,
        // Given up by this very transaction.
        `where exists (select 1 from tasker.workers w where w.worker_id = r.worker_id and w.state = 'lost'
           and w.xmin = pg_current_xact_id()::xid)`,
      ),
    )
    const { taskId } = await stall(lab)
    expect(await stepOf(lab, taskId)).toMatchObject({ state: 'in_progress', losses: 0, lane: null })
  })

  test('and a worker that was given up claims nothing more', async () => {
    const lab = await openLab()
    const { definition, taskId, dead, rescuer } = await overdue(lab)
    await rescue(lab, rescuer)
    const reply = await lab.claim(dead, [definition])
    expect(reply).toMatchObject({ isWorkerLost: true, claims: [] })
    expect(await stepOf(lab, taskId)).toMatchObject({ state: 'error', lane: definition })
  })
})

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
    await withoutRule(lab, 'renew_worker', (sql) =>
      replaceOnce(sql, `and w.state = 'live'`, ''),
    )
    expect(await takeoverFirst(lab)).toEqual({ isLive: true, state: 'lost' })
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
  test('within one lease of the start of PostgreSQL, when nobody could renew', async () => {
    const lab = await openLab()
    const { dead, rescuer } = await overdue(lab)
    await rescue(lab, rescuer, { leaseMs: twentyDaysMs })
    expect(await workerState(lab, dead)).toBe('live')
    await rescue(lab, rescuer)
    expect(await workerState(lab, dead)).toBe('lost')
  })

  test('without that pause everybody would be', async () => {
    const lab = await openLab()
    await withoutRule(lab, 'rescue_steps', (sql) =>
      replaceOnce(
        sql,
        `pg_postmaster_start_time() < v_now - p_lease_ms * interval '1 millisecond'`,
        'true',
      ),
    )
    const { dead, rescuer } = await overdue(lab)
    await rescue(lab, rescuer, { leaseMs: twentyDaysMs })
    expect(await workerState(lab, dead)).toBe('lost')
  })

  test('by a worker that has not yet renewed for one whole lease itself', async () => {
    const lab = await openLab()
    const { dead, rescuer } = await overdue(lab)
    await rescue(lab, rescuer, { mayTakeOver: false })
    expect(await workerState(lab, dead)).toBe('live')
  })
})

describe('a step whose workers die', () => {
  test('becomes a suspect after two losses, has a lane of its own, and is in error after five', async () => {
    const lab = await openLab()
    const definition = await lab.define([['a', []]])
    const taskId = await lab.create(definition)
    const rescuer = await lab.worker([definition])
    const lanes = [definition, -definition]
    const seen = []
    for (let loss = 1; loss <= 5; loss += 1) {
      await loseOnce(lab, lanes, definition, rescuer)
      seen.push(await stepOf(lab, taskId))
    }
    const lost = { state: 'error', attempts: 0 }
    expect(seen).toEqual([
      { ...lost, losses: 1, claim_no: 1, lane: definition },
      { ...lost, losses: 2, claim_no: 2, lane: -definition },
      { ...lost, losses: 3, claim_no: 3, lane: -definition },
      { ...lost, losses: 4, claim_no: 4, lane: -definition },
      { ...lost, losses: 5, claim_no: 5, lane: null },
    ])
    expect(await taskStateOf(lab, taskId)).toBe('error')
    expect(await checkInvariants(lab.eye.client, 'tasker')).toEqual([])
  })

  test('spares the neighbours: they keep their whole budget', async () => {
    const lab = await openLab()
    const definition = await lab.define([
      ['a', []],
      ['b', []],
    ])
    const taskId = await lab.create(definition)
    const rescuer = await lab.worker([definition])
    await loseOnce(lab, [definition], definition, rescuer)
    await loseOnce(lab, [definition], definition, rescuer)
    // Both are suspects now. A worker that probes its ordinary lanes does not get them.
    expect((await lab.claim(rescuer, [definition], 10)).claims).toEqual([])
    const { claims } = await lab.claim(rescuer, [-definition], 1)
    expect(claims).toMatchObject([{ attempts: 1, losses: 2, retryLimit: 3 }])
    await lab.finish(rescuer, claims.map((step) => outcomeOf(step, { kind: 'failed', delayMs: 0 })))
    const failed = `select count(*) from tasker.due where lane = -${definition}`
    expect(await countOf(lab, failed)).toBe(2) // a suspect's retry is a suspect's
    expect(await stepStatesOf(lab, taskId)).toEqual({ a: 'error', b: 'error' })
    expect(await checkInvariants(lab.eye.client, 'tasker')).toEqual([])
  })

  test('without a limit of its own, one crashing neighbour spends everybody\u2019s retries', async () => {
    const lab = await openLab()
    await withoutRule(lab, 'finish_steps', (sql) =>
      replaceOnce(sql, `when e.kind in ('wait', 'release', 'lost') then 1`, `when e.kind in ('wait', 'release') then 1`),
    )
    const definition = await lab.define([['a', []]])
    const taskId = await lab.create(definition)
    const rescuer = await lab.worker([definition])
    for (let loss = 1; loss <= 3; loss += 1) {
      await loseOnce(lab, [definition, -definition], definition, rescuer)
    }
    expect(await stepOf(lab, taskId)).toMatchObject({ attempts: 3, losses: 3 })
    const faults = (await checkInvariants(lab.eye.client, 'tasker')).join('\n')
    expect(faults).toContain('a budget that differs from the history')
  })

  test('is reported to the rescuer as a suspect that is due, and to the lowest live worker as its own', async () => {
    const lab = await openLab()
    const definition = await lab.define([['a', []]])
    await lab.create(definition)
    const lowest = await lab.worker([definition])
    const second = await lab.worker([definition])
    const lanes = [definition, -definition]
    await loseOnce(lab, lanes, definition, lowest)
    expect((await rescue(lab, lowest)).suspects).toBeNull()
    await loseOnce(lab, lanes, definition, lowest)
    expect((await rescue(lab, lowest)).suspects).toMatchObject({ isLowest: true })
    expect((await rescue(lab, second)).suspects).toMatchObject({ isLowest: false })
  })

  test('and that may not be repeated is parked at the first loss', async () => {
    const lab = await openLab()
    const { taskId, rescuer } = await overdue(lab, false)
    const reply = await rescue(lab, rescuer)
    expect(reply.ended).toMatchObject([{ taskId, state: 'error' }])
    expect(await stepOf(lab, taskId)).toMatchObject({ state: 'error', losses: 1, lane: null })
    expect(await checkInvariants(lab.eye.client, 'tasker')).toEqual([])
  })

  test('and that may not be repeated would, treated like the others, run twice', async () => {
    const lab = await openLab()
    await withoutRule(lab, 'finish_steps', (sql) =>
      replaceOnce(sql, 'and coalesce(g.retryable, true) and', 'and'),
    )
    const { taskId, definition, rescuer } = await overdue(lab, false)
    await rescue(lab, rescuer)
    expect(await stepOf(lab, taskId)).toMatchObject({ state: 'error', lane: definition })
  })
})

test('two rescuers at once share the work, and no step is lost twice', async () => {
  const lab = await openLab()
  const { taskId, rescuer, definition } = await overdue(lab)
  const other = await lab.worker([definition])
  const [first, second] = [await lab.connect(), await lab.connect()]
  await first.query('begin')
  await rescue(lab, rescuer, { on: first })
  const scan = start(second, () => rescue(lab, other, { on: second }))
  await waitsForLock(lab, scan)
  await first.query('commit')
  await valueOf(scan)
  expect(await stepOf(lab, taskId)).toMatchObject({ state: 'error', losses: 1 })
})
