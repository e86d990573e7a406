// Rules 12, 13, 15 to 17, 20 and 29, M8: when a step is due and when a task ends, step by step. Every test ends with the
// invariants; `settled` checks them after every call.
import { describe, expect, test } from 'vitest'
import {
  finishSteps,
  settleTasks,
  type FinishCall,
  type FinishReply,
  type StepOutcome,
} from '../../src/database/steps.ts'
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
  type Lab,
  type StepPlan,
} from './lab.ts'
import { replaceOnce, withoutRule } from './without-rule.ts'

const openLab = labsOfFile()
const noon = new Date('2030-01-01T12:00:00Z')
const after = (ms: number): Date => new Date(noon.getTime() + ms)

/** A task of these steps, created at noon, and a call that checks the invariants afterwards. */
async function taskOf(lab: Lab, steps: readonly StepPlan[]) {
  const definition = await lab.define(steps)
  const taskId = await lab.create(definition)
  await lab.eye.query('update tasker.due set run_at = $1', [noon])
  const workerId = await lab.worker([definition])
  const call = async (parts: Partial<FinishCall>): Promise<FinishReply> => {
    const reply = await finishSteps(
      lab.eye.database,
      finishCall(workerId, { lanes: [definition], now: noon, ...parts }),
    )
    expect(await checkInvariants(lab.eye.client, 'tasker')).toEqual([])
    return reply
  }
  return { definition, taskId, workerId, call }
}

const due = (lab: Lab) =>
  lab.eye.query('select step_no, lane, priority, run_at from tasker.due order by step_no')

const chain: readonly StepPlan[] = [
  ['a', []],
  ['b', ['a']],
]

describe('a due row', () => {
  test('is there exactly while its step waits for nothing but its time', async () => {
    const lab = await openLab()
    const { call } = await taskOf(lab, chain)
    const seen: unknown[] = []
    const look = async () => seen.push((await due(lab)).map((row) => row['step_no']))
    await look()
    const first = await call({ want: 1 })
    await look()
    const failed = outcomeOf(named(first.claims, 'a'), { kind: 'failed', delayMs: 1000 })
    await call({ outcomes: [failed] })
    await look()
    const second = await call({ want: 1, now: after(1000) })
    await look()
    await call({ outcomes: [outcomeOf(named(second.claims, 'a'))] })
    await look()
    const third = await call({ want: 1 })
    await look()
    await call({ outcomes: [outcomeOf(named(third.claims, 'b'))] })
    await look()
    expect(seen).toEqual([[1], [], [1], [], [2], [], []])
  })

  test('of a step that may not be claimed goes, and the step stays as it is', async () => {
    const lab = await openLab()
    const { definition, taskId, workerId } = await taskOf(lab, chain)
    await lab.eye.query(`update tasker.workflow_steps set state = 'resolved_manually' where step_no = 1`)
    expect((await lab.claim(workerId, [definition])).claims).toEqual([])
    await lab.eye.query(`update tasker.due set run_at = '2020-01-01'`)
    expect((await lab.claim(workerId, [definition])).claims).toEqual([])
    expect(await stepStatesOf(lab, taskId)).toEqual({ a: 'resolved_manually', b: 'pending' })
    expect(await due(lab)).toEqual([])
  })

  describe('whose step somebody settles without it, while a claim waits for the step', () => {
    async function race(lab: Lab) {
      const { definition, taskId, workerId } = await taskOf(lab, chain)
      const [operator, claiming] = [await lab.connect(), await lab.connect()]
      await operator.query('begin')
      await operator.query(`update tasker.workflow_steps set state = 'skipped' where step_no = 1`)
      const call = start(claiming, () =>
        finishSteps(
          claiming.database,
          finishCall(workerId, { want: 1, lanes: [definition], now: noon }),
        ),
      )
      expect(await waitsForLock(lab, call)).toBe(true)
      await operator.query('commit')
      const { claims } = await valueOf(call)
      return { claims: claims.map(({ name }) => name), states: await stepStatesOf(lab, taskId) }
    }

    test('gives no claim: the condition stands on the step itself', async () => {
      expect(await race(await openLab())).toEqual({
        claims: [],
        states: { a: 'skipped', b: 'pending' },
      })
    })

    test('with the condition only on what was read before, a settled step runs', async () => {
      const lab = await openLab()
      await withoutRule(lab, 'claim_due', (sql) =>
        replaceOnce(sql, `and s.state in ('pending', 'error')`, `and b.state in ('pending', 'error')`),
      )
      expect(await race(lab)).toEqual({ claims: ['a'], states: { a: 'in_progress', b: 'pending' } })
    })
  })
})

describe('a failed step', () => {
  test('is due again after its delay, and not before', async () => {
    const lab = await openLab()
    const { call } = await taskOf(lab, chain)
    const { claims } = await call({ want: 1 })
    await call({ outcomes: [outcomeOf(named(claims, 'a'), { kind: 'failed', delayMs: 1000 })] })
    const early = await call({ want: 1, now: after(999) })
    expect(early).toMatchObject({ claims: [], idle: { nextDueMs: 1 } })
    const { claims: again } = await call({ want: 1, now: after(1000) })
    expect(again).toMatchObject([{ name: 'a', claimNo: 2, attempts: 2 }])
  })

  test('is not due after its last attempt, whatever delay it asks for; the task is in error', async () => {
    const lab = await openLab()
    const { taskId, call } = await taskOf(lab, [['a', [], { retry_limit: 2 }]])
    const fail = async () => {
      const { claims } = await call({ want: 1 })
      const outcome = outcomeOf(named(claims, 'a'), { kind: 'failed', delayMs: 0 })
      return call({ outcomes: [outcome] })
    }
    expect((await fail()).ended).toEqual([])
    expect((await fail()).ended).toMatchObject([{ taskId, state: 'error', seq: 4 }])
  })
})

describe('a step that waits', () => {
  test('keeps its attempt, is due at its time, and is counted in waits without a limit', async () => {
    const lab = await openLab()
    const { call } = await taskOf(lab, [['a', [], { retry_limit: 1 }]])
    for (let wait = 1; wait <= 4; wait += 1) {
      const { claims } = await call({ want: 1, now: after(wait * 1000) })
      expect(claims).toMatchObject([{ claimNo: wait, attempts: 1 }])
      const until = after((wait + 1) * 1000)
      const outcome = outcomeOf(named(claims, 'a'), { kind: 'wait', runAt: until, reason: 'approval' })
      expect([...(await call({ outcomes: [outcome] })).recorded.values()]).toEqual([
        { to: 'pending', runAt: until },
      ])
    }
    const step = 'select state, attempts, waits, claim_no, losses from tasker.workflow_steps'
    expect(await lab.eye.query(step)).toEqual([
      { state: 'pending', attempts: 0, waits: 4, claim_no: 4, losses: 0 },
    ])
  })

  test('spends, without the hand-back, its retries on waiting', async () => {
    const lab = await openLab()
    await withoutRule(lab, 'finish_steps', (sql) =>
      replaceOnce(
        sql,
        `when e.kind in ('wait', 'release', 'lost') then 1`,
        `when e.kind in ('release', 'lost') then 1`,
      ),
    )
    const definition = await lab.define([['a', []]])
    const taskId = await lab.create(definition)
    const workerId = await lab.worker([definition])
    const { claims } = await lab.claim(workerId, [definition])
    await lab.finish(workerId, [outcomeOf(named(claims, 'a'), { kind: 'wait' })])
    const attempts = 'select attempts from tasker.workflow_steps where task_id = $1'
    expect(await countOf(lab, attempts, [taskId])).toBe(1)
    const faults = (await checkInvariants(lab.eye.client, 'tasker')).join('\n')
    expect(faults).toContain('a budget that differs from the history')
  })

  test('that is handed back is due at once, with its attempt', async () => {
    const lab = await openLab()
    const { call } = await taskOf(lab, chain)
    const { claims } = await call({ want: 1 })
    await call({ outcomes: [outcomeOf(named(claims, 'a'), { kind: 'release', reason: 'stopping' })] })
    expect((await call({ want: 1 })).claims).toMatchObject([{ name: 'a', attempts: 1, claimNo: 2 }])
  })
})

describe('a task ends', () => {
  const fork: readonly StepPlan[] = [
    ['a', []],
    ['b', []],
    ['c', ['a']],
  ]

  async function forkUnderWay(lab: Lab) {
    const task = await taskOf(lab, fork)
    const { claims } = await task.call({ want: 2 })
    return { ...task, a: named(claims, 'a'), b: named(claims, 'b') }
  }

  test('never while a branch can go on, however badly another failed', async () => {
    const lab = await openLab()
    const { taskId, call, a, b } = await forkUnderWay(lab)
    expect((await call({ outcomes: [outcomeOf(b, { kind: 'failed' })] })).ended).toEqual([])
    const { ended, claims } = await call({ outcomes: [outcomeOf(a)], want: 1 })
    expect(ended).toEqual([])
    const last = await call({ outcomes: [outcomeOf(named(claims, 'c'))] })
    expect(last.ended).toMatchObject([{ taskId, state: 'error' }])
    expect(await stepStatesOf(lab, taskId)).toEqual({ a: 'complete', b: 'error', c: 'complete' })
  })

  test('without the count of what is open: at the first failure, and the rest is lost', async () => {
    const lab = await openLab()
    await withoutRule(lab, 'finish_steps', (sql) =>
      replaceOnce(
        sql,
        `when n.task_state = 'in_progress' and n.open = 0 then`,
        `when n.task_state = 'in_progress' and (n.open = 0 or n.errors > 0) then`,
      ),
    )
    const definition = await lab.define(fork)
    const taskId = await lab.create(definition)
    const workerId = await lab.worker([definition])
    const { claims } = await lab.claim(workerId, [definition], 2)
    await lab.finish(workerId, [outcomeOf(named(claims, 'b'), { kind: 'failed' })])
    expect(await taskStateOf(lab, taskId)).toBe('error')
    const late = await lab.finish(workerId, [outcomeOf(named(claims, 'a'))])
    expect(late.unrecorded).toMatchObject([{ answer: 'refused' }])
    const faults = (await checkInvariants(lab.eye.client, 'tasker')).join('\n')
    expect(faults).toContain('a task that should have ended, or ended too early')
  })

  test('in error when a step is, with what depended on it left pending', async () => {
    const lab = await openLab()
    const { taskId, call, a, b } = await forkUnderWay(lab)
    const reply = await call({ outcomes: [outcomeOf(a, { kind: 'failed' }), outcomeOf(b)] })
    expect(reply.ended).toMatchObject([{ taskId, state: 'error' }])
    expect(await stepStatesOf(lab, taskId)).toEqual({ a: 'error', b: 'complete', c: 'pending' })
  })

  test('cancelled when a step was cancelled by hand and none is in error', async () => {
    const lab = await openLab()
    const { taskId, call, a, b } = await forkUnderWay(lab)
    await call({ outcomes: [outcomeOf(b)] })
    await cancelByHand(lab, taskId, 3)
    const { ended } = await call({ outcomes: [outcomeOf(a)] })
    expect(ended).toMatchObject([{ taskId, state: 'cancelled' }])
    expect(await stepStatesOf(lab, taskId)).toEqual({ a: 'complete', b: 'complete', c: 'cancelled' })
  })

  test('complete when every step is satisfied, whoever satisfied it', async () => {
    const lab = await openLab()
    const definition = await lab.define(fork)
    const taskId = await lab.create(definition, { bypassSteps: ['b'] })
    const workerId = await lab.worker([definition])
    const { claims } = await lab.claim(workerId, [definition], 5)
    expect(claims.map(({ name }) => name)).toEqual(['a'])
    const reply = await finishSteps(
      lab.eye.database,
      finishCall(workerId, { outcomes: claims.map((step) => outcomeOf(step)), want: 1 }),
    )
    await lab.finish(workerId, reply.claims.map((step) => outcomeOf(step)))
    expect(await taskStateOf(lab, taskId)).toBe('complete')
    expect(await checkInvariants(lab.eye.client, 'tasker')).toEqual([])
  })

  test('at once when every step is bypassed', async () => {
    const lab = await openLab()
    const definition = await lab.define(chain)
    const taskId = await lab.create(definition, { bypassSteps: ['a', 'b'] })
    expect(await taskStateOf(lab, taskId)).toBe('complete')
    expect(await checkInvariants(lab.eye.client, 'tasker')).toEqual([])
  })

  // As an operator's call would: the step, the counters and the entry under the task's lock.
  async function cancelByHand(lab: Lab, taskId: TaskId, stepNo: number): Promise<void> {
    await lab.eye.query(
      `with step as (
         update tasker.workflow_steps set state = 'cancelled' where task_id = $1 and step_no = $2
       ), progress as (
         update tasker.task_progress set seq = seq + 1 where task_id = $1 returning seq
       )
       insert into tasker.workflow_step_transitions
         (task_id, seq, step_no, claim_no, from_state, to_state, attempt, actor, reason, at)
       select $1, seq, $2, 0, 'pending', 'cancelled', 0, 'operator', 'test', now() from progress`,
      [taskId, stepNo],
    )
  }
})

describe('a task that is cancelled', () => {
  const settle = (lab: Lab, taskId: TaskId, state: 'cancelled' | 'error' = 'cancelled') =>
    settleTasks(lab.eye.database, {
      taskIds: [taskId],
      state,
      actor: 'operator',
      reason: state === 'error' ? 'deadline_exceeded' : 'test',
      now: null,
    })

  test('settles what runs, what is due and what waits, and leaves what failed for good', async () => {
    const lab = await openLab()
    const { taskId, call } = await taskOf(lab, [
      ['runs', []],
      ['failed', []],
      ['retries', []],
      ['done', []],
      ['waits', ['runs']],
    ])
    const { claims } = await call({ want: 4 })
    await call({
      outcomes: [
        outcomeOf(named(claims, 'failed'), { kind: 'failed' }),
        outcomeOf(named(claims, 'retries'), { kind: 'failed', delayMs: 1000 }),
        outcomeOf(named(claims, 'done')),
      ],
    })
    expect(await settle(lab, taskId)).toMatchObject([{ from: 'in_progress', isSettled: true }])
    expect(await stepStatesOf(lab, taskId)).toEqual({
      runs: 'cancelled',
      failed: 'error',
      retries: 'cancelled',
      done: 'complete',
      waits: 'cancelled',
    })
    expect(await due(lab)).toEqual([])
    expect(await checkInvariants(lab.eye.client, 'tasker')).toEqual([])
  })

  test('is not cancelled twice, and what is complete stays complete', async () => {
    const lab = await openLab()
    const { taskId, call } = await taskOf(lab, [['a', []]])
    const { claims } = await call({ want: 1 })
    await call({ outcomes: claims.map((step) => outcomeOf(step)) })
    expect(await settle(lab, taskId)).toMatchObject([{ from: 'complete', isSettled: false }])
    const other = await taskOf(lab, chain)
    await settle(lab, other.taskId)
    expect(await settle(lab, other.taskId)).toMatchObject([{ from: 'cancelled', isSettled: false }])
    expect(await checkInvariants(lab.eye.client, 'tasker')).toEqual([])
  })

  test('may be one that ended in error; then it is cancelled', async () => {
    const lab = await openLab()
    const { taskId, call } = await taskOf(lab, chain)
    const { claims } = await call({ want: 1 })
    await call({ outcomes: [outcomeOf(named(claims, 'a'), { kind: 'failed' })] })
    expect(await settle(lab, taskId)).toMatchObject([{ from: 'error', isSettled: true }])
    expect(await stepStatesOf(lab, taskId)).toEqual({ a: 'error', b: 'cancelled' })
    expect(await checkInvariants(lab.eye.client, 'tasker')).toEqual([])
  })

  test('at its deadline ends in error, and its deadline can still be finished', async () => {
    const lab = await openLab()
    const definition = await lab.define(chain)
    const taskId = await lab.create(definition, { deadlineMs: 0 })
    const workerId = await lab.worker([definition])
    const { claims } = await lab.claim(workerId, [definition], 5)
    const deadline = claims.find(({ stepNo }) => stepNo === -1)
    expect(claims.map(({ stepNo }) => stepNo).toSorted((a, b) => a - b)).toEqual([-1, 1])
    await settle(lab, taskId, 'error')
    expect(await taskStateOf(lab, taskId)).toBe('error')
    if (deadline === undefined) throw new Error('The deadline was claimed.')
    const late = await lab.finish(workerId, [outcomeOf(deadline)])
    expect(late.recorded.size).toBe(0)
    expect(await checkInvariants(lab.eye.client, 'tasker')).toEqual([])
  })
})

describe('a held task', () => {
  test('is due in lane 0, which nobody probes; children that its running steps release go there too', async () => {
    const lab = await openLab()
    const { definition, taskId, workerId } = await taskOf(lab, [
      ['a', []],
      ['b', []],
      ['c', ['a']],
    ])
    const running = await lab.claim(workerId, [definition], 0)
    expect(running.claims).toEqual([])
    const { claims } = await finishSteps(
      lab.eye.database,
      finishCall(workerId, { want: 1, lanes: [definition], now: noon }),
    )
    await lab.eye.query('update tasker.task_progress set held = true where task_id = $1', [taskId])
    await lab.eye.query('update tasker.due set lane = 0 where task_id = $1', [taskId])
    const reply = await finishSteps(
      lab.eye.database,
      finishCall(workerId, {
        outcomes: claims.map((step) => outcomeOf(step)),
        want: 5,
        lanes: [definition, -definition],
        now: noon,
      }),
    )
    expect(reply.claims).toEqual([])
    expect((await due(lab)).map((row) => row['lane'])).toEqual([0, 0])
    expect(await checkInvariants(lab.eye.client, 'tasker')).toEqual([])
    const blocked = 'select blocked_by from tasker.step_readiness(array[$1::uuid]) where step_no > 1'
    expect(await lab.eye.query(blocked, [taskId])).toEqual([
      { blocked_by: 'held' },
      { blocked_by: 'held' },
    ])
  })
})

describe('what one claim takes', () => {
  async function backlog(lab: Lab): Promise<{ lanes: DefinitionId[]; workerId: WorkerId }> {
    const lanes = [await lab.define([['a', []]]), await lab.define([['b', []]])]
    const workerId = await lab.worker(lanes)
    const plans: [number, number, number][] = [
      [0, 2, 0],
      [1, 2, -5],
      [0, 1, 0],
      [1, 0, 0],
      [1, 0, 1000], // the best of all, but not yet due
      [0, 3, -9],
    ]
    for (const [lane, priority, ms] of plans) {
      const definition = lanes[lane]
      if (definition === undefined) throw new Error('There are two lanes.')
      const taskId = await lab.create(definition, { priority })
      await lab.eye.query('update tasker.due set run_at = $2 where task_id = $1', [taskId, after(ms)])
    }
    return { lanes, workerId }
  }

  const take = async (lab: Lab, want: number, parts: Partial<FinishCall> = {}) => {
    const { lanes, workerId } = await backlog(lab)
    const reply = await finishSteps(
      lab.eye.database,
      finishCall(workerId, { want, lanes, now: noon, ...parts }),
    )
    return reply.claims.map(({ priority, name }) => `${name}${priority}`).toSorted()
  }

  test('is the best by priority, then by due time, over all its lanes', async () => {
    expect(await take(await openLab(), 1)).toEqual(['b0'])
    expect(await take(await openLab(), 3)).toEqual(['a1', 'b0', 'b2'])
    expect(await take(await openLab(), 9)).toEqual(['a1', 'a2', 'a3', 'b0', 'b2'])
  })

  test('is nothing of a lane it does not serve', async () => {
    expect(await take(await openLab(), 9, { lanes: [1] })).toEqual(['a1', 'a2', 'a3'])
    expect(await take(await openLab(), 9, { lanes: [] })).toEqual([])
  })
})

describe('a slot that became free', () => {
  /** A normal step finishes and releases its child; a critical task is due meanwhile. */
  async function race(lab: Lab, dueFirst: boolean) {
    const { definition, call } = await taskOf(lab, chain)
    const { claims } = await call({ want: 1 })
    await lab.create(definition, { priority: 0 })
    await lab.eye.query('update tasker.due set run_at = $1', [noon])
    return call({ outcomes: claims.map((step) => outcomeOf(step)), want: 1, dueFirst })
  }

  test('goes to the released child, and the reply says that a better one waits', async () => {
    const reply = await race(await openLab(), false)
    expect(reply).toMatchObject({ claims: [{ name: 'b', priority: 2 }], isBetterWaiting: true })
  })

  test('goes through the due table when asked, where the better one wins', async () => {
    const lab = await openLab()
    const reply = await race(lab, true)
    expect(reply).toMatchObject({
      claims: [{ name: 'a', priority: 0 }],
      isBetterWaiting: false,
      queuedCount: 1,
    })
    expect((await due(lab)).map((row) => row['step_no'])).toEqual([2])
  })

  test('of a worker that stops takes nothing: the child becomes due', async () => {
    const lab = await openLab()
    const { call } = await taskOf(lab, chain)
    const { claims } = await call({ want: 1 })
    const reply = await call({ outcomes: claims.map((step) => outcomeOf(step)), want: 0, lanes: [] })
    expect(reply).toMatchObject({ claims: [], queuedCount: 1, idle: null })
    expect((await due(lab)).map((row) => row['step_no'])).toEqual([2])
  })

  test('takes children by priority and leaves the rest due', async () => {
    const lab = await openLab()
    const { call } = await taskOf(lab, [
      ['a', []],
      ['low', ['a'], { priority: 3 }],
      ['high', ['a'], { priority: 1 }],
      ['normal', ['a']],
    ])
    const { claims } = await call({ want: 1 })
    const reply = await call({ outcomes: claims.map((step) => outcomeOf(step)), want: 2 })
    expect(reply.claims.map(({ name }) => name).toSorted()).toEqual(['high', 'normal'])
    expect(reply.queuedCount).toBe(1)
  })
})

describe('the history', () => {
  test('numbers creation, start, ends of steps and the end; a claim stands after the number it saw', async () => {
    const lab = await openLab()
    const { call } = await taskOf(lab, chain)
    const { claims } = await call({ want: 1 })
    const failed = outcomeOf(named(claims, 'a'), { kind: 'failed', delayMs: 0, error: { message: 'no' } })
    await call({ outcomes: [failed] })
    const again = await call({ want: 1 })
    const fused = await call({ outcomes: again.claims.map((step) => outcomeOf(step)), want: 1 })
    await call({ outcomes: fused.claims.map((step) => outcomeOf(step)) })
    const history = await lab.eye.query(
      `select seq, step, claim_no as claim, from_state as "from", to_state as "to", attempt
       from tasker.task_history order by seq, after_seq, claim_no`,
    )
    const task = { step: null, claim: null, attempt: null }
    expect(history).toEqual([
      { seq: 0, ...task, from: null, to: 'pending' },
      { seq: 1, ...task, from: 'pending', to: 'in_progress' },
      { seq: 1, step: 'a', claim: 1, from: 'pending', to: 'in_progress', attempt: 1 },
      { seq: 2, step: 'a', claim: 1, from: 'in_progress', to: 'error', attempt: 1 },
      { seq: 2, step: 'a', claim: 2, from: 'error', to: 'in_progress', attempt: 2 },
      { seq: 3, step: 'a', claim: 2, from: 'in_progress', to: 'complete', attempt: 2 },
      { seq: 3, step: 'b', claim: 1, from: 'pending', to: 'in_progress', attempt: 1 },
      { seq: 4, step: 'b', claim: 1, from: 'in_progress', to: 'complete', attempt: 1 },
      { seq: 5, ...task, from: 'in_progress', to: 'complete' },
    ])
  })

  test('keeps claims when their receipts go', async () => {
    const lab = await openLab()
    const { workerId, call, definition } = await taskOf(lab, chain)
    const claim = finishCall(workerId, { want: 1, lanes: [definition], now: noon })
    const { claims } = await finishSteps(lab.eye.database, claim)
    const outcomes: StepOutcome[] = claims.map((step) => outcomeOf(step))
    await call({ outcomes, settled: [claim.callId] })
    expect(await countOf(lab, 'select count(*) from tasker.receipts')).toBe(0)
    expect(await countOf(lab, 'select count(*) from tasker.step_claims')).toBe(1)
  })
})
