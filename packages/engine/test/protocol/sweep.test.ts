// Rule 15, the net under the due table: the sweeper finds nothing to do while the protocol is kept, and repairs both ways
// what was broken by hand.
import { describe, expect, test } from 'vitest'
import { start, valueOf, waitsForLock } from './interleave.ts'
import { finishSteps, settleTasks } from '../../src/database/steps.ts'
import type { WorkerId } from '../../src/ids.ts'
import { checkInvariants } from './invariants.ts'
import { finishCall, labsOfFile, outcomeOf, type Connection, type Lab } from './lab.ts'

const openLab = labsOfFile()
const lowest = '00000000-0000-0000-0000-000000000000'

const sweep = async (on: Connection, workerId: WorkerId): Promise<unknown> => {
  const sql = 'select repaired from tasker.sweep_due($1, $2, $2, 1000)'
  return (await on.query(sql, [workerId, lowest]))[0]?.['repaired']
}

async function twoDue(lab: Lab) {
  const definition = await lab.define([
    ['a', []],
    ['b', []],
  ])
  const taskId = await lab.create(definition)
  return { definition, taskId, workerId: await lab.worker([definition]) }
}

test('repairs nothing in tasks at every stage of their lives', async () => {
  const lab = await openLab()
  const { definition, workerId } = await twoDue(lab)
  const [cancelled] = [await lab.create(definition), await lab.create(definition)]
  const { claims } = await lab.claim(workerId, [definition], 4)
  const [one, two, three] = claims.map((step) => outcomeOf(step))
  if (one === undefined || two === undefined || three === undefined) throw new Error('Six are due.')
  await lab.finish(workerId, [
    one,
    { ...two, kind: 'failed', result: null, delayMs: 60_000 },
    { ...three, kind: 'failed', result: null },
  ])
  const parts = { state: 'cancelled', actor: 'operator', reason: 'test', now: null } as const
  await settleTasks(lab.eye.database, { taskIds: [cancelled], ...parts })
  expect(await sweep(lab.eye, workerId)).toBe(0)
})

test('puts back a due row that is missing and removes one that may not be', async () => {
  const lab = await openLab()
  const { taskId, workerId } = await twoDue(lab)
  await lab.eye.query('delete from tasker.due where step_no = 1')
  await lab.eye.query(
    `insert into tasker.due (lane, priority, run_at, task_id, step_no) values (1, 2, now(), $1, 7)`,
    [taskId],
  )
  expect(await checkInvariants(lab.eye.client, 'tasker')).toHaveLength(3) // missing, wrong, and `open`
  expect(await sweep(lab.eye, workerId)).toBe(2)
  expect(await checkInvariants(lab.eye.client, 'tasker')).toEqual([])
})

test('puts a suspect back into the lane of suspects', async () => {
  const lab = await openLab()
  const { workerId } = await twoDue(lab)
  await lab.eye.query('update tasker.workflow_steps set losses = 2 where step_no = 1')
  await lab.eye.query('delete from tasker.due where step_no = 1')
  expect(await sweep(lab.eye, workerId)).toBe(1)
  const [row] = await lab.eye.query('select lane from tasker.due where step_no = 1')
  expect(row?.['lane']).toBe(-1)
})

describe('a claim under way in a task that is being repaired', () => {
  test('is not waited for, and its step does not become due again', async () => {
    const lab = await openLab()
    const { definition, workerId } = await twoDue(lab)
    await lab.eye.query('delete from tasker.due where step_no = 2')
    const [claiming, sweeping] = [await lab.connect(), await lab.connect()]
    await claiming.query('begin')
    await finishSteps(claiming.database, finishCall(workerId, { want: 1, lanes: [definition] }))
    const call = start(sweeping, () => sweep(sweeping, workerId))
    expect(await waitsForLock(lab, call)).toBe(false)
    await claiming.query('commit')
    expect(await valueOf(call)).toBe(1)
    const due = await lab.eye.query('select step_no from tasker.due order by step_no')
    expect(due).toEqual([{ step_no: 2 }])
  })
})
