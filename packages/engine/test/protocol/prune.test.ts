// Rule 27 and M16: prune locks ended tasks and passes by those that others hold; under the lock it judges them again.
// Nothing that goes on, is due or is claimed ever goes. Reruns: prune-reruns.test.ts.
import { describe, expect, test } from 'vitest'
import { beforeAllTasks } from '../../src/database/prune.ts'
import { finishSteps, settleTasks } from '../../src/database/steps.ts'
import { newTaskId, type DefinitionId, type TaskId } from '../../src/ids.ts'
import { start, valueOf, waitsForLock } from './interleave.ts'
import { checkInvariants } from './invariants.ts'
import {
  countOf,
  finishCall,
  graphOf,
  labsOfFile,
  outcomeOf,
  sorted,
  stepStatesOf,
  taskStateOf,
  type Connection,
  type Lab,
} from './lab.ts'
import { ended, isThere, prune, prunedCount, runAll } from './pruning.ts'
import { chain } from './task-at-noon.ts'
import { replaceOnce, withoutRule } from './without-rule.ts'

const openLab = labsOfFile()

const cancel = (lab: Lab, taskId: TaskId) =>
  settleTasks(lab.eye.database, {
    taskIds: [taskId],
    state: 'cancelled',
    actor: 'operator',
    reason: 'test',
    now: null,
  })

/**
 * Of every table with an id of tasks in it, from the catalog: which still name this task. The journal of the history goes by
 * its age, and names what is gone to nobody.
 */
async function rowsThatName(lab: Lab, taskId: TaskId): Promise<readonly string[]> {
  const columns = await lab.eye.query(
    `select c.table_name, c.column_name, c.data_type
     from information_schema.columns c
     join information_schema.tables t using (table_schema, table_name)
     where c.table_schema = 'tasker' and t.table_type = 'BASE TABLE'
       and (c.udt_name = 'uuid' or c.udt_name = '_uuid') and c.table_name <> 'history_journal'
     order by c.table_name, c.column_name`,
  )
  const found: string[] = []
  for (const { table_name: table, column_name: column, data_type: type } of columns) {
    const [row] = await lab.eye.query(
      `select count(*)::integer as n from tasker.${String(table)}
       where $1::uuid = ${type === 'ARRAY' ? `any (${String(column)})` : String(column)}`,
      [taskId],
    )
    if (row?.['n'] !== 0) found.push(`${String(table)}.${String(column)}`)
  }
  return found
}

describe('a task that ended long enough ago', () => {
  test('goes with every row that names it, whatever table holds it', async () => {
    const lab = await openLab()
    const definition = await lab.define(chain)
    const taskId = await lab.create(definition, {
      graph: graphOf([...chain, ['c', []]]),
      deadlineMs: 60_000,
    })
    await runAll(lab, definition, 'complete')
    await lab.eye.query('delete from tasker.receipts')
    await lab.eye.query(
      `insert into tasker.task_annotations (task_id, annotation_type, digest, annotation, created_at)
       values ($1, 'note', 'd', '{}', now())`,
      [taskId],
    )
    expect(await rowsThatName(lab, taskId)).toEqual(
      expect.arrayContaining([
        'graph_steps.graph_id',
        'step_claims.task_id',
        'step_results.task_id',
        'task_annotations.task_id',
        'task_contexts.task_id',
        'task_progress.task_id',
        'task_transitions.task_id',
        'tasks.task_id',
        'workflow_step_transitions.task_id',
        'workflow_steps.task_id',
      ]),
    )
    const { groups, bytes } = await prune(lab.eye)
    expect(groups).toMatchObject([{ name: 'task_1', state: 'complete', count: 1 }])
    expect(bytes).toBeGreaterThan(1_000)
    expect(await rowsThatName(lab, taskId)).toEqual([])
    expect(await countOf(lab, 'select count(*) from tasker.graph_steps')).toBe(chain.length)
  })

  test('stays while its state was not asked for, or it ended too lately', async () => {
    const lab = await openLab()
    const { taskId } = await ended(lab, 'failed')
    expect(await prunedCount(lab.eye, { states: ['complete', 'cancelled'] })).toBe(0)
    expect(await prunedCount(lab.eye, { endedBefore: new Date('2020-01-01') })).toBe(0)
    expect(await isThere(lab, taskId)).toBe(true)
    expect(await prunedCount(lab.eye)).toBe(1)
  })

  test('keeps its idempotency key until that expires: the same request makes no second task', async () => {
    const lab = await openLab()
    const definition = await lab.define(chain)
    const request = { key: 'k', digest: 'd', keyTtlHours: 1 }
    const taskId = await lab.create(definition, request)
    await cancel(lab, taskId)
    await prune(lab.eye)
    expect(await isThere(lab, taskId)).toBe(false)
    expect(await lab.create(definition, request)).toBe(taskId)
    expect(await countOf(lab, 'select count(*) from tasker.tasks')).toBe(0)
  })

  test('goes in batches, each going on where the one before ended', async () => {
    const lab = await openLab()
    const definition = await lab.define(chain)
    const ids: TaskId[] = []
    for (let n = 0; n < 5; n += 1) ids.push(await lab.create(definition))
    for (const taskId of ids.slice(0, 4)) await cancel(lab, taskId)
    const first = await prune(lab.eye, { tasksMax: 3 })
    expect(first).toMatchObject({ last: sorted(ids)[2], groups: [{ count: 3 }] })
    const second = await prune(lab.eye, { tasksMax: 3, after: first.last ?? beforeAllTasks })
    expect(second).toMatchObject({ last: null, groups: [{ count: 1 }] })
    expect(await taskStateOf(lab, ids[4] ?? newTaskId())).toBe('pending')
    expect(await checkInvariants(lab.eye.client, 'tasker')).toEqual([])
  })

  test('is counted by a dry run exactly as it goes, and stays', async () => {
    const lab = await openLab()
    const { taskId } = await ended(lab)
    await ended(lab, 'failed')
    const trial = await prune(lab.eye, { isTrial: true })
    expect(await isThere(lab, taskId)).toBe(true)
    expect(await prune(lab.eye)).toEqual(trial)
  })
})

describe('a task that something still points to', () => {
  test('stays while its annotations hook is due, and while it is claimed', async () => {
    const lab = await openLab()
    const definition = await lab.define(chain)
    await lab.eye.query('update tasker.definitions set annotates = true')
    const taskId = await lab.create(definition)
    const workerId = await lab.worker([definition])
    const claim = () => lab.claim(workerId, [definition], 5)
    for (let step = 0; step < chain.length; step += 1) {
      const { claims } = await claim()
      await lab.finish(
        workerId,
        claims.map((claimed) => outcomeOf(claimed)),
      )
    }
    await lab.eye.query('delete from tasker.receipts')
    expect(await taskStateOf(lab, taskId)).toBe('complete')
    expect(await prunedCount(lab.eye)).toBe(0) // due
    const { claims, callId } = await claimHook(lab, definition, workerId)
    expect(await prunedCount(lab.eye)).toBe(0) // claimed
    await finishSteps(
      lab.eye.database,
      finishCall(workerId, {
        outcomes: claims.map((claimed) => outcomeOf(claimed)),
        settled: [callId],
      }),
    )
    expect(await prunedCount(lab.eye)).toBe(1)
  })

  async function claimHook(
    lab: Lab,
    definition: DefinitionId,
    workerId: Awaited<ReturnType<Lab['worker']>>,
  ) {
    const call = finishCall(workerId, { want: 1, lanes: [definition] })
    const { claims } = await finishSteps(lab.eye.database, call)
    expect(claims).toMatchObject([{ stepNo: 0 }])
    return { claims, callId: call.callId }
  }

  test('stays while the claim of its hook is not committed yet', async () => {
    const lab = await openLab()
    const definition = await lab.define([['a', []]])
    await lab.eye.query('update tasker.definitions set annotates = true')
    const taskId = await lab.create(definition, { bypassSteps: ['a'] })
    const workerId = await lab.worker([definition])
    const claiming = await lab.connect()
    await claiming.query('begin')
    await finishSteps(claiming.database, finishCall(workerId, { want: 1, lanes: [definition] }))
    expect(await prunedCount(lab.eye)).toBe(0)
    await claiming.query('commit')
    expect(await prunedCount(lab.eye)).toBe(0)
    expect(await isThere(lab, taskId)).toBe(true)
  })

  test('goes when the worker that had its last receipt is gone', async () => {
    const lab = await openLab()
    const definition = await lab.define(chain)
    await lab.create(definition)
    const workerId = await runAll(lab, definition, 'complete')
    expect(await prunedCount(lab.eye)).toBe(0)
    await lab.eye.query('select tasker.stop_worker($1)', [workerId])
    expect(await prunedCount(lab.eye)).toBe(1)
  })

  test('stays while a cancelled step of it still runs somewhere', async () => {
    const lab = await openLab()
    const definition = await lab.define(chain)
    const taskId = await lab.create(definition)
    const workerId = await lab.worker([definition])
    const { claims } = await lab.claim(workerId, [definition], 1)
    await cancel(lab, taskId)
    expect(await prunedCount(lab.eye)).toBe(0)
    const late = await lab.finish(
      workerId,
      claims.map((step) => outcomeOf(step)),
    )
    expect(late.unrecorded).toMatchObject([{ answer: 'refused' }])
    await lab.eye.query('delete from tasker.receipts')
    expect(await prunedCount(lab.eye)).toBe(1)
  })
})

describe('a task that is revived meanwhile', () => {
  // As an operator's retry begins: under the task's lock, ended no more.
  const revive = async (on: Connection, taskId: TaskId): Promise<void> => {
    await on.query('begin')
    await on.query('select 1 from tasker.task_progress where task_id = $1 for no key update', [
      taskId,
    ])
    await on.query(
      `update tasker.tasks set state = 'in_progress', ended_at = null where task_id = $1`,
      [taskId],
    )
  }

  test('is passed by, and nobody waits', async () => {
    const lab = await openLab()
    const { taskId } = await ended(lab, 'failed')
    const [reviving, pruning] = [await lab.connect(), await lab.connect()]
    await revive(reviving, taskId)
    const call = start(pruning, () => prune(pruning))
    expect(await waitsForLock(lab, call)).toBe(false)
    expect(await valueOf(call)).toMatchObject({ groups: [], busyCount: 1 })
    await reviving.query('commit')
    expect(await taskStateOf(lab, taskId)).toBe('in_progress')
  })

  /** The prune stops between finding the task and locking it, until the operator has committed. */
  async function reviveInBetween(lab: Lab, edit: (sql: string) => string = (sql) => sql) {
    const { taskId } = await ended(lab, 'failed')
    await withoutRule(lab, 'prune_tasks', (sql) =>
      replaceOnce(
        edit(sql),
        '  if p_is_trial then',
        '  perform pg_advisory_xact_lock(1);\n  if p_is_trial then',
      ),
    )
    const [gate, pruning, reviving] = [
      await lab.connect(),
      await lab.connect(),
      await lab.connect(),
    ]
    await gate.query('select pg_advisory_lock(1)')
    const call = start(pruning, () => prune(pruning))
    expect(await waitsForLock(lab, call)).toBe(true)
    await revive(reviving, taskId)
    await reviving.query('commit')
    await gate.query('select pg_advisory_unlock(1)')
    return { taskId, pruned: await valueOf(call) }
  }

  test('between finding and locking it is judged again, and stays', async () => {
    const lab = await openLab()
    const { taskId, pruned } = await reviveInBetween(lab)
    expect(pruned).toMatchObject({ groups: [], busyCount: 1 })
    expect(await taskStateOf(lab, taskId)).toBe('in_progress')
    expect(await stepStatesOf(lab, taskId)).toEqual({ a: 'error', b: 'pending' })
  })

  test('without the second look it goes while it runs', async () => {
    const lab = await openLab()
    const { taskId } = await reviveInBetween(lab, (sql) =>
      replaceOnce(
        sql,
        '    v_gone := array(select tasker.prunable(v_gone, p_states, p_before));\n',
        '',
      ),
    )
    expect(await isThere(lab, taskId)).toBe(false)
  })
})
