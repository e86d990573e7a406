// Reads of how long steps took, for graphs and analyses: what a trace recorded, and what complete tasks of a definition took.
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

/** What complete tasks like one say of a step. */
export interface UsualDuration {
  /** The middle one of its last attempts. */
  readonly p50Ms: number
  readonly runs: number
}

/**
 * By step number: the newest complete tasks with the definition and the graph of this one. At most `runsMax` attempts are
 * read, of at most 20 tasks; one complete task must be among the newest 1,000.
 */
export async function readUsualDurations(
  database: Database,
  taskId: TaskId,
  { stepCount, runsMax }: { readonly stepCount: number; readonly runsMax: number },
): Promise<ReadonlyMap<number, UsualDuration>> {
  const tasksMax = Math.min(20, Math.floor(runsMax / stepCount))
  if (tasksMax < 1) return new Map()
  const { schema } = database
  const rows = await database.run(
    'read_usual_durations',
    `with newest as (
       select o.task_id, o.created_at
       from ${schema}.tasks t
       cross join lateral (
         -- tasks_definition_idx, from its end, no further than that.
         select n.task_id, n.created_at, n.state, n.graph_id
         from ${schema}.tasks n
         where n.definition_id = t.definition_id and n.task_id <> t.task_id
         order by n.task_id desc
         limit 1000
       ) o
       where t.task_id = $1 and o.state = 'complete' and o.graph_id = t.graph_id
       order by o.task_id desc
       limit $2
     )
     select s.step_no, count(*)::integer as runs,
       percentile_cont(0.5) within group (order by extract(epoch from s.ended_at - s.started_at) * 1000) as p50_ms
     from newest t
     join ${schema}.workflow_steps s on s.task_id = t.task_id and s.step_no > 0
     where s.state = 'complete' and s.started_at >= t.created_at
     group by s.step_no`,
    [taskId, tasksMax],
  )
  // Casts: the columns named above.
  return new Map(
    rows.map((row) => [
      row['step_no'] as number,
      { p50Ms: row['p50_ms'] as number, runs: row['runs'] as number },
    ]),
  )
}
