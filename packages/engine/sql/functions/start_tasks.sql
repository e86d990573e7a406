-- pending to in_progress for the given tasks, with history entry 1, which is kept free for it. Waits only for a claim
-- that is starting the same task; a claim itself never calls this (see claim_due). Returns the tasks it started.
create or replace function tasker.start_tasks(p_task_ids uuid[], p_actor text, p_now timestamptz) returns uuid[]
language plpgsql
set enable_seqscan = off
set plan_cache_mode = force_generic_plan
as $$
declare
  v_started uuid[];
begin
  with started as (
    update tasker.tasks t set state = 'in_progress', started_at = p_now
    where t.task_id = any (p_task_ids) and t.state = 'pending'
    returning t.task_id
  ),
  logged as (
    insert into tasker.task_transitions (task_id, seq, from_state, to_state, actor, reason, at)
    select s.task_id, 1, 'pending', 'in_progress', p_actor, 'first_step_claimed', p_now
    from started s
  )
  select coalesce(array_agg(s.task_id), '{}') into v_started from started s;
  return v_started;
end
$$;
