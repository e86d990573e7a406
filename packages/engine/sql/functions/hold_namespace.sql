-- Holds a namespace, or lets it run again: none of its steps start, in any worker, while what runs goes on. Its tasks
-- stay as they are. Versions that are registered meanwhile are held too (register_definition).
-- Returns whether anything changed; no row when there is no such namespace.
create or replace function tasker.hold_namespace(
  p_namespace text,
  p_is_held boolean,
  p_actor text,
  p_reason text,
  p_now timestamptz default null
) returns table (is_changed boolean)
language plpgsql
as $$
declare
  v_now timestamptz := coalesce(p_now, statement_timestamp());
  v_namespace tasker.task_namespaces;
begin
  -- The row is locked, so that two of these, or one and a registration, take turns.
  select * into v_namespace
  from tasker.task_namespaces n
  where n.name = p_namespace
  for update;
  if not found then
    return;
  end if;
  is_changed := (v_namespace.held_at is not null) <> p_is_held;
  if is_changed then
    update tasker.task_namespaces n set
      held_at = case when p_is_held then v_now end,
      held_by = case when p_is_held then p_actor end,
      held_reason = case when p_is_held then p_reason end
    where n.namespace_id = v_namespace.namespace_id;

    update tasker.definitions d set held = p_is_held
    from tasker.named_tasks m
    where m.namespace_id = v_namespace.namespace_id and d.named_task_id = m.named_task_id and d.held <> p_is_held;

    insert into tasker.namespace_transitions (namespace_id, seq, to_state, actor, reason, at)
    select v_namespace.namespace_id, coalesce(max(h.seq), 0) + 1, case when p_is_held then 'held' else 'running' end,
      p_actor, p_reason, v_now
    from tasker.namespace_transitions h
    where h.namespace_id = v_namespace.namespace_id;
  end if;
  return next;
end
$$;
