// Rule 5, M4 and M9: a batch is folded before it is applied, to one row per step, per child and per task, because a
// statement changes a row once; and a satisfied step is never left, so no child is released twice.
import { describe, expect, test } from 'vitest'
import { finishSteps, type StepOutcome } from '../../src/database/steps.ts'
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
import { replaceOnce, withoutRule } from './without-rule.ts'

const openLab = labsOfFile()

/** a and b, both parents of c, run. */
async function joinUnderWay(lab: Lab) {
  const definition = await lab.define([
    ['a', []],
    ['b', []],
    ['c', ['a', 'b']],
  ])
  const taskId = await lab.create(definition)
  const workerId = await lab.worker([definition])
  const { claims } = await lab.claim(workerId, [definition], 2)
  const [a, b] = [named(claims, 'a'), named(claims, 'b')]
  const finishAndClaim = (outcomes: readonly StepOutcome[]) =>
    finishSteps(lab.eye.database, finishCall(workerId, { outcomes, want: 5, lanes: [definition] }))
  return { taskId, workerId, a, b, finishAndClaim }
}

describe('an outcome that stands twice in one batch', () => {
  test('counts once', async () => {
    const lab = await openLab()
    const { taskId, a, finishAndClaim } = await joinUnderWay(lab)
    const reply = await finishAndClaim([outcomeOf(a), outcomeOf(a)])
    expect(reply.recorded.size).toBe(1)
    expect(reply.unrecorded).toEqual([])
    expect(reply.claims).toEqual([])
    expect(await stepStatesOf(lab, taskId)).toEqual({
      a: 'complete',
      b: 'in_progress',
      c: 'pending',
    })
    expect(await checkInvariants(lab.eye.client, 'tasker')).toEqual([])
  })

  test('counted twice would release the child before its other parent is done', async () => {
    const lab = await openLab()
    await withoutRule(lab, 'finish_steps', (sql) =>
      replaceOnce(sql, 'select distinct on (o.task_id, o.step_no) o.*', 'select o.*'),
    )
    const { taskId, a, finishAndClaim } = await joinUnderWay(lab)
    const reply = await finishAndClaim([outcomeOf(a), outcomeOf(a)])
    expect(reply.claims).toMatchObject([{ name: 'c' }])
    expect(await stepStatesOf(lab, taskId)).toMatchObject({ b: 'in_progress', c: 'in_progress' })
    const faults = (await checkInvariants(lab.eye.client, 'tasker')).join('\n')
    expect(faults).toContain('parents missing that differ from a recount')
  })
})

describe('two parents that end in one batch', () => {
  test('release their child once, with both results', async () => {
    const lab = await openLab()
    const { a, b, finishAndClaim } = await joinUnderWay(lab)
    const reply = await finishAndClaim([
      outcomeOf(a, { result: '"ra"' }),
      outcomeOf(b, { result: '"rb"' }),
    ])
    expect(reply.claims).toMatchObject([{ name: 'c', results: { a: 'ra', b: 'rb' } }])
    expect(await checkInvariants(lab.eye.client, 'tasker')).toEqual([])
  })

  test('as a row of the child for each, one is silently lost: the child waits for ever', async () => {
    const lab = await openLab()
    await withoutRule(lab, 'finish_steps', (sql) =>
      replaceOnce(
        replaceOnce(sql, 'c.step_no, count(*)::integer as satisfied', 'c.step_no, 1 as satisfied'),
        'group by e.task_id, c.step_no, e.definition_id, e.graph_id, e.task_priority, e.held, e.seq, e.entries\n',
        '\n',
      ),
    )
    const { taskId, a, b, finishAndClaim } = await joinUnderWay(lab)
    const reply = await finishAndClaim([outcomeOf(a), outcomeOf(b)])
    expect(reply.claims).toEqual([])
    expect(await stepStatesOf(lab, taskId)).toEqual({ a: 'complete', b: 'complete', c: 'pending' })
    const faults = (await checkInvariants(lab.eye.client, 'tasker')).join('\n')
    expect(faults).toContain('parents missing that differ from a recount')
  })

  test('one complete and one failed for good: the child waits, and the task is in error', async () => {
    const lab = await openLab()
    const { taskId, a, b, finishAndClaim } = await joinUnderWay(lab)
    const reply = await finishAndClaim([outcomeOf(a), outcomeOf(b, { kind: 'failed' })])
    expect(reply.ended).toMatchObject([{ taskId, state: 'error' }])
    expect(await stepStatesOf(lab, taskId)).toEqual({ a: 'complete', b: 'error', c: 'pending' })
    expect(await checkInvariants(lab.eye.client, 'tasker')).toEqual([])
  })
})

test('a fan of 200 ends in a few batches of mixed order, and its join gets 200 results', async () => {
  const lab = await openLab()
  const names = Array.from({ length: 200 }, (_, index) => `s${index}`)
  const definition = await lab.define([
    ['root', []],
    ...names.map((name) => [name, ['root']] as const),
    ['join', names],
  ])
  const taskId = await lab.create(definition)
  const workerId = await lab.worker([definition])
  const root = await lab.claim(workerId, [definition], 1)
  const fan = await finishSteps(
    lab.eye.database,
    finishCall(workerId, { outcomes: root.claims.map((step) => outcomeOf(step)), want: 200 }),
  )
  expect(fan.claims).toHaveLength(200)
  const shuffled = fan.claims.toSorted((a, b) => ((a.stepNo * 7) % 200) - ((b.stepNo * 7) % 200))
  for (let from = 0; from < 200; from += 70) {
    const batch = shuffled.slice(from, from + 70)
    const outcomes = batch.map((step) => outcomeOf(step, { result: String(step.stepNo) }))
    const reply = await finishSteps(
      lab.eye.database,
      finishCall(workerId, { outcomes, want: 70, lanes: [definition] }),
    )
    const isLast = from + 70 >= 200
    expect(reply.claims.map(({ results }) => Object.keys(results ?? {}).length)).toEqual(
      isLast ? [200] : [],
    )
  }
  const history = 'select max(seq) from tasker.workflow_step_transitions where task_id = $1'
  expect(await countOf(lab, history, [taskId])).toBe(202) // 0 creation, 1 start, 2 to 202: root and fan
  expect(await checkInvariants(lab.eye.client, 'tasker')).toEqual([])
})

test('one batch may end many tasks, each in its own way', async () => {
  const lab = await openLab()
  const definition = await lab.define([['a', []]])
  const workerId = await lab.worker([definition])
  for (let task = 0; task < 3; task += 1) await lab.create(definition)
  const { claims } = await lab.claim(workerId, [definition], 3)
  const [one, two, three] = claims
  if (one === undefined || two === undefined || three === undefined)
    throw new Error('Three tasks are due.')
  await lab.finish(workerId, [
    outcomeOf(one),
    outcomeOf(two, { kind: 'failed' }),
    outcomeOf(three, { kind: 'failed', delayMs: 1000 }),
  ])
  const states: unknown[] = []
  for (const { taskId } of claims) states.push(await taskStateOf(lab, taskId))
  expect(states).toEqual(['complete', 'error', 'in_progress'])
  expect(await checkInvariants(lab.eye.client, 'tasker')).toEqual([])
})

describe('a child that was already released', () => {
  /** Somebody puts a finished parent back into progress, which rule 14 forbids, and finishes it again. */
  async function finishTwice(lab: Lab) {
    const { taskId, workerId, a, b } = await joinUnderWay(lab)
    await lab.finish(workerId, [outcomeOf(a), outcomeOf(b)])
    await lab.eye.query(
      `update tasker.workflow_steps set state = 'in_progress' where task_id = $1 and step_no = 1`,
      [taskId],
    )
    await lab.eye.query('delete from tasker.step_results')
    return lab.finish(workerId, [outcomeOf(a)])
  }

  test('cannot be released again: the check on the counter refuses it', async () => {
    await expect(finishTwice(await openLab())).rejects.toMatchObject({
      constraint: 'workflow_steps_waiting_check',
    })
  })

  test('without the check would wait for less than nothing', async () => {
    const lab = await openLab({ alone: true })
    await lab.eye.query(
      'alter table tasker.workflow_steps drop constraint workflow_steps_waiting_check',
    )
    await finishTwice(lab)
    expect(await countOf(lab, 'select min(waiting) from tasker.workflow_steps')).toBe(-1)
    const faults = (await checkInvariants(lab.eye.client, 'tasker')).join('\n')
    expect(faults).toContain('parents missing that differ from a recount')
  })
})
