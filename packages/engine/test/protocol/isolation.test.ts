// Rules 1, 3 and 21, M11: only READ COMMITTED gives each statement a snapshot of its own, so anything else is refused; and a
// transaction that holds a task stops nobody but that task.
import { describe, expect, test } from 'vitest'
import { finishSteps, rescueSteps, settleTasks } from '../../src/database/steps.ts'
import { translate } from '../../src/database/connect.ts'
import { start, valueOf, waitsForLock } from './interleave.ts'
import {
  finishCall,
  labsOfFile,
  named,
  outcomeOf,
  stepStatesOf,
  type Connection,
  type Lab,
} from './lab.ts'
import { replaceOnce, withoutRule } from './without-rule.ts'

const openLab = labsOfFile()

async function siblingsUnderWay(lab: Lab) {
  const definition = await lab.define([
    ['a', []],
    ['b', []],
  ])
  const taskId = await lab.create(definition)
  const workerId = await lab.worker([definition])
  const { claims } = await lab.claim(workerId, [definition], 2)
  return { taskId, workerId, a: named(claims, 'a'), b: named(claims, 'b') }
}

const calls: Record<string, (on: Connection) => Promise<unknown>> = {
  finish_steps: ({ database }) => finishSteps(database, finishCall(1 as never)), // refused before any worker is read
  rescue_steps: ({ database }) =>
    rescueSteps(database, {
      workerId: 1 as never, // the same
      leaseMs: 1,
      mayTakeOver: false,
      lostLimit: 5,
      receiptsMax: 1,
      now: null,
    }),
  settle_tasks: ({ database }) =>
    settleTasks(database, { taskIds: [], state: 'cancelled', actor: 'a', reason: 'r', now: null }),
}

describe.each(['repeatable read', 'serializable'])('in a transaction that is %s', (level) => {
  test.each(Object.keys(calls))('%s answers WRONG_ISOLATION', async (name) => {
    const lab = await openLab()
    const on = await lab.connect()
    await on.query(`begin isolation level ${level}`)
    const error: unknown = await calls[name]?.(on).catch((reason: unknown) => translate(reason))
    expect(error).toMatchObject({ code: 'WRONG_ISOLATION' })
  })
})

test('without the check, a step in REPEATABLE READ fails as soon as its sibling has finished', async () => {
  const lab = await openLab()
  await withoutRule(lab, 'require_read_committed', (sql) =>
    replaceOnce(sql, `<> 'read committed'`, `= 'never'`),
  )
  const { workerId, a, b } = await siblingsUnderWay(lab)
  const on = await lab.connect()
  await on.query('begin isolation level repeatable read')
  await on.query('select 1 from tasker.tasks') // the handler's first query takes the snapshot
  await lab.finish(workerId, [outcomeOf(b)])
  const values = [workerId, JSON.stringify([{ ...refOf(a), kind: 'complete', result: null }])]
  const late = start(on, () =>
    on.query(
      `select tasker.finish_steps($1, gen_random_uuid(), $2::jsonb, true, 0, '{}', false, '{}', 'worker:1', 5, 1)`,
      values,
    ),
  )
  expect(await late.ending).toEqual({ sqlState: '40001' })
})

describe('a batch that meets a task which another transaction holds', () => {
  /** The first task is held by an open transaction that has finished one of its steps. */
  async function meet(lab: Lab) {
    const held = await siblingsUnderWay(lab)
    const free = await siblingsUnderWay(lab)
    const holder = await lab.connect()
    const batch = await lab.connect()
    await holder.query('begin')
    await finishSteps(holder.database, finishCall(held.workerId, { outcomes: [outcomeOf(held.a)] }))
    const outcomes = [outcomeOf(held.b), outcomeOf(free.a), outcomeOf(free.b)]
    const call = start(batch, () =>
      finishSteps(batch.database, finishCall(free.workerId, { outcomes, waits: false })),
    )
    return { held, free, holder, call }
  }

  test('records the others at once and answers busy for it; the second try waits', async () => {
    const lab = await openLab()
    const { held, free, holder, call } = await meet(lab)
    expect(await waitsForLock(lab, call)).toBe(false)
    const reply = await valueOf(call)
    expect(reply.ended).toMatchObject([{ taskId: free.taskId, state: 'complete' }])
    expect(reply.unrecorded).toMatchObject([
      { taskId: held.taskId, stepNo: held.b.stepNo, answer: 'busy' },
    ])

    const again = await lab.connect()
    const second = start(again, () =>
      finishSteps(again.database, finishCall(held.workerId, { outcomes: [outcomeOf(held.b)] })),
    )
    expect(await waitsForLock(lab, second)).toBe(true)
    await holder.query('commit')
    expect((await valueOf(second)).ended).toMatchObject([
      { taskId: held.taskId, state: 'complete' },
    ])
  })

  test('is, when the holder rolls back, not misled by what never happened', async () => {
    const lab = await openLab()
    const { held, holder, call } = await meet(lab)
    await valueOf(call)
    await holder.query('rollback')
    await lab.finish(held.workerId, [outcomeOf(held.b)])
    expect(await stepStatesOf(lab, held.taskId)).toEqual({ a: 'in_progress', b: 'complete' })
  })

  test('without `skip locked` the whole batch stands still', async () => {
    const lab = await openLab()
    await withoutRule(lab, 'lock_tasks_of', (sql) =>
      replaceOnce(sql, 'for no key update skip locked', 'for no key update'),
    )
    const { holder, call } = await meet(lab)
    expect(await waitsForLock(lab, call)).toBe(true)
    await holder.query('rollback')
    await call.ending
  })
})

const refOf = (step: { taskId: string; stepNo: number; claimNo: number }) => ({
  task_id: step.taskId,
  step_no: step.stepNo,
  claim_no: step.claimNo,
})
