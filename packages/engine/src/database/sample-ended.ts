// Which ended tasks stand for all that were created in a window: every one while they are few, else a sample in proportion to
// what was created when and of which definition. Distributions are read of them; counts are read-statistics.ts.
import type { TaskId } from '../ids.ts'
import type { Database } from './connect.ts'
import type { StatisticsScope } from './read-statistics.ts'

export interface EndedSample {
  /** In no order that means anything, so that any part of it is a sample too. */
  readonly taskIds: readonly TaskId[]
  /** Ended tasks that were created in the window. */
  readonly tasksInWindow: number
}

/**
 * The window begins with the full minute. The sums of task_counts say how many of `tasksMax` each hour and each definition
 * gets; they are taken in runs of ten, spread over the hour. Ids need not be made by a clock that agrees with the
 * database's: the first id of a row anchors them.
 */
export async function sampleEndedTasks(
  database: Database,
  { since, namespace, name, version }: StatisticsScope & { readonly since: Date },
  tasksMax: number,
): Promise<EndedSample> {
  const { schema } = database
  const [row] = await database.run('sample_ended_tasks', sampleText(schema), [
    namespace,
    name,
    version,
    since,
    tasksMax,
  ])
  // Casts: the columns named below; bigint arrives as text.
  return {
    taskIds: (row?.['task_ids'] ?? []) as TaskId[],
    tasksInWindow: Number(row?.['tasks'] ?? 0),
  }
}

const origin = `'2000-01-01 00:00:00Z'::timestamptz`
/** SQL: the 48 bits of an id that say when it was made, and the least id made then. */
const msOf = (id: string): string =>
  `('x' || left(replace(${id}::text, '-', ''), 12))::bit(48)::bigint`
const idAt = (ms: string): string => `(lpad(to_hex(${ms}), 12, '0') || repeat('0', 20))::uuid`

const sampleText = (schema: string): string => `
  with scope as materialized (
    select ${schema}.scope_of_definitions($1, $2, $3) as ids, date_bin('1 minute', $4::timestamptz, ${origin}) as since,
      date_bin('1 hour', $4::timestamptz + interval '59 minutes', ${origin}) as hours_from
  ),
  kept as materialized (
    select c.definition_id, c.starts_at, 60000 as span_ms, c.first_task_id,
      c.tasks_complete + c.tasks_error + c.tasks_cancelled + c.tasks_resolved_manually as tasks
    from scope s
    join ${schema}.task_counts c on c.span = 'minute' and c.starts_at >= s.since and c.starts_at < s.hours_from
    where c.definition_id = any (s.ids)
    union all
    select c.definition_id, c.starts_at, 3600000, c.first_task_id,
      c.tasks_complete + c.tasks_error + c.tasks_cancelled + c.tasks_resolved_manually
    from scope s
    join ${schema}.task_counts c on c.span = 'hour' and c.starts_at >= s.hours_from
    where c.definition_id = any (s.ids)
  ),
  uncounted as materialized (
    select ${schema}.uncounted_tasks(false, s.since, s.ids) as ids from scope s
  ),
  total as materialized (
    select coalesce((select sum(k.tasks) from kept k), 0) + cardinality(u.ids) as tasks, $5::numeric as tasks_max
    from uncounted u
  ),
  -- A place in the line of all tasks for each of those that are wanted: parts get as many as places fall on them.
  part as (
    select k.*, (floor(k.upto * t.tasks_max / t.tasks) - floor((k.upto - k.tasks) * t.tasks_max / t.tasks))::integer as wanted
    from (select k.*, sum(k.tasks) over (order by k.definition_id, k.starts_at, k.span_ms) as upto from kept k) k
    join total t on t.tasks > t.tasks_max
  ),
  slot as (
    select p.definition_id, n.slot, p.first_task_id, ceil(p.wanted / s.slots::numeric)::integer as wanted,
      ${msOf('p.first_task_id')} + n.slot * (p.span_ms / s.slots) as from_ms, p.span_ms / s.slots as width_ms
    from part p
    cross join lateral (select (p.wanted + 9) / 10 as slots) s
    cross join lateral generate_series(0, s.slots - 1) as n(slot)
    where p.wanted > 0
  ),
  chosen as (
    -- All of them.
    select f.task_id
    from total t
    cross join (select k.definition_id, min(k.first_task_id::text)::uuid as first_task_id from kept k group by 1) k
    cross join scope s
    cross join lateral (
      select e.task_id from ${schema}.tasks e
      -- The first condition stands in here, so that nothing is looked for when it does not hold.
      where t.tasks <= t.tasks_max and e.definition_id = k.definition_id and e.task_id >= k.first_task_id
        and e.created_at >= s.since and e.ended_at is not null
      offset 0
    ) f
    union
    select f.task_id
    from slot o
    cross join scope s
    cross join lateral (
      select e.task_id
      from (
        -- tasks_definition_idx in its order, so many rows and no more; some of them may be open.
        select e.task_id, e.created_at, e.ended_at from ${schema}.tasks e
        where e.definition_id = o.definition_id
          and e.task_id >= case o.slot when 0 then o.first_task_id else ${idAt('o.from_ms')} end
        order by e.task_id
        limit 2 * o.wanted
      ) e
      where e.task_id < ${idAt('o.from_ms + o.width_ms')} and e.created_at >= s.since and e.ended_at is not null
      order by e.task_id
      limit o.wanted
    ) f
    union
    (select k.task_id
    from uncounted u
    cross join total t
    cross join lateral unnest(u.ids) with ordinality as k(task_id, place)
    -- Every so many of them.
    where floor(k.place * least(1, t.tasks_max / t.tasks)) > floor((k.place - 1) * least(1, t.tasks_max / t.tasks)))
  )
  select t.tasks, array(select c.task_id from chosen c order by md5(c.task_id::text) limit $5::bigint) as task_ids
  from total t`
