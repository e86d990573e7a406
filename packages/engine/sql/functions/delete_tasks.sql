-- Deletes every row of the given tasks, children first. Only for prune_tasks, which holds their locks and has judged them.
-- A table with rows of tasks is named here and in bytes_of_tasks; a test compares with the catalog.
create or replace function tasker.delete_tasks(p_task_ids uuid[]) returns void
language plpgsql
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
begin
  perform tasker.count_tasks_left(p_task_ids);

  -- Reruns refer to these results, under the same step numbers: from now on each has its own.
  update tasker.step_results r set result = o.result, source_task_id = null
  from tasker.step_results o
  where r.source_task_id = any (p_task_ids)
    and not r.task_id = any (p_task_ids)
    and o.task_id = r.source_task_id
    and o.step_no = r.step_no;

  delete from tasker.workflow_step_transitions h where h.task_id = any (p_task_ids);
  delete from tasker.task_transitions h where h.task_id = any (p_task_ids);
  delete from tasker.step_claims c where c.task_id = any (p_task_ids);
  delete from tasker.step_results r where r.task_id = any (p_task_ids);
  delete from tasker.task_annotations a where a.task_id = any (p_task_ids);
  delete from tasker.task_contexts c where c.task_id = any (p_task_ids);
  delete from tasker.graph_steps g where g.graph_id = any (p_task_ids);
  delete from tasker.workflow_steps s where s.task_id = any (p_task_ids);
  delete from tasker.task_progress p where p.task_id = any (p_task_ids);
  delete from tasker.tasks t where t.task_id = any (p_task_ids);
end
$$;
