-- Stores a definition version once and for ever, or finds it. p_definition: {namespace, namespace_description, name,
-- description, version, digest, graph_id, settings, annotates, steps: [graph step]}.
-- Returns the id, and whether the digest stored under this version is another (then nothing was changed): a changed
-- definition needs a new version. A version that no task ever used is replaced.
-- Find is a second statement: its snapshot sees what a concurrent registration has just committed.
create or replace function tasker.register_definition(p_definition jsonb)
returns table (stored_id integer, is_conflict boolean)
language plpgsql
as $$
#variable_conflict use_column
declare
  v_namespace_id integer;
  v_named_task_id integer;
  v_stored tasker.definitions;
  v_graph_id uuid := (p_definition ->> 'graph_id')::uuid;
begin
  insert into tasker.task_namespaces as n (name, description)
  values (p_definition ->> 'namespace', coalesce(p_definition ->> 'namespace_description', ''))
  on conflict (name) do update set description = coalesce(p_definition ->> 'namespace_description', n.description)
  returning n.namespace_id into v_namespace_id;

  insert into tasker.named_tasks as n (namespace_id, name, description)
  values (v_namespace_id, p_definition ->> 'name', p_definition ->> 'description')
  on conflict (namespace_id, name) do update set description = excluded.description
  returning n.named_task_id into v_named_task_id;

  -- The row lock above makes two registrations of one name take turns.
  select d.* into v_stored
  from tasker.definitions d
  where d.named_task_id = v_named_task_id and d.version = p_definition ->> 'version';

  if v_stored.definition_id is null then
    insert into tasker.definitions (named_task_id, version, digest, graph_id, settings, annotates, held)
    values (v_named_task_id, p_definition ->> 'version', p_definition ->> 'digest', v_graph_id,
      p_definition -> 'settings', (p_definition ->> 'annotates')::boolean,
      (select n.held_at is not null from tasker.task_namespaces n where n.namespace_id = v_namespace_id))
    returning * into v_stored;
  elsif v_stored.digest = p_definition ->> 'digest' then
    return query select v_stored.definition_id, false;
    return;
  elsif exists (select 1 from tasker.tasks t where t.definition_id = v_stored.definition_id) then
    return query select v_stored.definition_id, true;
    return;
  else
    update tasker.definitions d set digest = p_definition ->> 'digest', graph_id = v_graph_id,
      settings = p_definition -> 'settings', annotates = (p_definition ->> 'annotates')::boolean
    where d.definition_id = v_stored.definition_id and d.digest = v_stored.digest;
  end if;

  insert into tasker.graph_steps (graph_id, step_no, name, handler, parents, children, retryable, retry_limit, skippable,
    priority, timeout_ms, dependent_system, inputs)
  select v_graph_id, g.step_no, g.name, g.handler, g.parents, g.children, g.retryable, g.retry_limit, g.skippable,
    g.priority, g.timeout_ms, g.dependent_system, g.inputs
  from jsonb_to_recordset(p_definition -> 'steps') as g(
    step_no integer, name text, handler text, parents integer[], children integer[], retryable boolean,
    retry_limit smallint, skippable boolean, priority smallint, timeout_ms integer, dependent_system text, inputs jsonb);
  return query select v_stored.definition_id, false;
end
$$;
