-- Does part of an ended task again, as a new task of the same definition version that is linked to it. What is satisfied
-- stays so: its steps are taken over with their results, by reference. What runs: the steps named in p_from and those
-- with new inputs, with all that depends on them, and every step that was not satisfied.
-- p_inputs: {step name: its new inputs}. p_context: the new context, or null for the same. The new task gets a graph of
-- its own when its inputs differ, or when the old one had one.
-- Returns the old task's state and the plan, one row per step. Nothing is created when the old task is still open
-- (plan null), when nothing would run, or on trial. It keeps the correlation id; p_trace_parent is its own.
drop function if exists tasker.rerun_task(uuid, uuid, text[], jsonb, jsonb, text, text, boolean, timestamptz);

create or replace function tasker.rerun_task(
  p_task_id uuid,
  p_new_id uuid,
  p_from text[],
  p_inputs jsonb,
  p_context jsonb,
  p_actor text,
  p_reason text,
  p_is_trial boolean,
  p_now timestamptz default null,
  p_trace_parent text default null
) returns table (old_state text, step text, is_run boolean, step_state text)
language plpgsql
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
#variable_conflict use_column
declare
  v_now timestamptz := coalesce(p_now, statement_timestamp());
  v_old tasker.tasks;
  v_graph_id uuid;
  v_run integer[];
begin
  perform tasker.require_read_committed();
  -- Locked, so that it is neither revived nor pruned meanwhile; nor is an older one that its results are taken from.
  perform 1
  from tasker.task_progress p
  where p.task_id = any (p_task_id || array(
    select r.source_task_id from tasker.step_results r where r.task_id = p_task_id and r.source_task_id is not null))
  order by p.task_id
  for no key update;
  select * into v_old from tasker.tasks t where t.task_id = p_task_id;
  if v_old.task_id is null then
    return;
  elsif v_old.ended_at is null then
    return query select v_old.state, null::text, null::boolean, null::text;
    return;
  end if;

  with recursive run as (
    select g.step_no, g.children, g.name = any (p_from) or p_inputs ? g.name as is_asked
    from tasker.graph_steps g
    join tasker.workflow_steps s on s.task_id = p_task_id and s.step_no = g.step_no
    where g.graph_id = v_old.graph_id
      and (g.name = any (p_from) or p_inputs ? g.name or s.state not in ('complete', 'resolved_manually', 'skipped'))
    union
    select g.step_no, g.children, true
    from run r
    cross join lateral unnest(r.children) as c(step_no)
    join tasker.graph_steps g on g.graph_id = v_old.graph_id and g.step_no = c.step_no
    where r.is_asked
  )
  select coalesce(array_agg(distinct r.step_no), '{}') into v_run from run r;

  if not p_is_trial and v_run <> '{}' then
    v_graph_id := v_old.graph_id;
    if p_inputs <> '{}' or v_old.graph_id = p_task_id
      or not exists (select 1 from tasker.definitions d where d.definition_id = v_old.definition_id
        and d.graph_id = v_old.graph_id)
    then
      v_graph_id := p_new_id;
      insert into tasker.graph_steps (graph_id, step_no, name, handler, parents, children, retryable, retry_limit,
        skippable, priority, timeout_ms, dependent_system, inputs)
      select p_new_id, g.step_no, g.name, g.handler, g.parents, g.children, g.retryable, g.retry_limit, g.skippable,
        g.priority, g.timeout_ms, g.dependent_system, case when p_inputs ? g.name then p_inputs -> g.name else g.inputs end
      from tasker.graph_steps g
      where g.graph_id = v_old.graph_id;
    end if;

    insert into tasker.tasks (task_id, definition_id, graph_id, state, priority, tags, initiator, source_system, reason,
      requested_at, created_at, deadline_at, rerun_of)
    values (p_new_id, v_old.definition_id, v_graph_id, 'pending', v_old.priority, v_old.tags, p_actor, v_old.source_system,
      p_reason, v_now, v_now, v_now + (v_old.deadline_at - v_old.created_at), p_task_id);

    insert into tasker.task_contexts (task_id, context, trace_parent, correlation_id)
    select p_new_id, coalesce(p_context, c.context), p_trace_parent, c.correlation_id
    from tasker.task_contexts c
    where c.task_id = p_task_id;

    with planned as materialized (
      select g.step_no, g.name, g.retry_limit, coalesce(g.priority, v_old.priority) as priority,
        g.step_no = any (v_run) as is_run, s.state, s.started_at, s.ended_at,
        (select count(*)::integer from unnest(g.parents) as n(step_no) where n.step_no = any (v_run)) as waiting
      from tasker.graph_steps g
      join tasker.workflow_steps s on s.task_id = p_task_id and s.step_no = g.step_no
      where g.graph_id = v_graph_id
    ),
    steps as (
      insert into tasker.workflow_steps (task_id, step_no, state, waiting, retry_limit, started_at, ended_at)
      select p_new_id, p.step_no, case when p.is_run then 'pending' else p.state end, p.waiting, p.retry_limit,
        case when not p.is_run then p.started_at end, case when not p.is_run then p.ended_at end
      from planned p
      union all
      select p_new_id, -1, 'pending', 0, 32767, null, null
      where v_old.deadline_at is not null
    ),
    results as (
      insert into tasker.step_results (task_id, step_no, source_task_id)
      select p_new_id, r.step_no, coalesce(r.source_task_id, r.task_id)
      from tasker.step_results r
      join planned p on p.step_no = r.step_no and not p.is_run
      where r.task_id = p_task_id
    ),
    roots as (
      insert into tasker.due (lane, priority, run_at, task_id, step_no)
      select v_old.definition_id, p.priority, v_now, p_new_id, p.step_no
      from planned p
      where p.is_run and p.waiting = 0
      union all
      select v_old.definition_id, 0, v_now + (v_old.deadline_at - v_old.created_at), p_new_id, -1
      where v_old.deadline_at is not null
    ),
    progress as (
      insert into tasker.task_progress (task_id, open, not_satisfied, errors, seq)
      select p_new_id, count(*) filter (where p.is_run and p.waiting = 0), count(*) filter (where p.is_run), 0, 1
      from planned p
    )
    insert into tasker.task_transitions (task_id, seq, from_state, to_state, actor, reason, metadata, at)
    select p_new_id, 0, null, 'pending', p_actor, p_reason,
      jsonb_build_object('action', 'rerun', 'steps', count(*), 'rerun_of', p_task_id,
        'reused', coalesce(jsonb_agg(p.step_no order by p.step_no) filter (where not p.is_run), '[]')), v_now
    from planned p;

    -- The old task says so too.
    with noted as (
      update tasker.task_progress p set seq = p.seq + 1 where p.task_id = p_task_id returning p.seq
    )
    insert into tasker.task_transitions (task_id, seq, from_state, to_state, actor, reason, metadata, at)
    select p_task_id, n.seq, v_old.state, v_old.state, p_actor, p_reason,
      jsonb_build_object('action', 'rerun', 'rerun_as', p_new_id), v_now
    from noted n;
  end if;

  return query
  select v_old.state, g.name, g.step_no = any (v_run), s.state
  from tasker.graph_steps g
  join tasker.workflow_steps s on s.task_id = p_task_id and s.step_no = g.step_no
  where g.graph_id = v_old.graph_id
  order by g.step_no;
end
$$;
