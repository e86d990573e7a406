// The budget gate for plans (promise 8): what runs for every task or by itself reads no large table from end to end, sorts no
// backlog, and touches as many buffers among 100,000 retained tasks as among 1,000. The plans are those that a worker's own
// sessions executed. Counts, never times.
import { describe, expect, test } from 'vitest'
import { checkInvariants } from '../protocol/invariants.ts'
import { labsOfFile } from '../protocol/lab.ts'
import { openFullHouse } from './full-house.ts'
import { cold, hot, isOfTransaction, statementsInSource } from './hot-statements.ts'
import { bounds, buffersByName, growthFaults, planFaults } from './plan-faults.ts'
import type { Call } from './session-plans.ts'

const openLab = labsOfFile()

test('every statement of the engine is known as hot or as cold', () => {
  expect(statementsInSource()).toEqual([...hot, ...Object.keys(cold)].toSorted())
})

/** The prepared statements among the calls, and whatever else it was. */
function asked(calls: readonly Call[]): readonly string[] {
  const all = calls.flatMap(({ name, text }) => name ?? (isOfTransaction(text) ? [] : text))
  return [...new Set(all)].toSorted()
}

test('among 100,000 retained tasks hot statements read and sort what they need, and cost what they cost among 1,000', async () => {
  const lab = await openLab({ alone: true })
  // Due, later and unserved steps, each so many; as many wait for them.
  const house = await openFullHouse(lab, 10_000)
  await house.fill(1_000)
  expect(await checkInvariants(lab.eye.client, 'tasker')).toEqual([])
  const few = await house.work()
  expect(planFaults(few, await house.bigTables())).toEqual([])

  await house.fill(99_000)
  const many = await house.work()
  expect(asked(many)).toEqual(hot)
  expect(planFaults(many, await house.bigTables())).toEqual([])
  expect(growthFaults(buffersByName(few), buffersByName(many))).toEqual([])
})

describe('the gate fails', () => {
  test('when an index is gone that claims or the sweep count on, and names the statement and the table', async () => {
    const lab = await openLab({ alone: true })
    const house = await openFullHouse(lab, 7_000)
    await house.fill(10_000)
    const big = await house.bigTables()
    expect(planFaults(await house.linger(), big)).toEqual([])
    await lab.eye.query('drop index tasker.due_lane_idx, tasker.tasks_open_idx')
    expect(planFaults(await house.linger(), big)).toEqual(
      expect.arrayContaining([
        'claim_due in finish_steps reads due from end to end',
        `claim_due in finish_steps sorts more than ${bounds.rowsMax} rows`,
        `sweep_due reads more than ${bounds.rowsMax} rows of tasks by tasks_pkey`,
      ]),
    )
  })

  test.each(['create_tasks', 'read_tasks'])('when %s costs more among many tasks', (name) => {
    const few = new Map([[name, 100]])
    const allowed = 100 * (bounds.growthMaxOf.get(name) ?? bounds.growthMax)
    expect(growthFaults(few, new Map([[name, allowed]]))).toEqual([])
    expect(growthFaults(few, new Map([[name, allowed + 1]]))).toEqual([
      `${name} touches 100 buffers among few retained tasks, ${allowed + 1} among many`,
    ])
    expect(growthFaults(new Map(), new Map([[name, 1]]))).toHaveLength(1)
  })
})
