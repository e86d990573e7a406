-- What became of the tasks created since p_since (by default an hour before p_at), of the given namespace, name and
-- version; one row. The window begins with the full minute: analysis_period_start says which.
--   active_tasks_count       tasks in progress now, whenever they were created
--   total_namespaces_count, unique_task_types_count   those that have a task now; a type is a namespace and a name
--   task_throughput, step_throughput    tasks of the window, and their steps
--   completion_count, error_count       tasks of the window that are complete, in error; rates are per cent of them all
--   system_health_score      1 - error_count / task_throughput; 1 when there was no task
--   avg_task_duration        seconds from creation to end, of complete tasks
--   avg_step_duration        seconds from start to end of the last attempt, of complete steps
--   avg_step_wait            seconds from the task's creation to that start: parents, retries and queueing
-- Averages of nothing are null. Costs what the minutes and hours of the window, the open tasks and those that ended since
-- the last roll-up cost.
create or replace function tasker.analytics_metrics(
  p_since timestamptz default null,
  p_at timestamptz default null,
  p_namespace text default null,
  p_name text default null,
  p_version text default null
) returns table (
  active_tasks_count bigint,
  total_namespaces_count bigint,
  unique_task_types_count bigint,
  system_health_score numeric,
  task_throughput bigint,
  completion_count bigint,
  error_count bigint,
  completion_rate numeric,
  error_rate numeric,
  avg_task_duration numeric,
  avg_step_duration numeric,
  avg_step_wait numeric,
  step_throughput bigint,
  analysis_period_start timestamptz,
  calculated_at timestamptz
)
language plpgsql
stable
set enable_seqscan = off
set jit = off
set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_column
declare
  v_at timestamptz := coalesce(p_at, statement_timestamp());
  v_since timestamptz := date_bin('1 minute', coalesce(p_since, v_at - interval '1 hour'), '2000-01-01 00:00:00Z');
  v_hours_from timestamptz := date_bin('1 hour', v_since + interval '59 minutes', '2000-01-01 00:00:00Z');
  v_scope integer[] := tasker.scope_of_definitions(p_namespace, p_name, p_version);
begin
  return query
  with
  -- Minutes up to the first full hour, then hours.
  kept as (
    select c.*
    from tasker.task_counts c
    where c.span = 'minute' and c.starts_at >= v_since and c.starts_at < v_hours_from and c.definition_id = any (v_scope)
    union all
    select c.*
    from tasker.task_counts c
    where c.span = 'hour' and c.starts_at >= v_hours_from and c.definition_id = any (v_scope)
  ),
  window_part as (
    select
      c.tasks_complete + c.tasks_error + c.tasks_cancelled + c.tasks_resolved_manually as tasks,
      c.tasks_complete, c.tasks_error,
      c.steps_pending + c.steps_in_progress + c.steps_complete + c.steps_error + c.steps_cancelled
        + c.steps_resolved_manually + c.steps_skipped as steps,
      c.steps_run, c.task_time, c.run_time, c.wait_time
    from kept c
    union all
    select
      n.tasks_pending + n.tasks_in_progress + n.tasks_complete + n.tasks_error + n.tasks_cancelled
        + n.tasks_resolved_manually,
      n.tasks_complete, n.tasks_error,
      n.steps_pending + n.steps_in_progress + n.steps_complete + n.steps_error + n.steps_cancelled
        + n.steps_resolved_manually + n.steps_skipped,
      n.steps_run, n.task_time, n.run_time, n.wait_time
    from tasker.count_tasks(tasker.uncounted_tasks(true, v_since, v_scope), null, v_at) n
  ),
  summed as (
    select
      coalesce(sum(w.tasks), 0)::bigint as tasks,
      coalesce(sum(w.tasks_complete), 0)::bigint as complete,
      coalesce(sum(w.tasks_error), 0)::bigint as error,
      coalesce(sum(w.steps), 0)::bigint as steps,
      extract(epoch from sum(w.task_time)) / nullif(sum(w.tasks_complete), 0) as task_seconds,
      extract(epoch from sum(w.run_time)) / nullif(sum(w.steps_run), 0) as run_seconds,
      extract(epoch from sum(w.wait_time)) / nullif(sum(w.steps_run), 0) as wait_seconds
    from window_part w
  ),
  known as (
    select count(distinct m.namespace_id) as namespaces, count(distinct m.named_task_id) as types
    from tasker.definitions d
    join tasker.named_tasks m on m.named_task_id = d.named_task_id
    where d.definition_id = any (v_scope)
      and exists (select 1 from tasker.tasks t where t.definition_id = d.definition_id)
  )
  select
    (select count(*) from tasker.tasks t where t.ended_at is null and t.state = 'in_progress' and t.definition_id = any (v_scope)),
    k.namespaces,
    k.types,
    case when s.tasks = 0 then 1.0 else round(1 - s.error::numeric / s.tasks, 3) end,
    s.tasks,
    s.complete,
    s.error,
    case when s.tasks = 0 then 0.0 else round(s.complete * 100.0 / s.tasks, 2) end,
    case when s.tasks = 0 then 0.0 else round(s.error * 100.0 / s.tasks, 2) end,
    round(s.task_seconds, 3),
    round(s.run_seconds, 3),
    round(s.wait_seconds, 3),
    s.steps,
    v_since,
    v_at
  from summed s
  cross join known k;
end
$$;
