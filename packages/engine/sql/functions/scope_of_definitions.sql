-- The definitions that a namespace, a name and a version leave; null leaves all of them.
create or replace function tasker.scope_of_definitions(p_namespace text, p_name text, p_version text) returns integer[]
language sql
stable
as $$
  select array(
    select d.definition_id
    from tasker.definitions d
    join tasker.named_tasks m on m.named_task_id = d.named_task_id
    join tasker.task_namespaces n on n.namespace_id = m.namespace_id
    where (p_namespace is null or n.name = p_namespace)
      and (p_name is null or m.name = p_name)
      and (p_version is null or d.version = p_version)
  );
$$;
