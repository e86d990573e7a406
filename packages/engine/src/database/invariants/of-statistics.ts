// The statistics know each ended task once: what is added up and what is noted, against the tasks themselves.
import { openTask, type Invariant } from './invariant.ts'

/** Columns that are sums. */
const sums = [
  ...['complete', 'error', 'cancelled', 'resolved_manually'].map((state) => `tasks_${state}`),
  ...['pending', 'in_progress', 'complete', 'error', 'cancelled', 'resolved_manually'].map(
    (state) => `steps_${state}`,
  ),
  'steps_skipped',
  'steps_run',
  'task_time',
  'run_time',
  'wait_time',
]
const sumsOf = (alias: string): string => sums.map((name) => `${alias}.${name}`).join(', ')
/** `sum` makes a numeric of a bigint. */
const added = sums
  .map((name) => (name.endsWith('_time') ? `sum(k.${name})` : `sum(k.${name})::bigint`))
  .join(', ')
const isMeant = (definition: string): string =>
  `($1::integer[] is null or ${definition} = any ($1::integer[]))`

export const ofStatistics: readonly Invariant[] = [
  {
    name: 'statistics-of-tasks',
    says: 'a definition whose ended tasks are not those of the statistics',
    of: 'definitions',
    sql: `
      with ended as (
        select n.definition_id, ${sumsOf('n')}
        from tasker.count_tasks(array(
          select t.task_id from tasker.tasks t where not ${openTask} and ${isMeant('t.definition_id')}), null, null) n
      ),
      noted as (
        select n.*
        from tasker.count_tasks(array(
          select k.task_id from tasker.task_ends e cross join lateral unnest(e.task_ids) as k(task_id)), null, null) n
        where ${isMeant('n.definition_id')}
      ),
      known as (
        select k.definition_id, ${added}
        from (
          select c.definition_id, ${sumsOf('c')}
          from tasker.task_counts c
          where c.span = 'all' and ${isMeant('c.definition_id')}
          union all
          select n.definition_id, ${sumsOf('n')}
          from noted n
        ) k
        group by k.definition_id
      )
      (select 'only in the tasks: ' || e as subject from (select * from ended except select * from known) e)
      union all
      (select 'only in the statistics: ' || k from (select * from known except select * from ended) k)`,
  },
  {
    name: 'statistics-add-up',
    says: 'a definition whose minutes or hours do not add up to its whole in the statistics',
    of: 'definitions',
    sql: `
      select 'definition ' || n.definition_id as subject
      from (
        select k.span, k.definition_id, ${added}
        from tasker.task_counts k
        where ${isMeant('k.definition_id')}
        group by k.span, k.definition_id
      ) n(span, definition_id, ${sums.join(', ')})
      group by n.definition_id
      having count(*) <> 3 or count(distinct row(${sumsOf('n')})) <> 1`,
  },
  {
    name: 'slow-runs',
    says: 'a long run of a task that is not in the statistics',
    of: 'definitions',
    sql: `
      select r.task_id || '/' || r.step_no as subject
      from tasker.slow_runs r
      left join tasker.tasks t on t.task_id = r.task_id and not ${openTask}
      left join (
        select distinct k.task_id from tasker.task_ends e cross join lateral unnest(e.task_ids) as k(task_id)
      ) n on n.task_id = r.task_id
      where ${isMeant('r.definition_id')} and (t.task_id is null or n.task_id is not null)`,
  },
  {
    name: 'ends-noted-once',
    says: 'a task that is noted for the statistics twice or not ended',
    of: 'workers',
    sql: `
      select k.task_id::text as subject
      from tasker.task_ends e
      cross join lateral unnest(e.task_ids) as k(task_id)
      left join tasker.tasks t on t.task_id = k.task_id
      group by k.task_id
      having count(*) > 1 or bool_or(t.ended_at is null)`,
  },
]
