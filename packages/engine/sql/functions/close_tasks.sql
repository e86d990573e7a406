-- Ends tasks whose last step has ended, each in its own state and with the number kept for it in the history. Called under
-- the task lock, once for each end. Returns a row of json for each: see finish_steps.
create or replace function tasker.close_tasks(
  p_task_ids uuid[],
  p_states text[],
  p_seqs integer[],
  p_actor text,
  p_now timestamptz
) returns setof json
language plpgsql
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set plan_cache_mode = force_generic_plan
as $$
begin
  return query
  with closed as (
    update tasker.tasks t set state = n.state, ended_at = p_now
    from unnest(p_task_ids, p_states, p_seqs) as n(task_id, state, seq)
    where t.task_id = n.task_id and t.state in ('pending', 'in_progress')
    returning t.task_id, t.state, t.definition_id, t.created_at, n.seq
  ),
  logged as (
    insert into tasker.task_transitions (task_id, seq, from_state, to_state, actor, reason, at)
    select c.task_id, c.seq, 'in_progress', c.state, p_actor,
      case c.state when 'error' then 'steps_in_error_state' when 'cancelled' then 'steps_cancelled'
        else 'all_steps_satisfied' end,
      p_now
    from closed c
  )
  select json_build_object('kind', 'ended', 'task_id', c.task_id, 'state', c.state, 'definition_id', c.definition_id,
    'created_at', c.created_at, 'ended_at', p_now, 'seq', c.seq)
  from closed c;
  perform tasker.after_tasks_ended(p_task_ids, p_now);
end
$$;
