// Rules 2, 3, 5, 13 and 14; M2, M3, M4 and M9: what an operator does while outcomes are being recorded, and two operators
// at once. The task lock lets one go after the other, and whoever comes second decides by what the first has left.
import { describe, expect, test } from 'vitest'
import { finishSteps, type StepOutcome } from '../../src/database/steps.ts'
import type { OperatorAction } from '../../src/tasks/operator-order.ts'
import type { TaskId } from '../../src/ids.ts'
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
} from './lab.ts'
import { operate, operateAll } from './operator.ts'
import { replaceEach, replaceOnce, withoutRule } from './without-rule.ts'

const openLab = labsOfFile()

const expectWellKept = async (lab: Lab): Promise<void> =>
  expect(await checkInvariants(lab.eye.client, 'tasker')).toEqual([])

/** a and b, both parents of c, run; d depends on c. */
async function joinUnderWay(lab: Lab) {
  const definition = await lab.define([
    ['a', []],
    ['b', []],
    ['c', ['a', 'b']],
    ['d', ['c']],
  ])
  const taskId = await lab.create(definition)
  const workerId = await lab.worker([definition])
  const { claims } = await lab.claim(workerId, [definition], 2)
  const [a, b] = [named(claims, 'a'), named(claims, 'b')]
  const finishAndClaim = (outcomes: readonly StepOutcome[], waits = true, on = lab.eye) =>
    finishSteps(
      on.database,
      finishCall(workerId, { outcomes, waits, want: 5, lanes: [definition] }),
    )
  return { definition, taskId, workerId, a, b, finishAndClaim }
}

describe('a finish that waits for an operator', () => {
  async function meet(lab: Lab, action: OperatorAction) {
    const { taskId, a, b, finishAndClaim } = await joinUnderWay(lab)
    const [operating, finishing] = [await lab.connect(), await lab.connect()]
    await operating.query('begin')
    await operate(operating, action, taskId, { steps: ['a'], result: '"by hand"' })
    const busy = await finishAndClaim([outcomeOf(a)], false)
    const outcomes = [outcomeOf(a, { result: '"late"' }), outcomeOf(b, { result: '"b"' })]
    const finished = start(finishing, () => finishAndClaim(outcomes, true, finishing))
    const hasWaited = await waitsForLock(lab, finished)
    await operating.query('commit')
    return { taskId, busy, hasWaited, reply: await valueOf(finished) }
  }

  test('on its first try is told that the task is busy, and does not wait', async () => {
    const lab = await openLab()
    const { busy, hasWaited } = await meet(lab, 'resolve')
    expect(busy.unrecorded).toMatchObject([{ answer: 'busy' }])
    expect(hasWaited).toBe(true)
  })

  test('then sees the step resolved: refused and kept; the child runs with the result that was given', async () => {
    const lab = await openLab()
    const { taskId, reply } = await meet(lab, 'resolve')
    expect(reply.unrecorded).toMatchObject([{ answer: 'refused', state: 'resolved_manually' }])
    expect(reply.recorded.size).toBe(1)
    expect(reply.claims).toMatchObject([{ name: 'c', results: { a: 'by hand', b: 'b' } }])
    const kept = `select count(*) from tasker.workflow_step_transitions
      where reason = 'outcome_refused' and metadata ->> 'result' = 'late'`
    expect(await countOf(lab, kept)).toBe(1)
    expect(await stepStatesOf(lab, taskId)).toMatchObject({
      a: 'resolved_manually',
      b: 'complete',
      c: 'in_progress',
    })
    await expectWellKept(lab)
  })

  test('then sees the step cancelled: the other parent counts its child down and leaves it cancelled', async () => {
    const lab = await openLab()
    const { taskId, reply } = await meet(lab, 'cancel')
    expect(reply.claims).toEqual([])
    expect(await stepStatesOf(lab, taskId)).toEqual({
      a: 'cancelled',
      b: 'complete',
      c: 'cancelled',
      d: 'cancelled',
    })
    expect(await taskStateOf(lab, taskId)).toBe('cancelled')
    await expectWellKept(lab)
  })

  test('without the lock both would write the same number of the history', async () => {
    const lab = await openLab()
    await withoutRule(lab, 'move_steps', (sql) => replaceEach(sql, 'for no key update', ''))
    const { b, taskId, finishAndClaim } = await joinUnderWay(lab)
    const [operating, finishing] = [await lab.connect(), await lab.connect()]
    await finishing.query('begin')
    await finishAndClaim([outcomeOf(b)], true, finishing)
    const skipped = start(operating, () => operate(operating, 'skip', taskId, { steps: ['a'] }))
    expect(await waitsForLock(lab, skipped)).toBe(true)
    await finishing.query('commit')
    expect(await skipped.ending).toEqual({ sqlState: '23505' })
  })
})

describe('an operator who waits for a finish', () => {
  async function meet(lab: Lab, action: OperatorAction, outcome: 'complete' | 'failed') {
    const { taskId, a, finishAndClaim } = await joinUnderWay(lab)
    const [operating, finishing] = [await lab.connect(), await lab.connect()]
    await finishing.query('begin')
    await finishAndClaim([outcomeOf(a, { kind: outcome })], true, finishing)
    const operated = start(operating, () => operate(operating, action, taskId, { steps: ['a'] }))
    expect(await waitsForLock(lab, operated)).toBe(true)
    await finishing.query('commit')
    return { taskId, operated: await valueOf(operated) }
  }

  test.each(['resolve', 'skip', 'cancel'] as const)(
    'to %s is told that the step is complete',
    async (action) => {
      const lab = await openLab()
      const { operated } = await meet(lab, action, 'complete')
      expect(operated).toMatchObject({ steps: null, refused: [{ step: 'a', from: 'complete' }] })
      await expectWellKept(lab)
    },
  )

  test('to retry sees that it has failed for good, and tries it again', async () => {
    const lab = await openLab()
    const { operated } = await meet(lab, 'retry', 'failed')
    expect(operated?.steps).toMatchObject([{ step: 'a', from: 'error', to: 'pending' }])
    await expectWellKept(lab)
  })
})

describe('two operators at once on one step', () => {
  test.each([
    ['resolve', 'skip'],
    ['skip', 'cancel'],
    ['cancel', 'resolve'],
    ['cancel', 'set_retry_limit'],
  ] as const)('%s before %s: one wins, the other is refused', async (first, second) => {
    const lab = await openLab()
    const { taskId } = await joinUnderWay(lab)
    const [one, two] = [await lab.connect(), await lab.connect()]
    await one.query('begin')
    await operate(one, first, taskId, { steps: ['a'] })
    const other = start(two, () => operate(two, second, taskId, { steps: ['a'], limit: 9 }))
    expect(await waitsForLock(lab, other)).toBe(true)
    await one.query('commit')
    expect(await valueOf(other)).toMatchObject({ steps: null, refused: [{ step: 'a' }] })
    await expectWellKept(lab)
  })

  test('retry before cancel of the task: it is revived, then cancelled with the step that was due', async () => {
    const lab = await openLab()
    const { taskId, a, b, finishAndClaim } = await joinUnderWay(lab)
    await finishAndClaim([outcomeOf(a, { kind: 'failed' }), outcomeOf(b)])
    expect(await taskStateOf(lab, taskId)).toBe('error')
    const [one, two] = [await lab.connect(), await lab.connect()]
    await one.query('begin')
    expect(await operate(one, 'retry', taskId)).toMatchObject({ from: 'error', to: 'in_progress' })
    const cancelled = start(two, () => operate(two, 'cancel', taskId))
    expect(await waitsForLock(lab, cancelled)).toBe(true)
    await one.query('commit')
    expect((await valueOf(cancelled))?.to).toBe('cancelled')
    expect(await countOf(lab, 'select count(*) from tasker.due')).toBe(0)
    expect(await stepStatesOf(lab, taskId)).toMatchObject({ a: 'cancelled', c: 'cancelled' })
    await expectWellKept(lab)
  })

  test('cancel of the task before retry: nothing is revived', async () => {
    const lab = await openLab()
    const { taskId, a, b, finishAndClaim } = await joinUnderWay(lab)
    await finishAndClaim([outcomeOf(a, { kind: 'failed' }), outcomeOf(b)])
    const [one, two] = [await lab.connect(), await lab.connect()]
    await one.query('begin')
    await operate(one, 'cancel', taskId)
    const retried = start(two, () => operate(two, 'retry', taskId, { steps: ['a'] }))
    expect(await waitsForLock(lab, retried)).toBe(true)
    await one.query('commit')
    expect(await valueOf(retried)).toMatchObject({ from: 'cancelled', steps: null })
    await expectWellKept(lab)
  })
})

describe('children that were satisfied by hand', () => {
  test('are counted down by both parents in one batch, and stay as they are', async () => {
    const lab = await openLab()
    const { taskId, a, b, finishAndClaim } = await joinUnderWay(lab)
    await operate(lab.eye, 'resolve', taskId, { steps: ['c'] })
    const reply = await finishAndClaim([outcomeOf(a), outcomeOf(b)])
    expect(reply.claims).toMatchObject([{ name: 'd' }]) // due since c was resolved
    expect(await stepStatesOf(lab, taskId)).toMatchObject({ c: 'resolved_manually' })
    await expectWellKept(lab)
  })

  test('counted only while pending would wait for ever on paper', async () => {
    const lab = await openLab()
    await withoutRule(lab, 'finish_steps', (sql) =>
      replaceOnce(sql, `and (s.state = 'pending' or not c.is_claimed)`, `and s.state = 'pending'`),
    )
    const { taskId, a, b, finishAndClaim } = await joinUnderWay(lab)
    await operate(lab.eye, 'resolve', taskId, { steps: ['c'] })
    await finishAndClaim([outcomeOf(a), outcomeOf(b)])
    expect(await checkInvariants(lab.eye.client, 'tasker')).toMatchObject([
      expect.stringContaining('waits for 2, counted 0'),
    ])
  })

  test('are counted down by one parent in a batch while an operator has done the other', async () => {
    const lab = await openLab()
    const { taskId, b, finishAndClaim } = await joinUnderWay(lab)
    await operate(lab.eye, 'skip', taskId, { steps: ['a', 'c'] })
    expect(await stepStatesOf(lab, taskId)).toMatchObject({ a: 'skipped', c: 'skipped' })
    const reply = await finishAndClaim([outcomeOf(b)])
    expect(reply.claims).toMatchObject([{ name: 'd' }]) // due since c was skipped
    await expectWellKept(lab)
  })

  test('stop the descent of a cancel, also where another way leads around them', async () => {
    const lab = await openLab()
    const definition = await lab.define([
      ['a', []],
      ['hand', ['a']],
      ['way', ['a']],
      ['below', ['hand']],
      ['both', ['hand', 'way']],
    ])
    const taskId = await lab.create(definition)
    await operate(lab.eye, 'resolve', taskId, { steps: ['hand'] })
    const operated = await operate(lab.eye, 'cancel', taskId, { steps: ['a', 'both'] })
    expect(operated?.steps?.map(({ step, by }) => `${step} ${by}`)).toEqual([
      'a asked',
      'both asked',
      'way descent',
    ])
    expect(await stepStatesOf(lab, taskId)).toEqual({
      a: 'cancelled',
      hand: 'resolved_manually',
      way: 'cancelled',
      below: 'pending',
      both: 'cancelled',
    })
    await expectWellKept(lab)
  })
})

describe('an operator in bulk and finish batches over the same tasks', () => {
  /** Ten tasks whose only step runs. */
  async function manyUnderWay(lab: Lab) {
    const definition = await lab.define([['a', []]])
    const taskIds: TaskId[] = []
    for (let count = 0; count < 10; count += 1) taskIds.push(await lab.create(definition))
    const workerId = await lab.worker([definition])
    const { claims } = await lab.claim(workerId, [definition], 10)
    return { taskIds, workerId, outcomes: claims.map((step) => outcomeOf(step)) }
  }

  test('do not deadlock, in whatever order the ids come: each locks by id', async () => {
    const lab = await openLab()
    const { taskIds, workerId, outcomes } = await manyUnderWay(lab)
    const [holding, operating, finishing] = [
      await lab.connect(),
      await lab.connect(),
      await lab.connect(),
    ]
    // Both are stopped in the middle of their locks, at the same task.
    await holding.query('begin')
    await operate(holding, 'hold', taskIds[5] ?? failAt(5))
    const skipped = start(operating, () =>
      operateAll(operating, 'skip', taskIds.toReversed(), { steps: ['a'] }),
    )
    expect(await waitsForLock(lab, skipped)).toBe(true)
    const call = finishCall(workerId, { outcomes: outcomes.toReversed() })
    const finished = start(finishing, () => finishSteps(finishing.database, call))
    expect(await waitsForLock(lab, finished)).toBe(true)
    await holding.query('rollback')
    const changed = (await valueOf(skipped)).filter(({ steps }) => steps !== null).length
    const { recorded, unrecorded } = await valueOf(finished)
    expect({ changed, recorded: recorded.size, refused: unrecorded.length }).toEqual({
      changed: 10,
      recorded: 0,
      refused: 10,
    })
    expect(await countOf(lab, deadlocks)).toBe(0)
    await expectWellKept(lab)
  })

  test('a first try passes by what the operator holds, and records the rest', async () => {
    const lab = await openLab()
    const { taskIds, workerId, outcomes } = await manyUnderWay(lab)
    const operating = await lab.connect()
    await operating.query('begin')
    await operateAll(operating, 'skip', taskIds.slice(0, 4), { steps: ['a'] })
    const call = finishCall(workerId, { outcomes, waits: false })
    const { recorded, unrecorded } = await finishSteps(lab.eye.database, call)
    expect(recorded.size).toBe(6)
    expect(unrecorded.map(({ answer }) => answer)).toEqual(['busy', 'busy', 'busy', 'busy'])
    await operating.query('commit')
    const second = await finishSteps(lab.eye.database, finishCall(workerId, { outcomes }))
    expect(second.unrecorded.map(({ answer }) => answer).toSorted()).toEqual([
      ...Array.from({ length: 6 }, () => 'already_recorded'),
      ...Array.from({ length: 4 }, () => 'refused'),
    ])
    await expectWellKept(lab)
  })
})

const deadlocks = 'select deadlocks from pg_stat_database where datname = current_database()'

const failAt = (index: number): never => {
  throw new Error(`There is no task ${index}.`)
}
