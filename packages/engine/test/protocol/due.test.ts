// Rules 15, 20 and 29, M8: when a step is due, and what its history says. The invariants are checked after every call.
import { describe, expect, test } from 'vitest'
import { finishSteps, type StepOutcome } from '../../src/database/steps.ts'
import { noon, after, taskOf, due, chain } from './task-at-noon.ts'
import { start, valueOf, waitsForLock } from './interleave.ts'
import { checkInvariants } from './invariants.ts'
import { countOf, finishCall, labsOfFile, named, outcomeOf, stepStatesOf, type Lab } from './lab.ts'
import { replaceOnce, withoutRule } from './without-rule.ts'

const openLab = labsOfFile()

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
    await lab.eye.query(
      `update tasker.workflow_steps set state = 'resolved_manually' where step_no = 1`,
    )
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
        replaceOnce(
          sql,
          `and s.state in ('pending', 'error')`,
          `and b.state in ('pending', 'error')`,
        ),
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
      const outcome = outcomeOf(named(claims, 'a'), {
        kind: 'wait',
        runAt: until,
        reason: 'approval',
      })
      expect([...(await call({ outcomes: [outcome] })).recorded.values()]).toEqual([
        { claimNo: outcome.claimNo, to: 'pending', runAt: until },
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
        `(e.kind in ('wait', 'release', 'lost'))::integer`,
        `(e.kind in ('release', 'lost'))::integer`,
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
    await call({
      outcomes: [outcomeOf(named(claims, 'a'), { kind: 'release', reason: 'stopping' })],
    })
    expect((await call({ want: 1 })).claims).toMatchObject([{ name: 'a', attempts: 1, claimNo: 2 }])
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
    const blocked =
      'select blocked_by from tasker.step_readiness(array[$1::uuid], $2) where step_no > 1'
    expect(await lab.eye.query(blocked, [taskId, noon])).toEqual([
      { blocked_by: 'held' },
      { blocked_by: 'held' },
    ])
  })
})

describe('the history', () => {
  test('numbers creation, start, ends of steps and the end; a claim stands after the number it saw', async () => {
    const lab = await openLab()
    const { call } = await taskOf(lab, chain)
    const { claims } = await call({ want: 1 })
    const failed = outcomeOf(named(claims, 'a'), {
      kind: 'failed',
      delayMs: 0,
      error: { message: 'no' },
    })
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
