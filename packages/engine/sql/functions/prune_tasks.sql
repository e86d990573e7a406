-- Removes one batch of ended tasks with all that is theirs: steps, results, history, context, annotations, own graph
-- (rule 27). On trial it only says what would go.
--
-- p_states: ended states. p_before: only tasks that ended before it. p_after: where the batch before left off.
-- p_namespace: only of this one, or null. p_scan_max: rows of tasks looked at, so that a call is short whatever it finds.
-- Returns {last: where to go on, null at the end; busy: how many another call held, and were left;
--   groups: [{namespace, name, version, state, count}]; bytes: of their rows, roughly}.
--
-- Never waits for a worker: tasks are locked with skip locked, and judged again under the lock, because one may have been
-- revived. A rerun locks the task whose results it takes over, so under the lock nobody can begin to refer to it; results
-- that are referred to are copied into the rows that refer, before they go.
-- Idempotency keys stay until they expire: until then the same request must not make a second task.
-- Ids begin with the time of their making, on the clock of a host: a day is more than those clocks differ.
create or replace function tasker.prune_tasks(
  p_states text[],
  p_before timestamptz,
  p_after uuid,
  p_namespace text,
  p_tasks_max integer,
  p_scan_max integer,
  p_is_trial boolean
) returns json
language plpgsql
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
declare
  v_until uuid := (
    lpad(to_hex(greatest(floor(extract(epoch from p_before + interval '1 day') * 1000)::bigint, 0)), 12, '0')
    || '70000000000000000000')::uuid;
  v_seen uuid[];
  v_found uuid[];
  v_gone uuid[];
  v_last uuid;
  v_groups json;
  v_bytes bigint;
begin
  perform tasker.require_read_committed();

  with scanned as materialized (
    select o.task_id, o.definition_id, o.ended_at
    from unnest(p_states) as q(state)
    cross join lateral (
      select t.task_id, t.definition_id, t.ended_at
      from tasker.tasks t
      where t.end_state = q.state and t.task_id > p_after and t.task_id < v_until
      order by t.task_id
      limit p_scan_max
    ) o
    order by o.task_id
    limit p_scan_max
  ),
  old as (
    select s.task_id
    from scanned s
    where s.ended_at < p_before
      and (p_namespace is null or s.definition_id in (
        select d.definition_id
        from tasker.definitions d
        join tasker.named_tasks m on m.named_task_id = d.named_task_id
        join tasker.task_namespaces n on n.namespace_id = m.namespace_id
        where n.name = p_namespace))
    order by s.task_id
    limit p_tasks_max
  )
  select
    array(select o.task_id from old o order by o.task_id),
    case
      when (select count(*) from old) = p_tasks_max then (select o.task_id from old o order by o.task_id desc limit 1)
      when (select count(*) from scanned) = p_scan_max then
        (select s.task_id from scanned s order by s.task_id desc limit 1)
    end
  into v_seen, v_last;

  v_found := array(select tasker.prunable(v_seen, p_states, p_before));
  if p_is_trial then
    v_gone := v_found;
  else
    v_gone := array(
      select p.task_id
      from tasker.task_progress p
      where p.task_id = any (v_found)
      order by p.task_id
      for update skip locked
    );
    v_gone := array(select tasker.prunable(v_gone, p_states, p_before));
  end if;

  select coalesce(json_agg(g), '[]') into v_groups
  from (
    select n.name as namespace, m.name, d.version, t.state, count(*) as count
    from tasker.tasks t
    join tasker.definitions d on d.definition_id = t.definition_id
    join tasker.named_tasks m on m.named_task_id = d.named_task_id
    join tasker.task_namespaces n on n.namespace_id = m.namespace_id
    where t.task_id = any (v_gone)
    group by n.name, m.name, d.version, t.state
    order by n.name, m.name, d.version, t.state
  ) g;
  v_bytes := tasker.bytes_of_tasks(v_gone);
  if not p_is_trial and v_gone <> '{}' then
    perform tasker.delete_tasks(v_gone);
  end if;

  return json_build_object('last', v_last, 'busy', cardinality(v_found) - cardinality(v_gone), 'groups', v_groups,
    'bytes', v_bytes);
end
$$;
