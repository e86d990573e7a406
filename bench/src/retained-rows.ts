// Fills a database with tasks that are not what is measured. The engine makes one of each kind; SQL copies its rows, so that
// the copies are what the engine writes, and a sample of them passes the invariants of `tasker doctor`.
import { createTasker, type Tasker } from '@tasker/engine'
import pg from 'pg'
import { findViolations } from '../../packages/engine/src/database/invariants.ts'
import type { TaskId } from '../../packages/engine/src/ids.ts'
import { defineGraph } from './own-work.ts'
import { InvalidRun } from './run-subject.ts'
import { linear, oneStep } from './shapes.ts'
import { result } from './subject.ts'
import { completions, workerOptions } from './subjects/tasker.ts'

export interface Filler {
  /** Until so many complete tasks of five steps are there. */
  keepFinished(count: number): Promise<void>
  /**
   * So many steps that are due tomorrow, of a definition that is served, with four each behind them that wait for their
   * parents; and so many that are due now, of a definition that nobody serves. All of the best priority.
   */
  putInFront(count: number): Promise<void>
  close(): Promise<void>
}

/** Rows of an operator's own, sums and lists: they are no task's rows, or are made from them. */
const notCopied = ['slow_runs', 'idempotency_keys', 'audit_entries']
const tasksPerCopy = 20_000
/** Ended tasks in one row of task_ends, as the migration that made it has it. */
const tasksPerEnd = 200
const sampleTasks = 500

export async function openFiller(databaseUrl: string): Promise<Filler> {
  const served = defineGraph({ name: 'linear', steps: linear }, async () => result)
  const unserved = defineGraph({ name: 'unserved', steps: oneStep }, async () => result)
  const engine = await createTasker({
    ...workerOptions(databaseUrl, 1),
    definitions: [served, unserved],
  })
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  let kept = 0
  return {
    async keepFinished(count) {
      const model = await finishOne(engine, served)
      await copyTask(client, model, { from: kept, to: count })
      kept = count
      await settle(client)
    },
    async putInFront(count) {
      const priority = 'critical'
      const future = await engine.tasks.create(served, { context: {}, priority })
      // The due time stands here and nowhere else.
      await client.query(
        `update tasker.due set run_at = run_at + interval '1 day' where task_id = $1`,
        [future.taskId],
      )
      const waiting = await engine.tasks.create(unserved, { context: {}, priority })
      await copyTask(client, future.taskId, { from: 0, to: count })
      await copyTask(client, waiting.taskId, { from: count, to: 2 * count })
      await settle(client)
    },
    async close() {
      await client.end()
      await engine.close()
    },
  }
}

async function finishOne(
  engine: Tasker,
  definition: ReturnType<typeof defineGraph>,
): Promise<TaskId> {
  const complete = completions(engine, 1)
  await engine.worker.start()
  const { taskId } = await engine.tasks.create(definition, { context: {} })
  await complete
  await engine.worker.stop()
  return taskId
}

/** Copies with ids of their own, made from the numbers `from` to `to` and older than any new one. */
async function copyTask(
  client: pg.Client,
  model: TaskId,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<void> {
  for (let next = from; next < to; next += tasksPerCopy) {
    const numbers = [next, Math.min(next + tasksPerCopy, to) - 1]
    for (const { table, columns } of await tablesOfTasks(client)) {
      const others = columns.filter((column) => column !== 'task_id').join(', ')
      await client.query(
        `insert into tasker.${table} (task_id, ${others})
         select ${copyId}, ${others}
         from tasker.${table} m cross join generate_series($2::bigint, $3::bigint) as n(number)
         where m.task_id = $1`,
        [model, ...numbers],
      )
    }
    await client.query(
      `insert into tasker.task_ends (task_ids)
       select array_agg(${copyId})
       from generate_series($2::bigint, $3::bigint) as n(number)
       join tasker.tasks m on m.task_id = $1
       where m.ended_at is not null
       group by n.number / ${tasksPerEnd}`,
      [model, ...numbers],
    )
  }
}

/** A version 7 id of an instant in 2020, by the copy's number. */
const copyId = `(lpad(to_hex(1577836800000 + n.number), 12, '0') || '7' || substr(md5(n.number::text), 1, 3)
  || '8' || substr(md5(n.number::text), 4, 15))::uuid`

async function tablesOfTasks(
  client: pg.Client,
): Promise<readonly { readonly table: string; readonly columns: readonly string[] }[]> {
  const { rows } = await client.query<{ table: string; columns: string[] }>(
    `select c.table_name as table, array_agg(c.column_name::text order by c.ordinal_position) as columns
     from information_schema.columns c
     join information_schema.tables t on t.table_schema = c.table_schema and t.table_name = c.table_name
     where c.table_schema = 'tasker' and t.table_type = 'BASE TABLE' and c.table_name <> all ($1)
       and c.is_generated = 'NEVER'
     group by c.table_name
     having bool_or(c.column_name = 'task_id')`,
    [notCopied],
  )
  return rows
}

/** As in a database that has run for a while: statistics added up, tables vacuumed and analysed. Then a sample is checked. */
async function settle(client: pg.Client): Promise<void> {
  for (let left = 1; left > 0;) {
    const { rows } = await client.query<{ added: number | null }>(
      'select tasker.roll_up_tasks(null, 10000) as added',
    )
    const added = rows[0]?.added ?? null
    if (added === null) throw new InvalidRun('a worker is alive while the database is filled')
    left = added
  }
  await client.query('vacuum (analyze)')
  const { rows } = await client.query<{ id: TaskId }>(
    `select t.task_id as id from tasker.tasks t order by md5(t.task_id::text) limit ${sampleTasks}`,
  )
  const violations = await findViolations(
    async (text, values) => (await client.query<Record<string, unknown>>(text, [...values])).rows,
    {
      schema: 'tasker',
      limit: 1,
      sample: { taskIds: rows.map(({ id }) => id), definitionIds: [] },
    },
  )
  const [violation] = violations
  if (violation !== undefined) {
    throw new InvalidRun(`the rows are not valid: ${violation.says}: ${violation.subject}`)
  }
}
