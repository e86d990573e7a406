// Rules 4 and 8; S3, S6 and S8: a dead worker's steps are found by their receipts, whenever it died, and are taken over
// through the ordinary finish.
import { describe, expect, test } from 'vitest'
import { finishSteps } from '../../src/database/steps.ts'
import { stopWorker } from '../../src/database/workers.ts'
import { rescue, workerState, overdue, stepOf, overMs } from './overdue.ts'
import { start, valueOf, waitsForLock } from './interleave.ts'
import { checkInvariants } from './invariants.ts'
import { countOf, finishCall, labsOfFile, outcomeOf, taskStateOf, type Lab } from './lab.ts'
import { replaceOnce, withoutRule } from './without-rule.ts'

const openLab = labsOfFile()

test('the steps of a worker whose lease ran out are due again, the attempt handed back', async () => {
  const lab = await openLab()
  const { definition, taskId, dead, rescuer } = await overdue(lab)
  const reply = await rescue(lab, rescuer)
  expect([...reply.recorded.values()]).toMatchObject([{ to: 'error' }])
  expect(await workerState(lab, dead)).toBe('lost')
  const step = { state: 'error', attempts: 0, losses: 1, claim_no: 1, lane: definition }
  expect(await stepOf(lab, taskId)).toEqual(step)
  expect(await countOf(lab, 'select count(*) from tasker.receipts')).toBe(0)
  expect(await checkInvariants(lab.eye.client, 'tasker')).toEqual([])
})

test('what a stopped worker forgot to hand back is found in the same way', async () => {
  const lab = await openLab()
  const { taskId, dead, rescuer } = await overdue(lab)
  await stopWorker(lab.eye.database, dead, null)
  await rescue(lab, rescuer, { mayTakeOver: false })
  expect(await workerState(lab, dead)).toBe('stopped')
  expect(await stepOf(lab, taskId)).toMatchObject({ state: 'error', losses: 1 })
})

describe('a step that was lost once', () => {
  /** Three tasks of one step; the first one's worker has died, with the others still in the queue. */
  async function queue(lab: Lab) {
    const definition = await lab.define([['a', []]])
    const tasks = [
      await lab.create(definition),
      await lab.create(definition),
      await lab.create(definition),
    ]
    const dead = await lab.worker([definition], overMs)
    const rescuer = await lab.worker([definition])
    await lab.claim(dead, [definition])
    await rescue(lab, rescuer)
    return { definition, tasks, rescuer }
  }
  const claimedBy = async (lab: Lab, { definition, rescuer }: Awaited<ReturnType<typeof queue>>) =>
    (await lab.claim(rescuer, [definition])).claims.map(({ taskId }) => taskId)

  test('keeps its place: it goes before what was behind it when it was claimed', async () => {
    const lab = await openLab()
    const queued = await queue(lab)
    const [first, second, third] = queued.tasks
    const order = []
    for (let claim = 1; claim <= 3; claim += 1) order.push(...(await claimedBy(lab, queued)))
    expect(order).toEqual([first, second, third])
    expect(await checkInvariants(lab.eye.client, 'tasker')).toEqual([])
  })

  test('would, due again only from now, wait behind everything that came after it', async () => {
    const lab = await openLab()
    await withoutRule(lab, 'finish_steps', (sql) =>
      replaceOnce(sql, 'least(o.run_at, v_now)', 'v_now'),
    )
    const queued = await queue(lab)
    expect(await claimedBy(lab, queued)).toEqual([queued.tasks[1]])
  })

  test('and that was given to its worker by the call that released it is due since then', async () => {
    const lab = await openLab()
    const definition = await lab.define([
      ['a', []],
      ['b', ['a']],
    ])
    const taskId = await lab.create(definition)
    const rescuer = await lab.worker([definition])
    const dead = await lab.worker([definition], overMs)
    const { claims } = await lab.claim(dead, [definition])
    const outcomes = claims.map((step) => outcomeOf(step))
    const fused = finishCall(dead, { outcomes, want: 1, lanes: [definition] })
    expect((await finishSteps(lab.eye.database, fused)).claims).toMatchObject([{ name: 'b' }])
    const began = `(select started_at from tasker.workflow_steps where task_id = $1 and step_no = 2)`
    await rescue(lab, rescuer)
    const sql = `select count(*) from tasker.due where task_id = $1 and step_no = 2 and run_at = ${began}`
    expect(await countOf(lab, sql, [taskId])).toBe(1)
  })

  test('and whose receipt was written before places were kept is due since it was claimed', async () => {
    const lab = await openLab()
    const { taskId, rescuer } = await overdue(lab)
    await lab.eye.query('update tasker.receipts set run_ats = null')
    await rescue(lab, rescuer)
    const sql = `select count(*) from tasker.due d join tasker.workflow_steps s using (task_id, step_no)
      where d.task_id = $1 and d.run_at = s.started_at`
    expect(await countOf(lab, sql, [taskId])).toBe(1)
  })
})

describe('a finish that commits while a rescue waits for its task', () => {
  /** The rescue read its list before; its outcome stands in line behind the finish. */
  async function race(lab: Lab) {
    const { taskId, dead, rescuer, a } = await overdue(lab)
    const [finishing, rescuing] = [await lab.connect(), await lab.connect()]
    await finishing.query('begin')
    const charged = finishCall(dead, { outcomes: [outcomeOf(a, { result: '"charged"' })] })
    await finishSteps(finishing.database, charged)
    const lost = [{ task_id: taskId, step_no: 1, claim_no: 1, kind: 'lost', reason: 'worker_lost' }]
    const call = start(rescuing, () =>
      rescuing.query(
        `select tasker.finish_steps($1, gen_random_uuid(), $2::jsonb, true, 0, '{}', false, '{}', 'rescue by worker:2',
           5, 0)`,
        [rescuer, JSON.stringify(lost)],
      ),
    )
    expect(await waitsForLock(lab, call)).toBe(true)
    await finishing.query('commit')
    await valueOf(call)
    return taskId
  }

  test('stands: nothing is rescued, and the history says nothing of it', async () => {
    const lab = await openLab()
    const taskId = await race(lab)
    expect(await stepOf(lab, taskId)).toMatchObject({ state: 'complete', losses: 0, lane: null })
    expect(await taskStateOf(lab, taskId)).toBe('complete')
    const entries = 'select count(*) from tasker.workflow_step_transitions'
    expect(await countOf(lab, entries)).toBe(1)
  })

  test('is overwritten when the conditions stand only in the list: it would be charged again', async () => {
    const lab = await openLab()
    await withoutRule(lab, 'finish_steps', (sql) =>
      replaceOnce(
        replaceOnce(
          sql,
          `where s.state = 'in_progress'
        and s.claim_no = o.claim_no
        and (t.state in ('pending', 'in_progress') or s.step_no <= 0)`,
          'where s.claim_no = o.claim_no',
        ),
        `where s.ctid = e.at
        and s.state = 'in_progress'`,
        'where s.ctid = e.at',
      ),
    )
    const taskId = await race(lab)
    expect(await stepOf(lab, taskId)).toMatchObject({ state: 'error', lane: 1 })
    expect(await taskStateOf(lab, taskId)).toBe('complete')
  })

  test('is left alone by a scan that meets its task locked, and its receipt stays', async () => {
    const lab = await openLab()
    const { taskId, rescuer, dead, a } = await overdue(lab)
    const finishing = await lab.connect()
    await finishing.query('begin')
    await finishSteps(finishing.database, finishCall(dead, { outcomes: [outcomeOf(a)] }))
    await rescue(lab, rescuer)
    expect(await countOf(lab, 'select count(*) from tasker.receipts')).toBe(1)
    await finishing.query('rollback')
    await rescue(lab, rescuer)
    expect(await stepOf(lab, taskId)).toMatchObject({ state: 'error', losses: 1 })
    expect(await countOf(lab, 'select count(*) from tasker.receipts')).toBe(0)
  })
})

describe('a claim that commits after its worker was given up', () => {
  async function stall(lab: Lab) {
    const definition = await lab.define([['a', []]])
    const taskId = await lab.create(definition)
    const stalled = await lab.worker([definition], overMs)
    const rescuer = await lab.worker([definition])
    const claiming = await lab.connect()
    await claiming.query('begin')
    await finishSteps(claiming.database, finishCall(stalled, { want: 1, lanes: [definition] }))
    await rescue(lab, rescuer)
    expect(await workerState(lab, stalled)).toBe('lost')
    await claiming.query('commit')
    expect(await stepOf(lab, taskId)).toMatchObject({ state: 'in_progress' })
    await rescue(lab, rescuer)
    return { taskId, stalled }
  }

  test('is found by the next scan', async () => {
    const lab = await openLab()
    const { taskId } = await stall(lab)
    expect(await stepOf(lab, taskId)).toMatchObject({ state: 'error', losses: 1, lane: 1 })
  })

  test('is, when only the moment of death is looked at, in progress for ever', async () => {
    const lab = await openLab()
    await withoutRule(lab, 'rescue_steps', (sql) =>
      replaceOnce(
        sql,
        `where not exists (select 1 from tasker.workers w where w.worker_id = r.worker_id and w.state = 'live')`,
        // Given up by this very transaction.
        `where exists (select 1 from tasker.workers w where w.worker_id = r.worker_id and w.state = 'lost'
           and w.xmin = pg_current_xact_id()::xid)`,
      ),
    )
    const { taskId } = await stall(lab)
    expect(await stepOf(lab, taskId)).toMatchObject({ state: 'in_progress', losses: 0, lane: null })
  })

  test('and a worker that was given up claims nothing more', async () => {
    const lab = await openLab()
    const { definition, taskId, dead, rescuer } = await overdue(lab)
    await rescue(lab, rescuer)
    const reply = await lab.claim(dead, [definition])
    expect(reply).toMatchObject({ isWorkerLost: true, claims: [] })
    expect(await stepOf(lab, taskId)).toMatchObject({ state: 'error', lane: definition })
  })
})

describe('a page of receipts whose tasks are all busy', () => {
  /** Two dead workers; the task of the first is locked, and a scan takes one receipt. Scans until the other is rescued. */
  async function scansFor(lab: Lab, scansMax: number): Promise<unknown> {
    const busy = await overdue(lab)
    const free = await overdue(lab)
    const holder = await lab.connect()
    await holder.query('begin')
    const lock = 'select 1 from tasker.task_progress where task_id = $1 for update'
    await holder.query(lock, [busy.taskId])
    for (let scan = 1; scan <= scansMax; scan += 1) {
      await rescue(lab, free.rescuer, { receiptsMax: 1 })
    }
    await holder.query('rollback')
    return (await stepOf(lab, free.taskId))?.['state']
  }

  test('does not keep the others from being rescued', async () => {
    expect(await scansFor(await openLab(), 40)).toBe('error')
  })

  test('would, were it always the same page', async () => {
    const lab = await openLab()
    await withoutRule(lab, 'rescue_steps', (sql) =>
      replaceOnce(sql, 'order by random()', 'order by r.worker_id, r.call_id'),
    )
    expect(await scansFor(lab, 40)).toBe('in_progress')
  })
})

test('two rescuers at once share the work, and no step is lost twice', async () => {
  const lab = await openLab()
  const { taskId, rescuer, definition } = await overdue(lab)
  const other = await lab.worker([definition])
  const [first, second] = [await lab.connect(), await lab.connect()]
  await first.query('begin')
  await rescue(lab, rescuer, { on: first })
  const scan = start(second, () => rescue(lab, other, { on: second }))
  await waitsForLock(lab, scan)
  await first.query('commit')
  await valueOf(scan)
  expect(await stepOf(lab, taskId)).toMatchObject({ state: 'error', losses: 1 })
})
