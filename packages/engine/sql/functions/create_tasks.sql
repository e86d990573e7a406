-- Creates any number of tasks with their steps, due roots and first history entry. Stop 3 of a task's life. May run
-- inside the caller's own transaction: everything here commits or rolls back with it.
--
-- p_requests: [{task_id, definition_id, context, priority, tags, initiator, source_system, reason, requested_at,
--   deadline_ms, bypass: [step name], key, digest, key_ttl_hours, rerun_of, trace_parent, correlation_id,
--   graph: [step] or null}]
-- graph is given when the steps came from the context; then it is stored under the task's own id.
-- Returns per request, by its place in the list: the task that owns the key, whether it was created now, and whether the
-- key belongs to a different request (then nothing was created at all).
--
-- Keys are taken in order and once each, so two batches cannot deadlock; `do update` makes a second session wait for the
-- first and see its row, where `do nothing` would show it none. An expired key changes hands.
create or replace function tasker.create_tasks(
  p_requests jsonb,
  p_lock_timeout_ms integer,
  p_now timestamptz default null
) returns table (ordinal integer, owner_id uuid, is_created boolean, is_conflict boolean)
language plpgsql
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
#variable_conflict use_column
declare
  v_now timestamptz := coalesce(p_now, statement_timestamp());
  v_lock_timeout text := current_setting('lock_timeout');
  v_keys jsonb := '{}';
  v_is_refused boolean;
  v_created uuid[];
begin
  perform set_config('lock_timeout', p_lock_timeout_ms::text, true);

  -- 1. Keys first: they decide which tasks are created at all.
  with asked as materialized (
    select distinct on (d.named_task_id, r.key)
      d.named_task_id, r.key, r.task_id, r.digest, v_now + r.key_ttl_hours * interval '1 hour' as expires_at
    from rows from (jsonb_to_recordset(p_requests) as (
      task_id uuid, definition_id integer, key text, digest text, key_ttl_hours integer)) with ordinality
      as r(task_id, definition_id, key, digest, key_ttl_hours, place)
    join tasker.definitions d on d.definition_id = r.definition_id
    where r.key is not null
    order by d.named_task_id, r.key, r.place
  ),
  owned as (
    insert into tasker.idempotency_keys as k (named_task_id, key, task_id, digest, expires_at)
    select a.named_task_id, a.key, a.task_id, a.digest, a.expires_at
    from asked a
    order by a.named_task_id, a.key
    on conflict (named_task_id, key) do update set
      task_id = case when k.expires_at <= v_now then excluded.task_id else k.task_id end,
      digest = case when k.expires_at <= v_now then excluded.digest else k.digest end,
      expires_at = case when k.expires_at <= v_now then excluded.expires_at else k.expires_at end
    returning k.named_task_id, k.key, k.task_id, k.digest
  )
  select coalesce(jsonb_object_agg(o.named_task_id || '/' || o.key,
    jsonb_build_object('task_id', o.task_id, 'digest', o.digest)), '{}')
  into v_keys
  from owned o;

  -- One request that cannot have its key refuses them all: nothing is created, and keys taken above are given back.
  select coalesce(bool_or(v_keys -> (d.named_task_id || '/' || r.key) ->> 'digest' <> r.digest), false) into v_is_refused
  from jsonb_to_recordset(p_requests) as r(definition_id integer, key text, digest text)
  join tasker.definitions d on d.definition_id = r.definition_id
  where r.key is not null;
  if v_is_refused then
    delete from tasker.idempotency_keys k
    using jsonb_to_recordset(p_requests) as r(task_id uuid, definition_id integer, key text), tasker.definitions d
    where d.definition_id = r.definition_id
      and k.named_task_id = d.named_task_id
      and k.key = r.key
      and k.task_id = r.task_id;
  end if;

  -- 2. The task rows: every request without a key, and the one that owns its key.
  with request as materialized (
    select r.*, d.graph_id
    from jsonb_to_recordset(case when v_is_refused then '[]' else p_requests end) as r(
      task_id uuid, definition_id integer, context jsonb, priority smallint, tags jsonb, initiator text,
      source_system text, reason text, requested_at timestamptz, deadline_ms bigint, rerun_of uuid, key text, graph jsonb,
      trace_parent text, correlation_id text)
    join tasker.definitions d on d.definition_id = r.definition_id
    where r.key is null or v_keys -> (d.named_task_id || '/' || r.key) ->> 'task_id' = r.task_id::text
  ),
  own_graph as (
    insert into tasker.graph_steps (graph_id, step_no, name, handler, parents, children, retryable, retry_limit,
      skippable, priority, timeout_ms, dependent_system, inputs)
    select r.task_id, g.step_no, g.name, g.handler, g.parents, g.children, g.retryable, g.retry_limit, g.skippable,
      g.priority, g.timeout_ms, g.dependent_system, g.inputs
    from request r
    cross join lateral jsonb_to_recordset(r.graph) as g(
      step_no integer, name text, handler text, parents integer[], children integer[], retryable boolean,
      retry_limit smallint, skippable boolean, priority smallint, timeout_ms integer, dependent_system text, inputs jsonb)
    where jsonb_typeof(r.graph) = 'array'
  ),
  contexts as (
    insert into tasker.task_contexts (task_id, context, trace_parent, correlation_id)
    select r.task_id, r.context, r.trace_parent, r.correlation_id
    from request r
  ),
  inserted as (
    insert into tasker.tasks (task_id, definition_id, graph_id, state, priority, tags, initiator, source_system, reason,
      requested_at, created_at, deadline_at, rerun_of)
    select r.task_id, r.definition_id, case when jsonb_typeof(r.graph) = 'array' then r.task_id else r.graph_id end,
      'pending', r.priority, array(select jsonb_array_elements_text(r.tags)), r.initiator, r.source_system, r.reason,
      coalesce(r.requested_at, v_now), v_now, v_now + r.deadline_ms * interval '1 millisecond', r.rerun_of
    from request r
    returning task_id
  )
  select coalesce(array_agg(i.task_id), '{}') into v_created from inserted i;

  -- 3. Steps, due roots and progress. A bypassed step is satisfied from the start.
  with request as materialized (
    select t.task_id, t.graph_id, t.definition_id, t.priority, t.deadline_at, t.initiator, t.reason,
      array(
        select g.step_no
        from jsonb_array_elements_text(r.bypass) as b(name)
        join tasker.graph_steps g on g.graph_id = t.graph_id and g.name = b.name
      ) as bypassed,
      (select count(*) from tasker.graph_steps g where g.graph_id = t.graph_id) as steps
    from jsonb_to_recordset(p_requests) as r(task_id uuid, bypass jsonb)
    cross join lateral (
      select * from tasker.tasks t where t.task_id = r.task_id
      offset 0 -- see finish_steps.sql
    ) t
    where r.task_id = any (v_created)
  ),
  planned as materialized (
    select r.task_id, g.step_no, g.retry_limit, g.step_no = any (r.bypassed) as is_bypassed, r.definition_id,
      coalesce(g.priority, r.priority) as priority,
      cardinality(g.parents) - case when r.bypassed = '{}' then 0 else (
        select count(*)::integer from unnest(g.parents) as n(step_no) where n.step_no = any (r.bypassed)
      ) end as waiting
    from request r
    join tasker.graph_steps g on g.graph_id = r.graph_id
  ),
  steps as (
    insert into tasker.workflow_steps (task_id, step_no, state, waiting, retry_limit)
    select p.task_id, p.step_no, case when p.is_bypassed then 'skipped' else 'pending' end, p.waiting, p.retry_limit
    from planned p
    union all
    select r.task_id, -1, 'pending', 0, 32767
    from request r
    where r.deadline_at is not null
  ),
  roots as (
    insert into tasker.due (lane, priority, run_at, task_id, step_no)
    select p.definition_id, p.priority, v_now, p.task_id, p.step_no
    from planned p
    where p.waiting = 0 and not p.is_bypassed
    union all
    select r.definition_id, 0, r.deadline_at, r.task_id, -1
    from request r
    where r.deadline_at is not null
  ),
  progress as (
    insert into tasker.task_progress (task_id, open, not_satisfied, errors, seq)
    select p.task_id, count(*) filter (where p.waiting = 0 and not p.is_bypassed),
      count(*) filter (where not p.is_bypassed), 0, 1
    from planned p
    group by p.task_id
  )
  insert into tasker.task_transitions (task_id, seq, from_state, to_state, actor, reason, metadata, at)
  select r.task_id, 0, null, 'pending', r.initiator, r.reason,
    jsonb_build_object('steps', r.steps)
      || case when r.bypassed = '{}' then '{}'::jsonb else jsonb_build_object('bypassed', to_jsonb(r.bypassed)) end,
    v_now
  from request r;

  -- 4. A task whose every step is bypassed is complete at once.
  if jsonb_path_exists(p_requests, '$[*].bypass[0]') then
    perform tasker.complete_satisfied_tasks(v_created, v_now);
  end if;
  perform set_config('lock_timeout', v_lock_timeout, true);

  return query
  select
    r.place::integer - 1,
    coalesce((k.owner ->> 'task_id')::uuid, r.task_id),
    r.task_id = any (v_created),
    coalesce(k.owner ->> 'digest' <> r.digest, false)
  from rows from (jsonb_to_recordset(p_requests) as (task_id uuid, definition_id integer, key text, digest text))
    with ordinality as r(task_id, definition_id, key, digest, place)
  join tasker.definitions d on d.definition_id = r.definition_id
  left join lateral (select v_keys -> (d.named_task_id || '/' || r.key) as owner) k on r.key is not null
  order by r.place;
end
$$;
