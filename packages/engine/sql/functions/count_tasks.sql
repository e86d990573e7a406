-- The given tasks added up, by definition and by when they were created, in spans of p_width (null: one for all of time).
-- The one place that says what is counted: the roll-up adds it to task_counts, count_tasks_left takes it away, and
-- statistics use it for tasks that are not in there.
-- steps_retryable: in error with a retry to come. steps_in_backoff: those of them whose time has not come at p_at.
-- steps_run: complete steps that ran, which run_time and wait_time are about. One that a rerun took over from another
-- task started before its task was there.
create or replace function tasker.count_tasks(p_task_ids uuid[], p_width interval, p_at timestamptz)
returns table (
  definition_id integer,
  starts_at timestamptz,
  tasks_pending bigint,
  tasks_in_progress bigint,
  tasks_complete bigint,
  tasks_error bigint,
  tasks_cancelled bigint,
  tasks_resolved_manually bigint,
  steps_pending bigint,
  steps_in_progress bigint,
  steps_complete bigint,
  steps_error bigint,
  steps_cancelled bigint,
  steps_resolved_manually bigint,
  steps_skipped bigint,
  steps_retryable bigint,
  steps_in_backoff bigint,
  steps_run bigint,
  task_time interval,
  run_time interval,
  wait_time interval,
  first_task_id uuid
)
language plpgsql
stable
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_column
begin
  return query
  with task as materialized (
    select t.task_id, t.definition_id, t.state, t.created_at, t.ended_at,
      coalesce(date_bin(p_width, t.created_at, '2000-01-01 00:00:00Z'), '-infinity') as starts_at
    from unnest(p_task_ids) as k(task_id)
    join tasker.tasks t on t.task_id = k.task_id
  ),
  -- By state first, so that each task and step is added up once and not for every column.
  part as (
    select
      t.definition_id, t.starts_at, 'task' as kind, t.state, count(*) as number, sum(t.ended_at - t.created_at) as time,
      null::interval as wait_time, 0::bigint as run, 0::bigint as retryable, 0::bigint as in_backoff,
      min(t.task_id::text) as first_task_id
    from task t
    group by t.definition_id, t.starts_at, t.state
    union all
    select
      t.definition_id, t.starts_at, 'step', s.state, count(*),
      sum(s.ended_at - s.started_at) filter (where s.started_at >= t.created_at),
      sum(s.started_at - t.created_at) filter (where s.started_at >= t.created_at),
      count(*) filter (where s.started_at >= t.created_at),
      count(d.run_at),
      count(d.run_at) filter (where d.run_at > p_at),
      null
    from task t
    join tasker.workflow_steps s on s.task_id = t.task_id and s.step_no > 0
    cross join lateral (
      -- Asked for steps in error only: a join would look every step up.
      select case when s.state = 'error' then (
        select d.run_at from tasker.due d where d.task_id = s.task_id and d.step_no = s.step_no
      ) end as run_at
      offset 0
    ) d
    group by t.definition_id, t.starts_at, s.state
  )
  select
    p.definition_id,
    p.starts_at,
    coalesce(sum(p.number) filter (where p.kind = 'task' and p.state = 'pending'), 0)::bigint,
    coalesce(sum(p.number) filter (where p.kind = 'task' and p.state = 'in_progress'), 0)::bigint,
    coalesce(sum(p.number) filter (where p.kind = 'task' and p.state = 'complete'), 0)::bigint,
    coalesce(sum(p.number) filter (where p.kind = 'task' and p.state = 'error'), 0)::bigint,
    coalesce(sum(p.number) filter (where p.kind = 'task' and p.state = 'cancelled'), 0)::bigint,
    coalesce(sum(p.number) filter (where p.kind = 'task' and p.state = 'resolved_manually'), 0)::bigint,
    coalesce(sum(p.number) filter (where p.kind = 'step' and p.state = 'pending'), 0)::bigint,
    coalesce(sum(p.number) filter (where p.kind = 'step' and p.state = 'in_progress'), 0)::bigint,
    coalesce(sum(p.number) filter (where p.kind = 'step' and p.state = 'complete'), 0)::bigint,
    coalesce(sum(p.number) filter (where p.kind = 'step' and p.state = 'error'), 0)::bigint,
    coalesce(sum(p.number) filter (where p.kind = 'step' and p.state = 'cancelled'), 0)::bigint,
    coalesce(sum(p.number) filter (where p.kind = 'step' and p.state = 'resolved_manually'), 0)::bigint,
    coalesce(sum(p.number) filter (where p.kind = 'step' and p.state = 'skipped'), 0)::bigint,
    sum(p.retryable)::bigint,
    sum(p.in_backoff)::bigint,
    coalesce(sum(p.run) filter (where p.kind = 'step' and p.state = 'complete'), 0)::bigint,
    coalesce(sum(p.time) filter (where p.kind = 'task' and p.state = 'complete'), '0'),
    coalesce(sum(p.time) filter (where p.kind = 'step' and p.state = 'complete'), '0'),
    coalesce(sum(p.wait_time) filter (where p.kind = 'step' and p.state = 'complete'), '0'),
    min(p.first_task_id)::uuid
  from part p
  group by p.definition_id, p.starts_at;
end
$$;
