// The roll-up as a worker would do it, page by page.
import type { Connection } from '../protocol/lab.ts'

/** Notes those of the tasks that have ended, in rows of seven, as calls would that end some each. */
export async function noteEnded(on: Connection, ids: readonly string[]): Promise<void> {
  for (let from = 0; from < ids.length; from += 7)
    await on.query('select tasker.count_tasks_ended($1)', [ids.slice(from, from + 7)])
}

/** One page; how many tasks were added. */
export async function rollUp(on: Connection, tasksMax: number): Promise<number> {
  await on.query(
    `select tasker.register_worker('test', 1, '0', '{}', 1, 3600000)
     where not exists (select 1 from tasker.workers where state = 'live')`,
  )
  const [row] = await on.query(
    `select tasker.roll_up_tasks((select min(worker_id) from tasker.workers where state = 'live'), $1) as added`,
    [tasksMax],
  )
  return Number(row?.['added'])
}

export async function rollUpAll(on: Connection): Promise<void> {
  while ((await rollUp(on, 1000)) > 0);
  const left = await on.query(`select * from tasker.task_ends where task_ids <> '{}'`)
  if (left.length > 0) throw new Error('The roll-up left tasks behind.')
}
