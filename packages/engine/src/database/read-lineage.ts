// What a history does not say about itself and what never changes: which definition it is of, how its steps depend on one
// another, and who the workers were.
import type { TaskId } from '../ids.ts'
import type { StepState } from '../states.ts'
import type { Database } from './connect.ts'

export interface LineageStep {
  readonly stepNo: number
  readonly name: string
  /** Step numbers. */
  readonly parents: readonly number[]
  /** Now. */
  readonly state: StepState
}

export interface KnownWorker {
  readonly workerId: number
  readonly host: string
  readonly pid: number
}

export interface Lineage {
  readonly namespace: string
  readonly name: string
  readonly version: string
  /** In the order of declaration. */
  readonly steps: readonly LineageStep[]
  /** Those of the given workers that are still known. */
  readonly workers: readonly KnownWorker[]
  /** The instant of the answer. */
  readonly at: Date
}

/** Null: there is no such task. */
export async function readLineage(
  database: Database,
  taskId: TaskId,
  workerIds: readonly number[],
  at: Date | null,
): Promise<Lineage | null> {
  const { schema } = database
  const [tasks, steps, workers] = await Promise.all([
    database.run(
      'read_lineage_task',
      `select n.name as namespace, nt.name, d.version, coalesce($2::timestamptz, statement_timestamp()) as at
       from ${schema}.tasks t
       join ${schema}.definitions d on d.definition_id = t.definition_id
       join ${schema}.named_tasks nt on nt.named_task_id = d.named_task_id
       join ${schema}.task_namespaces n on n.namespace_id = nt.namespace_id
       where t.task_id = $1`,
      [taskId, at],
    ),
    database.run(
      'read_lineage_steps',
      `select g.step_no, g.name, g.parents, s.state
       from ${schema}.tasks t
       join ${schema}.graph_steps g on g.graph_id = t.graph_id
       cross join lateral (
         select s.state from ${schema}.workflow_steps s
         where s.task_id = t.task_id and s.step_no = g.step_no
         offset 0 -- see finish_steps.sql
       ) s
       where t.task_id = $1
       order by g.step_no`,
      [taskId],
    ),
    database.run(
      'read_lineage_workers',
      `select w.worker_id, w.host, w.pid from ${schema}.workers w where w.worker_id = any ($1::integer[])`,
      [workerIds],
    ),
  ])
  const task = tasks[0]
  if (task === undefined) return null
  // Casts: the columns above, with the types of sql/migrations.
  return {
    namespace: task['namespace'] as string,
    name: task['name'] as string,
    version: task['version'] as string,
    steps: steps.map((row) => ({
      stepNo: row['step_no'] as number,
      name: row['name'] as string,
      parents: row['parents'] as number[],
      state: row['state'] as StepState,
    })),
    workers: workers.map((row) => ({
      workerId: row['worker_id'] as number,
      host: row['host'] as string,
      pid: row['pid'] as number,
    })),
    at: task['at'] as Date,
  }
}
