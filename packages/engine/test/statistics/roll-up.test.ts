// The roll-up beside those who change ended tasks: whoever comes second sees what the first has done, and nobody who ends
// a task ever waits.
import { expect, test } from 'vitest'
import { settleTasks } from '../../src/database/steps.ts'
import type { TaskId } from '../../src/ids.ts'
import { start, valueOf, waitsForLock } from '../protocol/interleave.ts'
import { checkInvariants } from '../protocol/invariants.ts'
import { labsOfFile, type Connection, type Lab } from '../protocol/lab.ts'
import { rollUp } from './rolling-up.ts'

const openLab = labsOfFile()

const cancel = (on: Connection, ...taskIds: readonly TaskId[]) =>
  settleTasks(on.database, { taskIds, state: 'cancelled', actor: 'a', reason: 'r', now: null })

const countsOf = async (on: Connection) =>
  (
    await on.query(
      `select span, tasks_cancelled::integer as cancelled from tasker.task_counts order by span`,
    )
  ).map((row) => `${String(row['span'])} ${String(row['cancelled'])}`)

async function setup(count: number) {
  const lab = await openLab()
  const definition = await lab.define([['a', []]])
  const taskIds: TaskId[] = []
  for (let n = 0; n < count; n += 1) taskIds.push(await lab.create(definition))
  await lab.worker([definition])
  return { lab, definition, taskIds }
}

const violations = async (lab: Lab) => checkInvariants(lab.eye.client, 'tasker')

test('a page is as many calls as hold about so many tasks', async () => {
  const { lab, taskIds } = await setup(5)
  for (const taskId of taskIds) await cancel(lab.eye, taskId)
  expect([await rollUp(lab.eye, 2), await rollUp(lab.eye, 2)]).toEqual([2, 2])
  expect(await countsOf(lab.eye)).toEqual(['all 4', 'hour 4', 'minute 4'])
  expect([await rollUp(lab.eye, 2), await rollUp(lab.eye, 2)]).toEqual([1, 0])
  expect(await violations(lab)).toEqual([])
})

test('only the lowest live worker rolls up', async () => {
  const { lab, definition, taskIds } = await setup(1)
  const second = await lab.worker([definition])
  await cancel(lab.eye, ...taskIds)
  const [row] = await lab.eye.query('select tasker.roll_up_tasks($1, 100) as added', [second])
  expect(row).toEqual({ added: null })
  expect(await countsOf(lab.eye)).toEqual([])
})

test('a task that leaves while it is rolled up is waited for and taken out again', async () => {
  const { lab, taskIds } = await setup(2)
  await cancel(lab.eye, ...taskIds)
  const rolling = await lab.connect()
  await rolling.query('begin')
  expect(await rollUp(rolling, 100)).toBe(2)
  const pruning = await lab.connect()
  const deleting = start(pruning, () =>
    pruning.query('select tasker.delete_tasks($1)', [taskIds.slice(0, 1)]),
  )
  expect(await waitsForLock(lab, deleting)).toBe(true)
  await rolling.query('commit')
  await valueOf(deleting)
  expect(await countsOf(lab.eye)).toEqual(['all 1', 'hour 1', 'minute 1'])
})

test('a task that leaves before it is rolled up is struck off; the roll-up does not wait', async () => {
  const { lab, taskIds } = await setup(3)
  await cancel(lab.eye, ...taskIds.slice(0, 2))
  await cancel(lab.eye, ...taskIds.slice(2))
  const pruning = await lab.connect()
  await pruning.query('begin')
  await pruning.query('select tasker.delete_tasks($1)', [taskIds.slice(0, 1)])
  expect(await rollUp(lab.eye, 100)).toBe(1) // the call beside it
  await pruning.query('commit')
  expect(await rollUp(lab.eye, 100)).toBe(1)
  expect(await countsOf(lab.eye)).toEqual(['all 2', 'hour 2', 'minute 2'])
})

test('who ends tasks does not wait for a roll-up', async () => {
  const { lab, taskIds } = await setup(2)
  await cancel(lab.eye, ...taskIds.slice(0, 1))
  const rolling = await lab.connect()
  await rolling.query('begin')
  expect(await rollUp(rolling, 100)).toBe(1)
  const ending = await lab.connect()
  const second = start(ending, () => cancel(ending, ...taskIds.slice(1)))
  expect(await waitsForLock(lab, second)).toBe(false)
  await rolling.query('commit')
  expect(await rollUp(lab.eye, 100)).toBe(1)
  expect(await violations(lab)).toEqual([])
})
