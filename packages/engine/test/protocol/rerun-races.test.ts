// Rules 14 and 27: a rerun locks the task that it does again, so that this is neither revived nor pruned meanwhile, and takes
// over results by reference, never through a chain.
import { describe, expect, test } from 'vitest'
import { rerunTask } from '../../src/database/operate.ts'
import { newTaskId, type TaskId } from '../../src/ids.ts'
import { start, valueOf, waitsForLock } from './interleave.ts'
import { checkInvariants } from './invariants.ts'
import {
  countOf,
  labsOfFile,
  named,
  outcomeOf,
  stepStatesOf,
  taskStateOf,
  type Connection,
  type Lab,
} from './lab.ts'
import { operate } from './operator.ts'
import { replaceEach, withoutRule } from './without-rule.ts'

const openLab = labsOfFile()

const expectWellKept = async (lab: Lab): Promise<void> =>
  expect(await checkInvariants(lab.eye.client, 'tasker')).toEqual([])

const rerun = (on: Connection, taskId: TaskId, asNew = newTaskId()) =>
  rerunTask(on.database, {
    taskId,
    newTaskId: asNew,
    from: [],
    inputs: {},
    context: null,
    actor: 'ana',
    reason: 'test',
    isTrial: false,
    now: null,
    traceParent: null,
  })

const prune = (on: Connection) =>
  on.query(
    `select tasker.prune_tasks(array['complete', 'error'], statement_timestamp() + interval '1 minute',
      '00000000-0000-0000-0000-000000000000', null, 100, 1000, false) as reply`,
  )

/** a is complete, b failed for good, and so did the task. */
async function failed(lab: Lab) {
  const definition = await lab.define([
    ['a', []],
    ['b', ['a']],
  ])
  const taskId = await lab.create(definition)
  const workerId = await lab.worker([definition])
  await failB(lab, workerId, definition)
  return { definition, taskId, workerId }
}

async function failB(
  lab: Lab,
  workerId: Awaited<ReturnType<Lab['worker']>>,
  definition: Awaited<ReturnType<Lab['define']>>,
): Promise<void> {
  const first = await lab.claim(workerId, [definition])
  if (first.claims.some(({ name }) => name === 'a')) {
    await lab.finish(workerId, [outcomeOf(named(first.claims, 'a'), { result: '"of a"' })])
    return failB(lab, workerId, definition)
  }
  await lab.finish(workerId, [outcomeOf(named(first.claims, 'b'), { kind: 'failed' })])
}

describe('a rerun and a revival of the old task', () => {
  async function rerunAfterRevival(lab: Lab) {
    const { taskId } = await failed(lab)
    const [reviving, rerunning] = [await lab.connect(), await lab.connect()]
    await reviving.query('begin')
    await operate(reviving, 'retry', taskId)
    const again = start(rerunning, () => rerun(rerunning, taskId))
    const hasWaited = await waitsForLock(lab, again)
    await reviving.query('commit')
    return { taskId, hasWaited, again: await valueOf(again) }
  }

  test('the rerun waits, and is refused: the task goes on', async () => {
    const lab = await openLab()
    const { hasWaited, again } = await rerunAfterRevival(lab)
    expect(hasWaited).toBe(true)
    expect(again).toEqual({ from: 'in_progress', steps: null })
    expect(await countOf(lab, 'select count(*) from tasker.tasks')).toBe(1)
    await expectWellKept(lab)
  })

  test('without the lock the same step is due in both', async () => {
    const lab = await openLab()
    await withoutRule(lab, 'rerun_task', (sql) => replaceEach(sql, 'for no key update', ''))
    await rerunAfterRevival(lab)
    const due = 'select count(*) from tasker.due where step_no = 2'
    expect(await countOf(lab, due)).toBeGreaterThan(1)
  })

  test('the revival waits: both tasks stand, each with a history of its own', async () => {
    const lab = await openLab()
    const { taskId } = await failed(lab)
    const [reviving, rerunning] = [await lab.connect(), await lab.connect()]
    const asNew = newTaskId()
    await rerunning.query('begin')
    await rerun(rerunning, taskId, asNew)
    const revived = start(reviving, () => operate(reviving, 'retry', taskId))
    expect(await waitsForLock(lab, revived)).toBe(true)
    await rerunning.query('commit')
    expect(await valueOf(revived)).toMatchObject({ from: 'error', to: 'in_progress' })
    expect(await stepStatesOf(lab, asNew)).toEqual({ a: 'complete', b: 'pending' })
    await expectWellKept(lab)
  })
})

describe('a rerun and prune', () => {
  test('while the old task is being pruned the rerun waits, and then there is no such task', async () => {
    const lab = await openLab()
    const { taskId } = await failed(lab)
    await lab.eye.query('delete from tasker.receipts')
    const [pruning, rerunning] = [await lab.connect(), await lab.connect()]
    await pruning.query('begin')
    await prune(pruning)
    const again = start(rerunning, () => rerun(rerunning, taskId))
    expect(await waitsForLock(lab, again)).toBe(true)
    await pruning.query('commit')
    expect(await valueOf(again)).toBeNull()
    expect(await countOf(lab, 'select count(*) from tasker.tasks')).toBe(0)
  })

  /** The second task is a rerun of the first; the first is pruned while the second is rerun. */
  async function rerunWhileSourceGoes(lab: Lab) {
    const { definition, taskId, workerId } = await failed(lab)
    const second = newTaskId()
    await rerun(lab.eye, taskId, second)
    await failB(lab, workerId, definition)
    expect(await taskStateOf(lab, second)).toBe('error')
    await lab.eye.query('delete from tasker.receipts')
    const [pruning, rerunning] = [await lab.connect(), await lab.connect()]
    await lab.eye.query(
      `update tasker.tasks set ended_at = now() + interval '1 hour' where task_id = $1`,
      [second],
    )
    await pruning.query('begin')
    await prune(pruning)
    const third = newTaskId()
    const again = start(rerunning, () => rerun(rerunning, second, third))
    const hasWaited = await waitsForLock(lab, again)
    await pruning.query('commit')
    await valueOf(again)
    return { taskId, second, third, hasWaited }
  }

  test('while the results it takes over are being moved it waits, and takes them from where they are then', async () => {
    const lab = await openLab()
    const { taskId, second, third, hasWaited } = await rerunWhileSourceGoes(lab)
    expect(hasWaited).toBe(true)
    expect(await taskStateOf(lab, taskId)).toBeUndefined()
    const [source] = await lab.eye.query(
      'select source_task_id, (select result from tasker.step_results where task_id = $2 and step_no = 1) as result from tasker.step_results where task_id = $1 and step_no = 1',
      [third, second],
    )
    expect(source).toEqual({ source_task_id: second, result: 'of a' })
    await expectWellKept(lab)
  })

  test('without the lock it takes over a result that is gone', async () => {
    const lab = await openLab()
    await withoutRule(lab, 'rerun_task', (sql) => replaceEach(sql, 'for no key update', ''))
    const { hasWaited } = await rerunWhileSourceGoes(lab)
    expect(hasWaited).toBe(false)
    expect(await checkInvariants(lab.eye.client, 'tasker')).toMatchObject([
      expect.stringContaining('a result taken over from a task that has none'),
    ])
  })
})
