// Statistics cost what is open, not what is retained: no table of tasks is read from end to end, and the buffers that a
// question touches do not grow with ten times the tasks.
import { expect, test } from 'vitest'
import { labsOfFile, type Lab } from '../protocol/lab.ts'
import { defineFive, makeTasks, seeded } from './random-tasks.ts'
import { noteEnded, rollUpAll } from './rolling-up.ts'

const openLab = labsOfFile()
const at = new Date('2030-01-10T12:34:56.789Z')

const questions = [
  'system_health_counts($1)',
  `analytics_metrics($1::timestamptz - interval '24 hours', $1)`,
  `slowest_tasks($1::timestamptz - interval '24 hours', 10, null, null, null, $1)`,
  `slowest_steps($1::timestamptz - interval '24 hours', 10, 'sales', 'order', '1.0.0', $1)`,
]

async function grow(lab: Lab, definitions: readonly number[], count: number): Promise<void> {
  const making = { count, random: seeded(count), at, spreadMs: 7_200_000, definitions }
  const ids = await makeTasks(lab.eye, making)
  // Open tasks are what it costs; here they are none.
  await lab.eye.query(
    `update tasker.tasks set state = 'complete', ended_at = created_at + interval '1 s' where ended_at is null`,
  )
  await lab.eye.query(
    `update tasker.workflow_steps set state = 'pending' where state = 'in_progress'`,
  )
  await lab.eye.query('delete from tasker.due')
  await noteEnded(lab.eye, ids)
  await rollUpAll(lab.eye)
  await lab.eye.query('vacuum analyze')
}

async function buffersOf(lab: Lab, question: string): Promise<number> {
  const connection = await lab.connect()
  const explain = `explain (analyze, buffers, timing off, format json) select * from tasker.${question}`
  await connection.query(explain, [at]) // plans and warms up
  const text = JSON.stringify(await connection.query(explain, [at]))
  return Number(/"Shared Hit Blocks":(\d+)/.exec(text)?.[1])
}

async function scansOf(lab: Lab, question: string): Promise<readonly unknown[]> {
  const connection = await lab.connect()
  await connection.query('begin')
  await connection.query(`select * from tasker.${question}`, [at])
  const rows = await connection.query(
    `select relname from pg_stat_xact_user_tables
     where schemaname = 'tasker' and seq_scan > 0
       and relname in ('tasks', 'workflow_steps', 'due', 'task_counts', 'slow_runs')`,
  )
  await connection.query('rollback')
  return rows.map((row) => row['relname'])
}

test('they cost the same with ten times the tasks, and scan no table of them', async () => {
  const lab = await openLab({ alone: true })
  const definitions = await defineFive(lab.eye)
  await grow(lab, definitions, 400)
  const small = []
  for (const question of questions) small.push(await buffersOf(lab, question))
  await grow(lab, definitions, 4000)
  for (const [index, question] of questions.entries()) {
    expect(small[index]).toBeGreaterThan(0)
    expect(await buffersOf(lab, question)).toBeLessThan(1.5 * (small[index] ?? 0) + 20)
    expect(await scansOf(lab, question)).toEqual([])
  }
})
