// Reads of how long steps took, for graphs: what a trace recorded, and what complete tasks of a definition took.
import type { TaskId } from '../ids.ts'
import type { Database } from './connect.ts'

/** Milliseconds by step name. */
export type StepDurations = ReadonlyMap<string, number>

/** `runtime_seconds` of the result of each step of a task; of its inputs, where it has no result. */
export async function readRecordedDurations(
  database: Database,
  taskId: TaskId,
): Promise<StepDurations> {
  const { schema } = database
  const rows = await database.run(
    'read_recorded_durations',
    `select x.name, x.seconds::double precision as seconds
     from (
       select g.name, case
           when jsonb_typeof(r.result -> 'runtime_seconds') = 'number' then r.result ->> 'runtime_seconds'
           when jsonb_typeof(g.inputs -> 'runtime_seconds') = 'number' then g.inputs ->> 'runtime_seconds'
         end as seconds
       from ${schema}.tasks t
       join ${schema}.graph_steps g on g.graph_id = t.graph_id
       left join lateral (
         select coalesce(o.result, s.result) as result
         from ${schema}.step_results s
         left join ${schema}.step_results o on o.task_id = s.source_task_id and o.step_no = s.step_no
         where s.task_id = t.task_id and s.step_no = g.step_no
         offset 0 -- see finish_steps.sql
       ) r on true
       where t.task_id = $1
     ) x
     where x.seconds is not null`,
    [taskId],
  )
  return new Map(
    // Casts: the columns named above.
    rows.map((row) => [row['name'] as string, (row['seconds'] as number) * 1_000]),
  )
}

/** The mean of the last attempts of each step, over the newest complete tasks of one version. */
export async function readMeanDurations(
  database: Database,
  {
    namespace,
    name,
    version,
    tasksMax,
  }: {
    readonly namespace: string
    readonly name: string
    readonly version: string
    /** So many tasks at most. */
    readonly tasksMax: number
  },
): Promise<StepDurations> {
  const { schema } = database
  const rows = await database.run(
    'read_mean_durations',
    `with newest as (
       -- tasks_definition_idx, from its end. Tasks with a graph of their own have other steps.
       select t.task_id, t.graph_id
       from ${schema}.task_namespaces n
       join ${schema}.named_tasks nt on nt.namespace_id = n.namespace_id and nt.name = $2
       join ${schema}.definitions d on d.named_task_id = nt.named_task_id and d.version = $3
       cross join lateral (
         select t.task_id, t.graph_id
         from ${schema}.tasks t
         where t.definition_id = d.definition_id and t.state = 'complete' and t.graph_id = d.graph_id
         order by t.task_id desc
         limit $4
       ) t
       where n.name = $1
     )
     select g.name, avg(extract(epoch from s.ended_at - s.started_at) * 1000)::double precision as ms
     from newest t
     join ${schema}.workflow_steps s on s.task_id = t.task_id and s.state = 'complete'
     join ${schema}.graph_steps g on g.graph_id = t.graph_id and g.step_no = s.step_no
     where s.started_at is not null
     group by g.name`,
    [namespace, name, version, tasksMax],
  )
  // Casts: the columns named above.
  return new Map(rows.map((row) => [row['name'] as string, row['ms'] as number]))
}
