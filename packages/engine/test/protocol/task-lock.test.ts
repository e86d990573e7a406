// Rule 1, S1 and M10: a finishing call locks its tasks first and reads afterwards, so that parents' results are never
// stale, a join is never forgotten, and history numbers are gapless in the order of the commits.
import { describe, expect, test } from 'vitest'
import { finishSteps, settleTasks } from '../../src/database/steps.ts'
import { start, valueOf, waitsForLock } from './interleave.ts'
import { checkInvariants } from './invariants.ts'
import { finishCall, named, labsOfFile, outcomeOf, stepStatesOf, type Lab } from './lab.ts'
import { replaceEach, withoutRule } from './without-rule.ts'

const openLab = labsOfFile()

/** a and b are parents of c and both run. */
async function joinUnderWay(lab: Lab) {
  const definition = await lab.define([
    ['a', []],
    ['b', []],
    ['c', ['a', 'b']],
  ])
  const taskId = await lab.create(definition)
  const one = await lab.worker([definition])
  const two = await lab.worker([definition])
  const { claims } = await lab.claim(one, [definition], 2)
  return { taskId, one, two, a: named(claims, 'a'), b: named(claims, 'b') }
}

/** The first finishes a and has not committed; the second finishes b and claims what becomes free. */
async function finishBothParentsAtOnce(lab: Lab) {
  const { taskId, one, two, a, b } = await joinUnderWay(lab)
  const first = await lab.connect()
  const second = await lab.connect()

  await first.query('begin')
  await finishSteps(
    first.database,
    finishCall(one, { outcomes: [outcomeOf(a, { result: '"ra"' })] }),
  )
  const finishB = start(second, () =>
    finishSteps(
      second.database,
      finishCall(two, { outcomes: [outcomeOf(b, { result: '"rb"' })], want: 1 }),
    ),
  )
  const hasWaited = await waitsForLock(lab, finishB)
  await first.query('commit')
  return { taskId, hasWaited, finishB }
}

const numbersOf = async (lab: Lab): Promise<unknown> =>
  (
    await lab.eye.query(
      `select array_agg(step_no || ':' || seq order by seq) as numbers
       from tasker.workflow_step_transitions`,
    )
  )[0]?.['numbers']

const withoutTaskLock = (lab: Lab): Promise<void> =>
  withoutRule(lab, 'lock_tasks_of', (sql) =>
    replaceEach(
      replaceEach(sql, 'for no key update skip locked', ''),
      'order by p.task_id\n      for no key update',
      'order by p.task_id',
    ),
  )

describe('two parents that end in two sessions at once', () => {
  test('give their child both results', async () => {
    const lab = await openLab()
    const { hasWaited, finishB } = await finishBothParentsAtOnce(lab)
    const reply = await valueOf(finishB)
    expect(hasWaited).toBe(true)
    expect(reply.claims.map(({ name, results }) => ({ name, results }))).toEqual([
      { name: 'c', results: { a: 'ra', b: 'rb' } },
    ])
    expect(await checkInvariants(lab.eye.client, 'tasker')).toEqual([])
  })

  test('are numbered in the order of their commits, so a reader of the history misses none', async () => {
    const lab = await openLab()
    const { finishB } = await finishBothParentsAtOnce(lab)
    await valueOf(finishB)
    expect(await numbersOf(lab)).toEqual(['1:2', '2:3'])
  })

  test('without the lock the second takes the number of the first and is thrown out', async () => {
    const lab = await openLab()
    await withoutTaskLock(lab)
    const { finishB } = await finishBothParentsAtOnce(lab)
    expect(await finishB.ending).toEqual({ sqlState: '23505' })
  })

  test('without the lock and the key of the history, the child is never released', async () => {
    const lab = await openLab({ alone: true })
    await withoutTaskLock(lab)
    await lab.eye.query(
      'alter table tasker.workflow_step_transitions drop constraint workflow_step_transitions_pkey',
    )
    const { taskId, finishB } = await finishBothParentsAtOnce(lab)
    expect((await valueOf(finishB)).claims).toEqual([])
    expect(await stepStatesOf(lab, taskId)).toEqual({ a: 'complete', b: 'complete', c: 'pending' })
    expect(await numbersOf(lab)).toEqual(['1:2', '2:2'])
    const faults = (await checkInvariants(lab.eye.client, 'tasker')).join('\n')
    expect(faults).toContain('parents missing that differ from a recount')
    expect(faults).toContain('counters that differ from a recount')
    expect(faults).toContain('history numbers with a gap or twice')
  })
})

describe('parents\u2019 results', () => {
  /** The child is claimed by the call that finishes its last parent. */
  async function claimWithResults(lab: Lab): Promise<unknown> {
    const { one, a, b } = await joinUnderWay(lab)
    await lab.finish(one, [outcomeOf(a, { result: '"ra"' })])
    const reply = await finishSteps(
      lab.eye.database,
      finishCall(one, { outcomes: [outcomeOf(b, { result: '"rb"' })], want: 1 }),
    )
    return named(reply.claims, 'c').results
  }

  test('of the same call and of earlier ones travel with the claim', async () => {
    expect(await claimWithResults(await openLab())).toEqual({ a: 'ra', b: 'rb' })
  })

  test('read in the statement that stores them, the newest would be missing (S1)', async () => {
    const lab = await openLab()
    const { one, a, b } = await joinUnderWay(lab)
    await lab.finish(one, [outcomeOf(a, { result: '"ra"' })])
    // One statement has one snapshot: what its own call stores, and what commits meanwhile, is not in it.
    const [row] = await lab.eye.query(
      `with finished as materialized (
         select finish_steps as row from tasker.finish_steps($1, gen_random_uuid(), $2::jsonb, true, 0, '{}', false, '{}',
           'worker:1', 5, 1000)
       )
       select (select count(*) from finished)::integer as replies,
         tasker.parent_results($3, t.graph_id, array[1, 2]) as results
       from tasker.tasks t where t.task_id = $3`,
      [
        one,
        JSON.stringify([
          {
            task_id: b.taskId,
            step_no: b.stepNo,
            claim_no: b.claimNo,
            kind: 'complete',
            result: 'rb',
          },
        ]),
        b.taskId,
      ],
    )
    expect(row?.['results']).toEqual({ a: 'ra', b: null })
  })
})

test('finish and cancel of one task take turns, whichever comes first', async () => {
  const lab = await openLab()
  const { taskId, one, a } = await joinUnderWay(lab)
  const first = await lab.connect()
  const second = await lab.connect()
  await first.query('begin')
  await finishSteps(first.database, finishCall(one, { outcomes: [outcomeOf(a)] }))
  const cancel = start(second, () =>
    settleTasks(second.database, {
      taskIds: [taskId],
      state: 'cancelled',
      actor: 'operator',
      reason: 'test',
      now: null,
    }),
  )
  expect(await waitsForLock(lab, cancel)).toBe(true)
  await first.query('commit')
  await valueOf(cancel)
  expect(await stepStatesOf(lab, taskId)).toEqual({ a: 'complete', b: 'cancelled', c: 'cancelled' })
  expect(await checkInvariants(lab.eye.client, 'tasker')).toEqual([])
})
