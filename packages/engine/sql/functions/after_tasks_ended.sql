-- What the end of a task leaves behind: it is noted for the statistics; its deadline goes; the annotations hook of a
-- complete task becomes due. Called under the task lock, in the transaction that ends the task, once for each end.
create or replace function tasker.after_tasks_ended(p_task_ids uuid[], p_now timestamptz) returns void
language plpgsql
set enable_seqscan = off
set plan_cache_mode = force_generic_plan
as $$
begin
  insert into tasker.task_ends (task_ids) values (p_task_ids);

  delete from tasker.due d
  where d.task_id = any (p_task_ids) and d.step_no = -1;

  with hook as (
    insert into tasker.workflow_steps (task_id, step_no, state, waiting, retry_limit)
    select t.task_id, 0, 'pending', 0, 3
    from tasker.tasks t
    join tasker.definitions d on d.definition_id = t.definition_id
    where t.task_id = any (p_task_ids) and t.state = 'complete' and d.annotates
    returning task_id, step_no
  )
  insert into tasker.due (lane, priority, run_at, task_id, step_no)
  select t.definition_id, t.priority, p_now, h.task_id, h.step_no
  from hook h
  join tasker.tasks t on t.task_id = h.task_id;
end
$$;
