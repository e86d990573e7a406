// What goes wrong and what waits: errors by class, attempts after the first, and the steps of open tasks that hold others up.
// Each read is bounded; what was left out is said. Messages of errors are payload, and not read.
import type { TaskId } from '../ids.ts'
import type { Database, Row } from './connect.ts'
import type { StatisticsScope } from './read-statistics.ts'
import type { TaskAddress } from './read-task-graph.ts'

export interface ErrorPattern {
  readonly errorClass: string
  readonly code: string | null
  /** Attempts that ended with it, among the tasks read; and how many of them were tried again. */
  readonly attempts: number
  readonly retried: number
  readonly tasks: number
  /** The step that it met most often. */
  readonly step: string
  readonly of: TaskAddress
}

export interface ErrorPatterns {
  /** The ten most frequent. */
  readonly patterns: readonly ErrorPattern[]
  /** Tasks whose history was read. */
  readonly tasksRead: number
  /** False: there were more tasks, or longer histories, than are read. */
  readonly isWhole: boolean
}

/** Most entries of a history that are read, the newest. */
const entriesMax = 200
/** So many times as many tasks in error, the newest of all definitions, are looked through for those of the scope. */
const lookedThrough = 10
const patternsShown = 10

/**
 * Errors in the newest failed tasks of the window, in open tasks of it, and in those tasks of the sample whose steps needed
 * more than one attempt.
 */
export async function readErrorPatterns(
  database: Database,
  { since, namespace, name, version }: StatisticsScope & { readonly since: Date },
  {
    taskIds,
    stepsMax,
    historiesMax,
  }: {
    readonly taskIds: readonly TaskId[]
    readonly stepsMax: number
    readonly historiesMax: number
  },
): Promise<ErrorPatterns> {
  const { schema } = database
  const rows = await database.run(
    'read_error_patterns',
    `with scope as materialized (
       select ${schema}.scope_of_definitions($1, $2, $3) as ids,
         date_bin('1 minute', $4::timestamptz, '2000-01-01 00:00:00Z'::timestamptz) as since
     ),
     failed as materialized (
       select t.task_id, t.definition_id, t.created_at
       from ${schema}.tasks t
       where t.end_state = 'error' -- tasks_ended_idx
       order by t.task_id desc
       limit $7 * ${lookedThrough}
     ),
     open as materialized (
       select t.task_id, t.definition_id, t.created_at
       from ${schema}.tasks t
       where t.ended_at is null -- tasks_open_idx
       order by t.task_id desc
       limit $7
     ),
     tried as materialized (
       select k.task_id, s.state, s.attempts
       from (
         select k.task_id from unnest($5::uuid[]) as k(task_id)
         union all
         select o.task_id from open o cross join scope c where o.definition_id = any (c.ids) and o.created_at >= c.since
       ) k
       cross join lateral (
         select s.state, s.attempts from ${schema}.workflow_steps s where s.task_id = k.task_id and s.step_no > 0 offset 0
       ) s
       limit $6
     ),
     found as materialized (
       select f.task_id from failed f cross join scope c where f.definition_id = any (c.ids) and f.created_at >= c.since
       union
       select r.task_id from tried r where r.state = 'error' or r.attempts > 1
     ),
     looked as materialized (
       select f.task_id from found f order by f.task_id desc limit $7
     ),
     entry as materialized (
       select l.task_id, t.definition_id, t.graph_id, h.step_no, h.to_state, h.metadata
       from looked l
       cross join lateral (
         select t.definition_id, t.graph_id from ${schema}.tasks t where t.task_id = l.task_id offset 0
       ) t
       cross join lateral (
         select h.step_no, h.to_state, h.metadata
         from ${schema}.workflow_step_transitions h
         where h.task_id = l.task_id
         order by h.seq desc
         limit ${entriesMax} + 1
       ) h
     ),
     error as (
       select e.task_id, coalesce(e.metadata -> 'error' ->> 'class', 'Error') as error_class, e.metadata -> 'error' ->> 'code' as code,
         e.metadata ? 'run_at' as is_retried, jsonb_build_array(n.name, m.name, d.version, g.name) as step
       from entry e
       cross join lateral (
         select g.name from ${schema}.graph_steps g where g.graph_id = e.graph_id and g.step_no = e.step_no offset 0
       ) g
       join ${schema}.definitions d on d.definition_id = e.definition_id
       join ${schema}.named_tasks m on m.named_task_id = d.named_task_id
       join ${schema}.task_namespaces n on n.namespace_id = m.namespace_id
       where e.to_state = 'error' and e.metadata ? 'error'
     )
     select r.error_class, r.code, count(*)::integer as attempts, (count(*) filter (where r.is_retried))::integer as retried,
       count(distinct r.task_id)::integer as tasks, mode() within group (order by r.step) as step, w.*
     from error r
     right join (
       select (select count(*) from looked)::integer as tasks_read,
         (select count(*) from failed) < $7 * ${lookedThrough} and (select count(*) from open) < $7
           and (select count(*) from tried) < $6 and (select count(*) from found) <= $7
           and not exists (select 1 from entry e group by e.task_id having count(*) > ${entriesMax}) as is_whole
     ) w on true
     group by r.error_class, r.code, w.tasks_read, w.is_whole
     order by attempts desc, r.error_class, r.code
     limit ${patternsShown}`,
    [namespace, name, version, since, taskIds, stepsMax, historiesMax],
  )
  // Casts: the columns named above.
  return {
    patterns: rows.flatMap((row) => (row['error_class'] === null ? [] : [asPattern(row)])),
    tasksRead: (rows[0]?.['tasks_read'] ?? 0) as number,
    isWhole: rows[0]?.['is_whole'] === true,
  }
}

function asPattern(row: Row): ErrorPattern {
  const [namespace, name, version, step] = row['step'] as [string, string, string, string]
  return {
    errorClass: row['error_class'] as string,
    code: row['code'] as string | null,
    attempts: row['attempts'] as number,
    retried: row['retried'] as number,
    tasks: row['tasks'] as number,
    step,
    of: { namespace, name, version },
  }
}

export interface Retries {
  /** Steps of the tasks that needed more than one attempt, and those of them that are complete. */
  readonly steps: number
  readonly recovered: number
}

export async function readRetries(
  database: Database,
  taskIds: readonly TaskId[],
  stepsMax: number,
): Promise<Retries> {
  const [row] = await database.run(
    'read_retries',
    `select count(*)::integer as steps, (count(*) filter (where r.state = 'complete'))::integer as recovered
     from (
       select s.state, s.attempts
       from unnest($1::uuid[]) as k(task_id)
       cross join lateral (
         select s.state, s.attempts from ${database.schema}.workflow_steps s
         where s.task_id = k.task_id and s.step_no > 0
         offset 0
       ) s
       limit $2
     ) r
     where r.attempts > 1`,
    [taskIds, stepsMax],
  )
  return { steps: Number(row?.['steps']), recovered: Number(row?.['recovered']) }
}

/** A step of open tasks of one definition, taken together. */
export interface StandingStep extends TaskAddress {
  readonly step: string
  /** Tasks in which it waits for a parent, and for how long they have been there, on average. */
  readonly waiting: number
  readonly waitingMs: number | null
  /** Tasks in which nothing but itself keeps it from ending, how many steps wait for it there, and for how long it has stood. */
  readonly holding: number
  readonly stepsHeldUp: number
  readonly holdingMs: number | null
}

export interface StandingSteps {
  readonly openTasks: number
  /** Steps that wait for a parent, and the dependencies that they wait for. */
  readonly waitingSteps: number
  readonly unmetDependencies: number
  readonly waitingMs: number | null
  /** In no order. */
  readonly steps: readonly StandingStep[]
  /** False: more stood open than is read; the oldest tasks were. */
  readonly isWhole: boolean
}

/** Open tasks read, and most of their open steps. */
const openMax = 1_000
const openStepsMax = 20_000
const standingShown = 200

export async function readStandingSteps(
  database: Database,
  { namespace, name, version }: Omit<StatisticsScope, 'since'>,
  at: Date | null,
): Promise<StandingSteps> {
  const { schema } = database
  const rows = await database.run(
    'read_standing_steps',
    `with open as materialized (
       select t.task_id, t.definition_id, t.graph_id, t.created_at
       from ${schema}.tasks t
       where t.ended_at is null and t.definition_id = any (${schema}.scope_of_definitions($1, $2, $3))
       order by t.task_id
       limit ${openMax}
     ),
     step as materialized (
       select o.definition_id, o.graph_id, s.step_no, s.waiting, o.created_at, s.started_at
       from open o
       cross join lateral (
         select s.step_no, s.waiting, s.started_at from ${schema}.workflow_steps s
         where s.task_id = o.task_id and s.step_no > 0 and s.state in ('pending', 'in_progress', 'error')
         offset 0
       ) s
       limit ${openStepsMax}
     ),
     named as (
       select s.definition_id, g.name as step, s.waiting, cardinality(g.children) as children,
         extract(epoch from n.at - s.created_at)::double precision * 1000 as open_ms,
         extract(epoch from n.at - coalesce(s.started_at, s.created_at))::double precision * 1000 as stood_ms
       from step s
       cross join (select coalesce($4::timestamptz, statement_timestamp()) as at) n
       cross join lateral (
         select g.name, g.children from ${schema}.graph_steps g
         where g.graph_id = s.graph_id and g.step_no = s.step_no
         offset 0
       ) g
     ),
     grouped as (
       select s.definition_id, s.step, (count(*) filter (where s.waiting > 0))::integer as waiting,
         sum(s.waiting)::integer as unmet, avg(s.open_ms) filter (where s.waiting > 0) as waiting_ms,
         (count(*) filter (where s.waiting = 0))::integer as holding,
         (coalesce(sum(s.children) filter (where s.waiting = 0), 0))::integer as held_up,
         avg(s.stood_ms) filter (where s.waiting = 0) as holding_ms
       from named s
       group by grouping sets ((), (s.definition_id, s.step))
       -- The whole first, then what stands most in the way.
       order by s.definition_id is not null, greatest(count(*) filter (where s.waiting > 0), coalesce(sum(s.children) filter (where s.waiting = 0), 0)) desc
       limit ${standingShown} + 1
     )
     select n.name as namespace, m.name, d.version, g.*,
       (select count(*) from open)::integer as open_tasks,
       (select count(*) from open) < ${openMax} and (select count(*) from step) < ${openStepsMax} as is_whole
     from grouped g
     left join ${schema}.definitions d on d.definition_id = g.definition_id
     left join ${schema}.named_tasks m on m.named_task_id = d.named_task_id
     left join ${schema}.task_namespaces n on n.namespace_id = m.namespace_id`,
    [namespace, name, version, at],
  )
  // Casts: the columns named above.
  const whole = rows.find((row) => row['definition_id'] === null)
  return {
    openTasks: (whole?.['open_tasks'] ?? 0) as number,
    waitingSteps: (whole?.['waiting'] ?? 0) as number,
    unmetDependencies: (whole?.['unmet'] ?? 0) as number,
    waitingMs: (whole?.['waiting_ms'] ?? null) as number | null,
    isWhole: whole?.['is_whole'] === true,
    steps: rows.flatMap((row) =>
      row['definition_id'] === null
        ? []
        : [
            {
              namespace: row['namespace'] as string,
              name: row['name'] as string,
              version: row['version'] as string,
              step: row['step'] as string,
              waiting: row['waiting'] as number,
              waitingMs: row['waiting_ms'] as number | null,
              holding: row['holding'] as number,
              stepsHeldUp: row['held_up'] as number,
              holdingMs: row['holding_ms'] as number | null,
            },
          ],
    ),
  }
}
