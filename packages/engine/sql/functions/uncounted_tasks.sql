-- The tasks that task_counts and slow_runs know nothing of: the open ones, and those that ended since the last roll-up.
-- p_with_open: the open ones too. p_since: only those created since then; p_definitions: only of these. Null: all.
create or replace function tasker.uncounted_tasks(p_with_open boolean, p_since timestamptz, p_definitions integer[])
returns uuid[]
language plpgsql
stable
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
set plan_cache_mode = force_generic_plan
as $$
declare
  v_tasks uuid[];
begin
  v_tasks := array(
    select t.task_id from tasker.tasks t where p_with_open and t.ended_at is null
    union all
    select k.task_id from tasker.task_ends e cross join lateral unnest(e.task_ids) as k(task_id)
  );
  if p_since is null and p_definitions is null then
    return v_tasks;
  end if;
  return array(
    select t.task_id
    from unnest(v_tasks) as k(task_id)
    join tasker.tasks t on t.task_id = k.task_id
    where (p_since is null or t.created_at >= p_since)
      and (p_definitions is null or t.definition_id = any (p_definitions))
  );
end
$$;
