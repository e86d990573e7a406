// Rule 2 and S7: one order of locks. A cancel deletes due rows first and touches steps in a later statement, a claim waits
// for nothing but a step whose due row it holds; so the two never deadlock and no claimed step escapes a cancel.
import { describe, expect, test } from 'vitest'
import { finishSteps, settleTasks } from '../../src/database/steps.ts'
import type { TaskId } from '../../src/ids.ts'
import { start, valueOf, waitsForLock, type Ending } from './interleave.ts'
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
  sorted,
} from './lab.ts'
import { replaceOnce, withoutRule } from './without-rule.ts'

const openLab = labsOfFile()

async function twoDue(lab: Lab) {
  const definition = await lab.define([
    ['a', []],
    ['b', []],
  ])
  const taskId = await lab.create(definition)
  return { definition, taskId, workerId: await lab.worker([definition]) }
}

const cancel = (on: Connection, taskId: TaskId) =>
  settleTasks(on.database, {
    taskIds: [taskId],
    state: 'cancelled',
    actor: 'operator',
    reason: 'test',
    now: null,
  })

/** The steps before the due rows, in one statement's snapshot; `between` runs when they are done. */
const stepsBeforeDueRows = (lab: Lab, between = ''): Promise<void> =>
  withoutRule(lab, 'settle_tasks', (sql) => {
    const from = sql.indexOf('  with gone as (')
    const to = sql.indexOf('  with settled as (')
    const dueRows = sql.slice(from, to)
    return replaceOnce(
      sql.replace(dueRows, ''),
      '  return query',
      `${between}\n${dueRows}\n  return query`,
    )
  })

describe('a cancel that meets a claim under way', () => {
  async function meet(lab: Lab) {
    const { definition, taskId, workerId } = await twoDue(lab)
    const [claiming, cancelling] = [await lab.connect(), await lab.connect()]
    await claiming.query('begin')
    await finishSteps(claiming.database, finishCall(workerId, { want: 1, lanes: [definition] }))
    const call = start(cancelling, () => cancel(cancelling, taskId))
    expect(await waitsForLock(lab, call)).toBe(true)
    await claiming.query('commit')
    return { taskId, settled: await valueOf(call) }
  }

  test('waits for it and settles the step that was just claimed', async () => {
    const lab = await openLab()
    const { taskId } = await meet(lab)
    expect(await stepStatesOf(lab, taskId)).toEqual({ a: 'cancelled', b: 'cancelled' })
    expect(await countOf(lab, 'select count(*) from tasker.due')).toBe(0)
  })

  test('says that the task was in progress, which the claim made it', async () => {
    const lab = await openLab()
    const { taskId, settled } = await meet(lab)
    expect(settled).toMatchObject([{ taskId, from: 'in_progress', isSettled: true }])
    expect(await checkInvariants(lab.eye.client, 'tasker')).toEqual([])
  })

  test('with the steps first, misses that step: it runs on in a cancelled task', async () => {
    const lab = await openLab()
    await stepsBeforeDueRows(lab)
    const { taskId } = await meet(lab)
    expect(await taskStateOf(lab, taskId)).toBe('cancelled')
    expect(sorted(Object.values(await stepStatesOf(lab, taskId)))).toEqual([
      'cancelled',
      'in_progress',
    ])
  })
})

describe('a claim and a cancel, each in the middle of its work', () => {
  /** The cancel stops between its two statements for as long as the gate is held; then the claim comes. */
  async function meet(lab: Lab) {
    const { definition, taskId, workerId } = await twoDue(lab)
    const [gate, claiming, cancelling] = [
      await lab.connect(),
      await lab.connect(),
      await lab.connect(),
    ]
    await gate.query('select pg_advisory_lock(1)')
    // Without the callers of src, which repeat a deadlock's victim: the test wants to see it.
    const cancelled = start(cancelling, () =>
      cancelling.query(
        `select tasker.settle_tasks(array[$1::uuid], 'cancelled', 'operator', 'test')`,
        [taskId],
      ),
    )
    expect(await waitsForLock(lab, cancelled)).toBe(true)
    const claimed = start(claiming, () =>
      claiming.query(
        `select tasker.finish_steps($1, gen_random_uuid(), '[]', false, 1, array[$2::integer], false, '{}', 'worker:1', 5, 1)`,
        [workerId, definition],
      ),
    )
    const hasWaited = await waitsForLock(lab, claimed)
    await gate.query('select pg_advisory_unlock(1)')
    const endings = [await claimed.ending, await cancelled.ending]
    return { taskId, hasWaited, states: endings.map(sqlStateOf) }
  }

  test('do not deadlock: the claim passes by the rows that the cancel holds', async () => {
    const lab = await openLab()
    await withoutRule(lab, 'settle_tasks', (sql) =>
      replaceOnce(
        sql,
        '  with settled as (',
        '  perform pg_advisory_xact_lock(1);\n\n  with settled as (',
      ),
    )
    const { taskId, hasWaited, states } = await meet(lab)
    expect({ hasWaited, states }).toEqual({ hasWaited: false, states: [null, null] })
    expect(await stepStatesOf(lab, taskId)).toEqual({ a: 'cancelled', b: 'cancelled' })
    expect(await checkInvariants(lab.eye.client, 'tasker')).toEqual([])
  })

  test('with the steps first they deadlock', async () => {
    const lab = await openLab()
    await stepsBeforeDueRows(lab, '  perform pg_advisory_xact_lock(1);')
    const { hasWaited, states } = await meet(lab)
    expect(hasWaited).toBe(true)
    expect(states).toContain('40P01')
  })

  const sqlStateOf = (ending: Ending<unknown>): string | null =>
    'sqlState' in ending ? ending.sqlState : null
})

describe('a claim whose task row another session holds', () => {
  async function meet(lab: Lab) {
    const { definition, taskId, workerId } = await twoDue(lab)
    const [holder, claiming] = [await lab.connect(), await lab.connect()]
    await holder.query('begin')
    await holder.query('select 1 from tasker.tasks where task_id = $1 for update', [taskId])
    const call = start(claiming, () =>
      finishSteps(claiming.database, finishCall(workerId, { want: 2, lanes: [definition] })),
    )
    return { taskId, workerId, holder, call, hasWaited: await waitsForLock(lab, call) }
  }

  test('does not wait; the finish starts the task', async () => {
    const lab = await openLab()
    const { taskId, workerId, holder, call, hasWaited } = await meet(lab)
    expect(hasWaited).toBe(false)
    const { claims, started } = await valueOf(call)
    expect(claims).toHaveLength(2)
    expect(started).toEqual([])
    await holder.query('rollback')
    expect(await taskStateOf(lab, taskId)).toBe('pending')
    const reply = await lab.finish(workerId, [outcomeOf(named(claims, 'a'))])
    expect(reply.started).toMatchObject([{ taskId }])
    expect(await taskStateOf(lab, taskId)).toBe('in_progress')
    expect(await checkInvariants(lab.eye.client, 'tasker')).toEqual([])
  })

  test('without `skip locked` it waits, with due rows in its hands', async () => {
    const lab = await openLab()
    await withoutRule(lab, 'claim_due', (sql) =>
      replaceOnce(sql, 'for no key update skip locked', 'for no key update'),
    )
    const { holder, call, hasWaited } = await meet(lab)
    expect(hasWaited).toBe(true)
    await holder.query('rollback')
    await call.ending
  })
})

test('two claims at once never take the same step, and neither waits', async () => {
  const lab = await openLab()
  const { definition, workerId } = await twoDue(lab)
  const [first, second] = [await lab.connect(), await lab.connect()]
  const claim = finishCall(workerId, { want: 1, lanes: [definition] })
  await first.query('begin')
  const one = await finishSteps(first.database, claim)
  const call = start(second, () =>
    finishSteps(second.database, finishCall(workerId, { want: 2, lanes: [definition] })),
  )
  expect(await waitsForLock(lab, call)).toBe(false)
  await first.query('commit')
  const names = [...one.claims, ...(await valueOf(call)).claims].map(({ name }) => name)
  expect(sorted(names)).toEqual(['a', 'b'])
})
