-- The bytes of all rows of the given tasks, as stored, without indexes and free space: roughly what removing them frees.
create or replace function tasker.bytes_of_tasks(p_task_ids uuid[]) returns bigint
language sql
stable
as $$
  select coalesce(sum(b.size), 0)::bigint
  from (
    select pg_column_size(x.*) as size from tasker.workflow_step_transitions x where x.task_id = any (p_task_ids)
    union all
    select pg_column_size(x.*) from tasker.task_transitions x where x.task_id = any (p_task_ids)
    union all
    select pg_column_size(x.*) from tasker.step_claims x where x.task_id = any (p_task_ids)
    union all
    select pg_column_size(x.*) from tasker.step_results x where x.task_id = any (p_task_ids)
    union all
    select pg_column_size(x.*) from tasker.task_annotations x where x.task_id = any (p_task_ids)
    union all
    select pg_column_size(x.*) from tasker.task_contexts x where x.task_id = any (p_task_ids)
    union all
    select pg_column_size(x.*) from tasker.graph_steps x where x.graph_id = any (p_task_ids)
    union all
    select pg_column_size(x.*) from tasker.workflow_steps x where x.task_id = any (p_task_ids)
    union all
    select pg_column_size(x.*) from tasker.task_progress x where x.task_id = any (p_task_ids)
    union all
    select pg_column_size(x.*) from tasker.tasks x where x.task_id = any (p_task_ids)
  ) b;
$$;
