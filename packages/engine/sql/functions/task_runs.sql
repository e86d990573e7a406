-- How long the given tasks and their steps took: what slowest_tasks and slowest_steps order.
-- kind task: from creation to end, of tasks that ended complete or in error; when one ended that was called off or
--   resolved says something about people. step_no is 0.
-- kind step: from start to end of the last attempt, of complete steps. One that a rerun took over from
--   another task started before its task was there, and did not run.
create or replace function tasker.task_runs(p_kind text, p_task_ids uuid[])
returns table (definition_id integer, created_at timestamptz, task_id uuid, step_no integer, duration interval)
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
  if p_kind = 'task' then
    return query
    select t.definition_id, t.created_at, t.task_id, 0, t.ended_at - t.created_at
    from unnest(p_task_ids) as k(task_id)
    join tasker.tasks t on t.task_id = k.task_id
    where t.state in ('complete', 'error');
  else
    return query
    select t.definition_id, t.created_at, t.task_id, s.step_no, s.ended_at - s.started_at
    from unnest(p_task_ids) as k(task_id)
    join tasker.tasks t on t.task_id = k.task_id
    join tasker.workflow_steps s on s.task_id = t.task_id and s.step_no > 0
    where s.state = 'complete' and s.started_at >= t.created_at and s.ended_at > s.started_at;
  end if;
end
$$;
