-- Ends those of the given tasks that have nothing left to do because every step was bypassed at creation. Only for tasks
-- that no other transaction can see yet, so no lock is needed.
create or replace function tasker.complete_satisfied_tasks(p_task_ids uuid[], p_now timestamptz) returns void
language plpgsql
as $$
declare
  v_complete uuid[];
begin
  with finished as (
    update tasker.tasks t set state = 'complete', started_at = p_now, ended_at = p_now
    from tasker.task_progress p
    where t.task_id = any (p_task_ids)
      and p.task_id = t.task_id
      and p.not_satisfied = 0
      and t.state = 'pending'
    returning t.task_id
  ),
  logged as (
    insert into tasker.task_transitions (task_id, seq, from_state, to_state, actor, reason, at)
    select f.task_id, 1, 'pending', 'complete', 'tasker', 'all_steps_satisfied', p_now
    from finished f
  )
  select coalesce(array_agg(f.task_id), '{}') into v_complete from finished f;
  if v_complete <> '{}' then
    perform tasker.after_tasks_ended(v_complete, p_now);
  end if;
end
$$;
