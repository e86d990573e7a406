// All statistics equal what is recomputed from the tables, at every stage of the roll-up: nothing added up, a part of it,
// all of it, and after ended tasks were revived, cancelled and deleted.
import { expect, test } from 'vitest'
import type { Reports } from '../../src/report-operations.ts'
import { testClock } from '../../src/testing/index.ts'
import { runs } from '../properties/runs.ts'
import { labsOfFile, type Lab } from '../protocol/lab.ts'
import { stage } from '../scenarios/stage.ts'
import { expectRecomputed } from './comparison.ts'
import { defineFive, makeTasks, seeded } from './random-tasks.ts'
import type { Scope } from './recomputed.ts'
import { noteEnded, rollUp, rollUpAll } from './rolling-up.ts'

const openLab = labsOfFile()
const at = new Date('2030-01-10T12:34:56.789Z')
const before = (ms: number): Date => new Date(at.getTime() - ms)
const minute = 60_000
const hour = 60 * minute

async function setup() {
  const lab = await openLab()
  const definitions = await defineFive(lab.eye)
  const clock = testClock(at.toISOString())
  const { tasker } = await stage(lab.url, { definitions: [], isWorking: false, clock })
  return { lab, definitions, reports: tasker.reports }
}

const scopes: readonly Scope[] = [
  { since: before(1000) },
  { since: before(10 * minute) },
  { since: before(hour) },
  { since: before(5 * hour), namespace: 'sales' },
  { since: before(24 * hour) },
  { since: before(24 * hour), name: 'order', version: '1.0.0' },
  { since: before(100 * 24 * hour) },
  { since: before(100 * 24 * hour), namespace: 'stock', name: 'count' },
  { since: before(100 * 24 * hour), namespace: 'nobody' },
]

const expectEqual = (lab: Lab, reports: Reports): Promise<void> =>
  expectRecomputed({ on: lab.eye, reports, at, scopes })

test('statistics of 500 random tasks are what a plain recomputation says, whatever was rolled up', async () => {
  const random = seeded(runs(1).seed)
  const { lab, definitions, reports } = await setup()
  const ids = await makeTasks(lab.eye, {
    count: 500,
    random,
    at,
    spreadMs: 3 * 24 * hour,
    definitions,
  })
  await noteEnded(lab.eye, ids)
  await expectEqual(lab, reports) // nothing rolled up
  await rollUp(lab.eye, 100)
  await expectEqual(lab, reports) // in part
  const chosen = ids.filter(() => random() < 0.2)
  await changeEnded(lab, chosen)
  await expectEqual(lab, reports) // some were struck off the note, others taken out of the counts
  await rollUpAll(lab.eye)
  await expectEqual(lab, reports)
  await changeEnded(
    lab,
    ids.filter(() => random() < 0.2),
  )
  await rollUpAll(lab.eye)
  await expectEqual(lab, reports)
  await reports.recount()
  await expectEqual(lab, reports) // begun anew
  await rollUpAll(lab.eye)
  await expectEqual(lab, reports)
})

/** Those in error are revived, moved or cancelled, as operators do; of the others that have ended, some are deleted. */
async function changeEnded(lab: Lab, ids: readonly string[]): Promise<void> {
  const run = (sql: string) => lab.eye.query(sql, [ids])
  await run(`select tasker.count_tasks_left($1)`)
  await run(
    `update tasker.workflow_steps s set state = 'resolved_manually' from tasker.tasks t
     where t.task_id = s.task_id and s.task_id = any ($1) and t.state = 'error' and s.state = 'error' and s.step_no > 2`,
  )
  await run(
    `update tasker.tasks t set state = case when t.initiator = 'web' then 'in_progress' else 'cancelled' end,
       ended_at = case when t.initiator = 'web' then null else t.ended_at + interval '1 hour' end
     where t.task_id = any ($1) and t.state = 'error' and t.definition_id % 2 = 0`,
  )
  for (const table of ['workflow_steps', 'due', 'tasks']) {
    await run(
      `delete from tasker.${table} x where x.task_id = any ($1)
       and x.task_id in (select t.task_id from tasker.tasks t where t.ended_at is not null and t.initiator = 'cron')`,
    )
  }
  await lab.eye.query(`delete from tasker.workflow_steps s where not exists (
    select 1 from tasker.tasks t where t.task_id = s.task_id)`)
  await run(`select tasker.count_tasks_ended($1)`)
}

test('the slowest of more tasks than the list of an hour keeps are found', async () => {
  const random = seeded(runs(1).seed)
  const { lab, definitions, reports } = await setup()
  const ids = await makeTasks(lab.eye, {
    count: 500,
    random,
    at,
    spreadMs: 34 * minute,
    definitions: definitions.slice(0, 1),
  })
  await noteEnded(lab.eye, ids)
  for (let page = 0; page < 5; page += 1) await rollUp(lab.eye, 60)
  await expectEqual(lab, reports)
  await rollUpAll(lab.eye)
  const [kept] = await lab.eye.query(
    `select count(*) filter (where kind = 'task')::integer as tasks, count(*) filter (where kind = 'step')::integer as steps
     from tasker.slow_runs`,
  )
  expect(kept).toEqual({ tasks: 30, steps: 30 })
  await expectEqual(lab, reports) // the window begins within the hour, and more is asked for than is left
})

test('the list of an hour that lost tasks is not taken for the whole', async () => {
  const random = seeded(runs(1).seed)
  const { lab, definitions, reports } = await setup()
  const ids = await makeTasks(lab.eye, {
    count: 400,
    random,
    at,
    spreadMs: 30 * minute,
    definitions: definitions.slice(0, 2),
  })
  await noteEnded(lab.eye, ids)
  await rollUpAll(lab.eye)
  const gone = await lab.eye.query(
    `select task_id from tasker.slow_runs where kind = 'task' order by duration desc limit 120`,
  )
  const goneIds = gone.map((row) => String(row['task_id']))
  await lab.eye.query('select tasker.count_tasks_left($1)', [goneIds])
  for (const table of ['workflow_steps', 'tasks'])
    await lab.eye.query(`delete from tasker.${table} where task_id = any ($1)`, [goneIds])
  await expectEqual(lab, reports)
})

test('an empty database counts nothing', async () => {
  const { lab, reports } = await setup()
  await expectEqual(lab, reports)
})

test('what is pruned leaves no trace in the statistics', async () => {
  const random = seeded(runs(1).seed)
  const { lab, definitions } = await setup()
  const ids = await makeTasks(lab.eye, { count: 50, random, at, spreadMs: hour, definitions })
  await noteEnded(lab.eye, ids)
  await rollUpAll(lab.eye)
  await lab.eye.query('select tasker.delete_tasks($1)', [ids])
  for (const table of ['task_ends', 'task_counts', 'slow_runs', 'slow_hours'])
    expect(await lab.eye.query(`select * from tasker.${table}`)).toEqual([])
})
