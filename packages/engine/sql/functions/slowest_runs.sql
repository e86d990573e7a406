-- The p_limit longest runs of a kind (see task_runs) of tasks created since p_since with one of the given definitions,
-- longest first; for slowest_tasks and slowest_steps. Among runs of equal length which are shown is not promised.
--
-- Candidates are what slow_runs kept of each hour, and the tasks that it knows nothing of. p_limit hours will do, those
-- with the longest runs, beside the first one, which is not wholly in the window. The candidates are the answer when
-- p_limit of them are at least as long as anything left out of the hours of the window. Seldom they are not: the window
-- begins late in an hour of many tasks, or more is asked for than is kept. Then the tasks of the window are read, and cost
-- their number.
create or replace function tasker.slowest_runs(p_kind text, p_since timestamptz, p_limit integer, p_definitions integer[])
returns table (task_id uuid, step_no integer, duration interval)
language plpgsql
stable
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_column
declare
  v_first_hour timestamptz := date_bin('1 hour', p_since, '2000-01-01 00:00:00Z');
  v_uncounted uuid[] := tasker.uncounted_tasks(p_kind = 'step', p_since, p_definitions); -- an open task has no end
  v_left_out interval;
  v_found integer;
  v_first_task uuid;
begin
  select max(h.left_out) into v_left_out
  from tasker.slow_hours h
  where h.kind = p_kind and h.starts_at >= v_first_hour and h.definition_id = any (p_definitions);

  return query
  with hour as (
    select h.starts_at, h.definition_id
    from tasker.slow_hours h
    where h.kind = p_kind and h.starts_at = v_first_hour and h.definition_id = any (p_definitions)
    union all
    (select h.starts_at, h.definition_id
    from tasker.slow_hours h
    where h.kind = p_kind and h.starts_at > v_first_hour and h.definition_id = any (p_definitions)
      and h.longest is not null
    order by h.longest desc
    limit p_limit)
  ),
  candidate as (
    select k.task_id, k.step_no, k.duration
    from hour h
    cross join lateral (
      select r.task_id, r.step_no, r.duration
      from tasker.slow_runs r
      where r.kind = p_kind
        and r.definition_id = h.definition_id
        and r.starts_at = h.starts_at
        and r.created_at >= p_since
      order by r.duration desc
      limit p_limit
    ) k
    union all
    select r.task_id, r.step_no, r.duration
    from tasker.task_runs(p_kind, v_uncounted) r
  ),
  best as materialized (
    select c.task_id, c.step_no, c.duration
    from candidate c
    order by c.duration desc, c.task_id, c.step_no
    limit p_limit
  )
  select b.task_id, b.step_no, b.duration
  from best b
  where v_left_out is null
    or (select count(*) from best k where k.duration >= v_left_out) >= p_limit;
  get diagnostics v_found = row_count;
  if v_found > 0 or v_left_out is null then
    return;
  end if;

  -- No task in task_counts since then has a smaller id: tasks.task_id need not be made by a clock that agrees with ours.
  select min(c.first_task_id::text)::uuid into v_first_task
  from tasker.task_counts c
  where c.definition_id = any (p_definitions)
    and (c.span = 'minute' and c.starts_at >= date_bin('1 minute', p_since, '2000-01-01 00:00:00Z')
        and c.starts_at < v_first_hour + interval '1 hour'
      or c.span = 'hour' and c.starts_at > v_first_hour);
  return query
  select r.task_id, r.step_no, r.duration
  from tasker.task_runs(p_kind, array(
    select t.task_id
    from unnest(p_definitions) as d(definition_id)
    join tasker.tasks t on t.definition_id = d.definition_id
    where t.task_id >= v_first_task and t.created_at >= p_since
    union
    select k.task_id from unnest(v_uncounted) as k(task_id)
  )) r
  order by r.duration desc, r.task_id, r.step_no
  limit p_limit;
end
$$;
