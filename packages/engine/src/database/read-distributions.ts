// How the durations of some ended tasks and of their steps are distributed, and what each step of a definition usually takes.
// Which tasks is sample-ended.ts. Percentiles are continuous: between two runs they are in between.
import type { DefinitionId, TaskId } from '../ids.ts'
import type { Database } from './connect.ts'
import type { TaskAddress } from './read-task-graph.ts'

export interface DurationBucket {
  /** `1-10 s`, for people. */
  readonly range: string
  readonly fromMs: number
  /** Null: without an end. */
  readonly toMs: number | null
  readonly count: number
}

export interface Distribution {
  readonly count: number
  /** Null of nothing. */
  readonly p50Ms: number | null
  readonly p95Ms: number | null
  readonly p99Ms: number | null
  readonly maxMs: number | null
  readonly buckets: readonly DurationBucket[]
}

export interface Distributions {
  /** Of complete tasks, from creation to end. */
  readonly tasks: Distribution
  /** Of complete steps, the last attempt. */
  readonly steps: Distribution
}

const ranges: readonly (readonly [range: string, fromMs: number])[] = [
  ['under 100 ms', 0],
  ['100 ms-1 s', 100],
  ['1-10 s', 1_000],
  ['10-30 s', 10_000],
  ['30 s-5 min', 30_000],
  ['5 min-1 h', 300_000],
  ['1 h-1 d', 3_600_000],
  ['1 d and more', 86_400_000],
]

/** SQL: the complete steps of the tasks `$1` that ran in them, at most so many, as rows of task, step and milliseconds. */
const runsOf = (schema: string, stepsMax: string): string => `
  select t.definition_id, t.graph_id, s.step_no, s.ms
  from unnest($1::uuid[]) as k(task_id)
  cross join lateral (
    select t.definition_id, t.graph_id, t.created_at from ${schema}.tasks t where t.task_id = k.task_id offset 0
  ) t
  cross join lateral (
    select s.step_no, extract(epoch from s.ended_at - s.started_at)::double precision * 1000 as ms
    from ${schema}.workflow_steps s
    where s.task_id = k.task_id and s.step_no > 0 and s.state = 'complete' and s.started_at >= t.created_at
    offset 0
  ) s
  limit ${stepsMax}`

export async function readDistributions(
  database: Database,
  taskIds: readonly TaskId[],
  stepsMax: number,
): Promise<Distributions> {
  const { schema } = database
  const rows = await database.run(
    'read_distributions',
    `with run as (
       select 'task' as kind, extract(epoch from t.ended_at - t.created_at)::double precision * 1000 as ms
       from unnest($1::uuid[]) as k(task_id)
       cross join lateral (
         select t.ended_at, t.created_at from ${schema}.tasks t
         where t.task_id = k.task_id and t.state = 'complete'
         offset 0
       ) t
       union all
       select 'step', s.ms from (${runsOf(schema, '$3')}) s
     ),
     placed as (
       select r.*, width_bucket(r.ms, $2::double precision[]) as bucket from run r
     )
     select p.kind, p.bucket, count(*)::integer as count, max(p.ms) as max_ms,
       percentile_cont(array[0.5, 0.95, 0.99]) within group (order by p.ms) as percentiles
     from placed p
     group by grouping sets ((p.kind), (p.kind, p.bucket))`,
    [taskIds, ranges.map(([, fromMs]) => fromMs), stepsMax],
  )
  const of = (kind: string): Distribution => {
    const own = rows.filter((row) => row['kind'] === kind)
    const whole = own.find((row) => row['bucket'] === null)
    // Casts: the columns named above.
    const percentiles = (whole?.['percentiles'] ?? []) as readonly number[]
    const at = (index: number): number | null => roundOrNull(percentiles[index])
    return {
      count: (whole?.['count'] ?? 0) as number,
      p50Ms: at(0),
      p95Ms: at(1),
      p99Ms: at(2),
      maxMs: roundOrNull(whole?.['max_ms'] as number | undefined),
      buckets: ranges.map(([range, fromMs], index) => ({
        range,
        fromMs,
        toMs: ranges[index + 1]?.[1] ?? null,
        count: (own.find((row) => row['bucket'] === index + 1)?.['count'] ?? 0) as number,
      })),
    }
  }
  return { tasks: of('task'), steps: of('step') }
}

export interface TaskProfile extends TaskAddress {
  readonly definitionId: DefinitionId
  /** Complete tasks among those read. */
  readonly tasks: number
  readonly p50Ms: number
}

/** The definitions whose complete tasks took most time together, the most first. */
export async function readTaskProfiles(
  database: Database,
  taskIds: readonly TaskId[],
  limit: number,
): Promise<readonly TaskProfile[]> {
  const { schema } = database
  const rows = await database.run(
    'read_task_profiles',
    `select d.definition_id, n.name as namespace, m.name, d.version, p.tasks, p.p50_ms
     from (
       select t.definition_id, count(*)::integer as tasks, sum(t.ms) as total_ms,
         percentile_cont(0.5) within group (order by t.ms) as p50_ms
       from unnest($1::uuid[]) as k(task_id)
       cross join lateral (
         select t.definition_id, extract(epoch from t.ended_at - t.created_at)::double precision * 1000 as ms
         from ${schema}.tasks t
         where t.task_id = k.task_id and t.state = 'complete'
         offset 0
       ) t
       group by t.definition_id
       order by total_ms desc, t.definition_id
       limit $2
     ) p
     join ${schema}.definitions d on d.definition_id = p.definition_id
     join ${schema}.named_tasks m on m.named_task_id = d.named_task_id
     join ${schema}.task_namespaces n on n.namespace_id = m.namespace_id
     order by p.total_ms desc, d.definition_id`,
    [taskIds, limit],
  )
  // Casts: the columns named above.
  return rows.map((row) => ({
    definitionId: row['definition_id'] as DefinitionId,
    namespace: row['namespace'] as string,
    name: row['name'] as string,
    version: row['version'] as string,
    tasks: row['tasks'] as number,
    p50Ms: row['p50_ms'] as number,
  }))
}

export interface StepProfile {
  readonly definitionId: DefinitionId
  readonly stepNo: number
  readonly name: string
  /** Numbers of the steps that it waits for. */
  readonly parents: readonly number[]
  readonly runs: number
  /** Null without a run. */
  readonly p50Ms: number | null
  readonly p95Ms: number | null
}

/** Every step of the graphs of these definitions; tasks with a graph of their own are left out. In the order of declaration. */
export async function readStepProfiles(
  database: Database,
  taskIds: readonly TaskId[],
  {
    definitionIds,
    stepsMax,
  }: { readonly definitionIds: readonly DefinitionId[]; readonly stepsMax: number },
): Promise<readonly StepProfile[]> {
  const { schema } = database
  const rows = await database.run(
    'read_step_profiles',
    `with profile as (
       select r.graph_id, r.step_no, count(*)::integer as runs,
         percentile_cont(array[0.5, 0.95]) within group (order by r.ms) as percentiles
       from (${runsOf(schema, '$3')}) r
       where r.definition_id = any ($2)
       group by r.graph_id, r.step_no
     )
     select d.definition_id, g.step_no, g.name, g.parents, coalesce(p.runs, 0) as runs, p.percentiles
     from ${schema}.definitions d
     join ${schema}.graph_steps g on g.graph_id = d.graph_id
     left join profile p on p.graph_id = g.graph_id and p.step_no = g.step_no
     where d.definition_id = any ($2)
     order by d.definition_id, g.step_no`,
    [taskIds, definitionIds, stepsMax],
  )
  // Casts: the columns named above.
  return rows.map((row) => {
    const percentiles = (row['percentiles'] ?? []) as readonly number[]
    return {
      definitionId: row['definition_id'] as DefinitionId,
      stepNo: row['step_no'] as number,
      name: row['name'] as string,
      parents: row['parents'] as number[],
      runs: row['runs'] as number,
      p50Ms: percentiles[0] ?? null,
      p95Ms: percentiles[1] ?? null,
    }
  })
}

const roundOrNull = (ms: number | null | undefined): number | null =>
  ms === null || ms === undefined ? null : Math.round(ms * 1_000) / 1_000
