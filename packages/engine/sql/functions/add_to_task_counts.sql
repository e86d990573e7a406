-- Adds the given ended tasks to task_counts (p_sign 1) or takes them away (-1). Rows are taken in the order of their key,
-- so that two callers cannot deadlock.
create or replace function tasker.add_to_task_counts(p_task_ids uuid[], p_sign integer) returns void
language plpgsql
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
set plan_cache_mode = force_generic_plan
as $$
declare
  v_emptied tasker.task_counts[];
begin
  with changed as (
    insert into tasker.task_counts as c (span, starts_at, definition_id, tasks_complete, tasks_error, tasks_cancelled,
      tasks_resolved_manually, steps_pending, steps_in_progress, steps_complete, steps_error, steps_cancelled,
      steps_resolved_manually, steps_skipped, steps_run, task_time, run_time, wait_time, first_task_id)
    select
      q.span, q.starts_at, n.definition_id,
      p_sign * sum(n.tasks_complete), p_sign * sum(n.tasks_error), p_sign * sum(n.tasks_cancelled),
      p_sign * sum(n.tasks_resolved_manually), p_sign * sum(n.steps_pending), p_sign * sum(n.steps_in_progress),
      p_sign * sum(n.steps_complete), p_sign * sum(n.steps_error), p_sign * sum(n.steps_cancelled),
      p_sign * sum(n.steps_resolved_manually), p_sign * sum(n.steps_skipped), p_sign * sum(n.steps_run),
      p_sign * sum(n.task_time), p_sign * sum(n.run_time), p_sign * sum(n.wait_time), min(n.first_task_id::text)::uuid
    from tasker.count_tasks(p_task_ids, '1 minute', null) n
    cross join lateral (values
      ('all', '-infinity'::timestamptz),
      ('hour', date_bin('1 hour', n.starts_at, '2000-01-01 00:00:00Z')),
      ('minute', n.starts_at)
    ) as q(span, starts_at)
    group by q.span, q.starts_at, n.definition_id
    order by q.span, q.starts_at, n.definition_id
    on conflict (span, starts_at, definition_id) do update set
      tasks_complete = c.tasks_complete + excluded.tasks_complete,
      tasks_error = c.tasks_error + excluded.tasks_error,
      tasks_cancelled = c.tasks_cancelled + excluded.tasks_cancelled,
      tasks_resolved_manually = c.tasks_resolved_manually + excluded.tasks_resolved_manually,
      steps_pending = c.steps_pending + excluded.steps_pending,
      steps_in_progress = c.steps_in_progress + excluded.steps_in_progress,
      steps_complete = c.steps_complete + excluded.steps_complete,
      steps_error = c.steps_error + excluded.steps_error,
      steps_cancelled = c.steps_cancelled + excluded.steps_cancelled,
      steps_resolved_manually = c.steps_resolved_manually + excluded.steps_resolved_manually,
      steps_skipped = c.steps_skipped + excluded.steps_skipped,
      steps_run = c.steps_run + excluded.steps_run,
      task_time = c.task_time + excluded.task_time,
      run_time = c.run_time + excluded.run_time,
      wait_time = c.wait_time + excluded.wait_time,
      first_task_id = least(c.first_task_id, excluded.first_task_id)
    returning c.*
  )
  select array_agg(c::tasker.task_counts) into v_emptied
  from changed c
  where c.tasks_complete + c.tasks_error + c.tasks_cancelled + c.tasks_resolved_manually = 0;

  -- A row that counts nothing any more goes, and what was said about its hour: pruned tasks leave no trace.
  if v_emptied is not null then
    delete from tasker.task_counts c
    using unnest(v_emptied) e
    where c.span = e.span and c.starts_at = e.starts_at and c.definition_id = e.definition_id;
    delete from tasker.slow_hours h
    using unnest(v_emptied) e
    where e.span = 'hour' and h.starts_at = e.starts_at and h.definition_id = e.definition_id;
  end if;
end
$$;
