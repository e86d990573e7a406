// Rule 27 and reruns: results that a rerun took over outlive their task, because they are copied before it goes, and
// because a rerun holds the lock of every task it takes results from.
import { describe, expect, test } from 'vitest'
import { findViolations } from '../../src/database/invariants.ts'
import { newTaskId, type TaskId } from '../../src/ids.ts'
import { labsOfFile, type Connection, type Lab } from './lab.ts'
import { ended, isThere, prune, runAll } from './pruning.ts'
import { withoutRule } from './without-rule.ts'

const openLab = labsOfFile()

describe('results that a rerun took over', () => {
  const rerun = async (on: Connection, taskId: TaskId): Promise<TaskId> => {
    const id = newTaskId()
    await on.query(
      `select * from tasker.rerun_task($1, $2, array['b'], '{}', null, 'operator', 'test', false)`,
      [taskId, id],
    )
    return id
  }
  const violationsIn = (lab: Lab) =>
    findViolations((text, values) => lab.eye.query(text, values), { schema: 'tasker' })
  const resultsOf = (lab: Lab, taskId: TaskId) =>
    lab.eye.query(
      'select step_no, result, source_task_id from tasker.step_results where task_id = $1 order by 1',
      [taskId],
    )

  test('are copied into its rows before their task goes', async () => {
    const lab = await openLab()
    const { definition, taskId } = await ended(lab)
    await lab.eye.query(`update tasker.step_results set result = '{"of":"a"}' where step_no = 1`)
    const first = await rerun(lab.eye, taskId)
    await runAll(lab, definition, 'complete')
    const second = await rerun(lab.eye, first)
    await prune(lab.eye, { tasksMax: 1 })
    expect(await isThere(lab, taskId)).toBe(false)
    const kept = { step_no: 1, result: { of: 'a' }, source_task_id: null }
    expect(await resultsOf(lab, first)).toMatchObject([kept, { step_no: 2 }])
    expect(await resultsOf(lab, second)).toEqual([kept])
    expect(await violationsIn(lab)).toEqual([])
  })

  test('stay where they are while the rerun is being made, also one of a rerun', async () => {
    const lab = await openLab()
    const { definition, taskId } = await ended(lab)
    const first = await rerun(lab.eye, taskId)
    await runAll(lab, definition, 'complete')
    await lab.eye.query('delete from tasker.receipts')
    const rerunning = await lab.connect()
    await rerunning.query('begin')
    const second = await rerun(rerunning, first)
    expect(await prune(lab.eye)).toMatchObject({ groups: [], busyCount: 2 })
    await rerunning.query('commit')
    expect(await resultsOf(lab, second)).toMatchObject([{ step_no: 1, source_task_id: taskId }])
    await prune(lab.eye)
    expect(await resultsOf(lab, second)).toEqual([
      { step_no: 1, result: null, source_task_id: null },
    ])
    expect(await violationsIn(lab)).toEqual([])
  })
  test('without the lock on it, are gone when the rerun of a rerun refers to them', async () => {
    const lab = await openLab()
    await withoutRule(lab, 'rerun_task', (sql) =>
      sql.replace(/p_task_id \|\| array\([^)]*\)/, 'array[p_task_id]'),
    )
    const { definition, taskId } = await ended(lab)
    const first = await rerun(lab.eye, taskId)
    await runAll(lab, definition, 'complete')
    await lab.eye.query('delete from tasker.receipts')
    const rerunning = await lab.connect()
    await rerunning.query('begin')
    await rerun(rerunning, first)
    expect(await prune(lab.eye)).toMatchObject({ groups: [{ count: 1 }], busyCount: 1 })
    await rerunning.query('commit')
    expect(await isThere(lab, taskId)).toBe(false)
    expect(await violationsIn(lab)).toMatchObject([
      { says: 'a result taken over from a task that has none of its own there' },
    ])
  })
})
