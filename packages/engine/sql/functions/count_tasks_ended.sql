-- Notes for the roll-up which tasks have ended: whoever ends tasks says it once, in the same transaction, under their
-- locks (after_tasks_ended does). Those of the given tasks that are open are left out.
create or replace function tasker.count_tasks_ended(p_task_ids uuid[]) returns void
language plpgsql
set enable_seqscan = off
set plan_cache_mode = force_generic_plan
as $$
begin
  insert into tasker.task_ends (task_ids)
  select array_agg(t.task_id)
  from tasker.tasks t
  where t.task_id = any (p_task_ids) and t.ended_at is not null
  having count(*) > 0;
end
$$;
