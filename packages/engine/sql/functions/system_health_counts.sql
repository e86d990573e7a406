-- How many tasks and steps there are, by state; one row, exact at the moment of asking.
-- retryable_error_steps: in error with a retry to come; in_backoff_steps: those of them whose time has not come at p_at;
-- exhausted_retry_steps: in error for good, those of ended tasks among them.
-- Costs what the open tasks cost, and those that ended since the last roll-up; retained tasks cost nothing.
create or replace function tasker.system_health_counts(p_at timestamptz default null)
returns table (
  total_tasks bigint,
  pending_tasks bigint,
  in_progress_tasks bigint,
  complete_tasks bigint,
  error_tasks bigint,
  cancelled_tasks bigint,
  resolved_manually_tasks bigint,
  total_steps bigint,
  pending_steps bigint,
  in_progress_steps bigint,
  complete_steps bigint,
  error_steps bigint,
  cancelled_steps bigint,
  resolved_manually_steps bigint,
  skipped_steps bigint,
  retryable_error_steps bigint,
  exhausted_retry_steps bigint,
  in_backoff_steps bigint,
  active_connections bigint,
  max_connections bigint
)
language plpgsql
stable
set enable_seqscan = off
set jit = off
set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_column
begin
  return query
  with counted as (
    select 0::bigint as tasks_pending, 0::bigint as tasks_in_progress, c.tasks_complete, c.tasks_error, c.tasks_cancelled,
      c.tasks_resolved_manually, c.steps_pending, c.steps_in_progress, c.steps_complete, c.steps_error, c.steps_cancelled,
      c.steps_resolved_manually, c.steps_skipped, 0::bigint as steps_retryable, 0::bigint as steps_in_backoff
    from tasker.task_counts c
    where c.span = 'all'
    union all
    select n.tasks_pending, n.tasks_in_progress, n.tasks_complete, n.tasks_error, n.tasks_cancelled,
      n.tasks_resolved_manually, n.steps_pending, n.steps_in_progress, n.steps_complete, n.steps_error, n.steps_cancelled,
      n.steps_resolved_manually, n.steps_skipped, n.steps_retryable, n.steps_in_backoff
    from tasker.count_tasks(tasker.uncounted_tasks(true, null, null), null, coalesce(p_at, statement_timestamp())) n
  ),
  summed as (
    select
      coalesce(sum(c.tasks_pending), 0)::bigint as tasks_pending,
      coalesce(sum(c.tasks_in_progress), 0)::bigint as tasks_in_progress,
      coalesce(sum(c.tasks_complete), 0)::bigint as tasks_complete,
      coalesce(sum(c.tasks_error), 0)::bigint as tasks_error,
      coalesce(sum(c.tasks_cancelled), 0)::bigint as tasks_cancelled,
      coalesce(sum(c.tasks_resolved_manually), 0)::bigint as tasks_resolved_manually,
      coalesce(sum(c.steps_pending), 0)::bigint as steps_pending,
      coalesce(sum(c.steps_in_progress), 0)::bigint as steps_in_progress,
      coalesce(sum(c.steps_complete), 0)::bigint as steps_complete,
      coalesce(sum(c.steps_error), 0)::bigint as steps_error,
      coalesce(sum(c.steps_cancelled), 0)::bigint as steps_cancelled,
      coalesce(sum(c.steps_resolved_manually), 0)::bigint as steps_resolved_manually,
      coalesce(sum(c.steps_skipped), 0)::bigint as steps_skipped,
      coalesce(sum(c.steps_retryable), 0)::bigint as steps_retryable,
      coalesce(sum(c.steps_in_backoff), 0)::bigint as steps_in_backoff
    from counted c
  )
  select
    s.tasks_pending + s.tasks_in_progress + s.tasks_complete + s.tasks_error + s.tasks_cancelled
      + s.tasks_resolved_manually,
    s.tasks_pending, s.tasks_in_progress, s.tasks_complete, s.tasks_error, s.tasks_cancelled, s.tasks_resolved_manually,
    s.steps_pending + s.steps_in_progress + s.steps_complete + s.steps_error + s.steps_cancelled
      + s.steps_resolved_manually + s.steps_skipped,
    s.steps_pending, s.steps_in_progress, s.steps_complete, s.steps_error, s.steps_cancelled, s.steps_resolved_manually,
    s.steps_skipped, s.steps_retryable, s.steps_error - s.steps_retryable, s.steps_in_backoff,
    (select count(*) from pg_stat_activity a where a.datname = current_database() and a.state = 'active'),
    current_setting('max_connections')::bigint
  from summed s;
end
$$;
