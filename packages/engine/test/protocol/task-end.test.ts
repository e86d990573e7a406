// Rules 12 and 13, M1: a task ends when nothing is open, never before; what its steps say decides how. A cancel and a
// deadline settle what is left.
import { describe, expect, test } from 'vitest'
import { finishSteps, settleTasks } from '../../src/database/steps.ts'
import type { TaskId } from '../../src/ids.ts'
import { taskOf, due, chain } from './task-at-noon.ts'
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
        replaceOnce(
          sql,
          'n.goes_on and p.open + n.opened = n.closed',
          'n.goes_on and (p.open + n.opened = n.closed or p.errors + n.closed > n.satisfied)',
        ),
        'n.goes_on and p.open = 0',
        'n.goes_on and (p.open = 0 or p.errors > 0)',
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
    expect(await stepStatesOf(lab, taskId)).toEqual({
      a: 'complete',
      b: 'complete',
      c: 'cancelled',
    })
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
    await lab.finish(
      workerId,
      reply.claims.map((step) => outcomeOf(step)),
    )
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
    expect(late).toMatchObject({ unrecorded: [] })
    expect([...late.recorded.values()]).toMatchObject([{ to: 'complete' }])
    const refused = `select count(*) from tasker.workflow_step_transitions where reason = 'outcome_refused'`
    expect(await countOf(lab, refused)).toBe(0)
    expect(await checkInvariants(lab.eye.client, 'tasker')).toEqual([])
  })
})

test.each(['release', 'failed', 'wait'] as const)(
  'a deadline that ends as %s after its task has ended is not due again',
  async (kind) => {
    const lab = await openLab()
    const definition = await lab.define([['a', []]])
    const taskId = await lab.create(definition, { deadlineMs: 0 })
    const workerId = await lab.worker([definition])
    const { claims } = await lab.claim(workerId, [definition], 5)
    const [deadline, step] = claims.toSorted((a, b) => a.stepNo - b.stepNo)
    if (deadline === undefined || step === undefined) throw new Error('Both were due.')
    await lab.finish(workerId, [outcomeOf(step)])
    expect(await taskStateOf(lab, taskId)).toBe('complete')
    const reply = await lab.finish(workerId, [outcomeOf(deadline, { kind, delayMs: 0 })])
    expect(reply.recorded.size).toBe(1)
    expect(await due(lab)).toEqual([])
    expect(await checkInvariants(lab.eye.client, 'tasker')).toEqual([])
  },
)
