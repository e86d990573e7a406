-- Changes when and how often steps run, and whether a task runs at all, without moving any of them, for operate_tasks:
--   retry_now        a step in error with a retry to come runs at once
--   wake             a pending step that waits for a time runs at once
--   set_retry_limit  p_limit attempts in all; not below those spent, and above them while an attempt is to come
--   hold, resume     no step of the task starts; its due rows stand in lane 0, which nobody probes, deadline included
-- p_steps: names; null, for retry_now and wake only: every step of which it is true.
-- Each is an entry of the history whose two states are the same. Reply and locks: as in move_steps.
-- Due rows are replaced, not updated: a claim whose snapshot is older than that passes by, else its entry in the history
-- would stand before this one.
create or replace function tasker.adjust_tasks(
  p_action text,
  p_task_ids uuid[],
  p_steps text[],
  p_limit integer,
  p_actor text,
  p_reason text,
  p_now timestamptz
) returns table (adjusted_id uuid, from_state text, to_state text, last_seq integer, steps jsonb, refused jsonb)
language plpgsql
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
#variable_conflict use_column
declare
  v_locked uuid[];
  v_tasks uuid[];
  v_step_nos integer[];
  v_names text[];
  v_before jsonb := '{}';
  v_done jsonb := '{}';
  v_holds boolean := p_action = 'hold';
begin
  select coalesce(array_agg(k.task_id), '{}') into v_locked
  from (
    select p.task_id
    from tasker.task_progress p
    where p.task_id = any (p_task_ids)
    order by p.task_id
    for no key update
  ) k;

  if p_action in ('hold', 'resume') then
    v_tasks := array(
      select t.task_id
      from tasker.tasks t
      join tasker.task_progress p on p.task_id = t.task_id
      where t.task_id = any (v_locked)
        and p.held <> v_holds
        and t.state in ('pending', 'in_progress', 'error')
        and (t.state <> 'error' or not v_holds)
    );
    with found as materialized (
      select d.task_id, d.step_no, case when v_holds then 0 when s.losses >= 2 then -t.definition_id else t.definition_id
        end as lane
      from unnest(v_tasks) as m(task_id)
      join tasker.tasks t on t.task_id = m.task_id
      join tasker.due d on d.task_id = m.task_id
      cross join lateral (
        select s.losses from tasker.workflow_steps s where s.task_id = d.task_id and s.step_no = d.step_no
        offset 0 -- see finish_steps
      ) s
    )
    update tasker.due d set lane = f.lane
    from found f
    where d.task_id = f.task_id and d.step_no = f.step_no;

    -- Read only now: the claim that was waited for may have started its task.
    with meant as materialized (
      select t.task_id, t.state
      from tasker.tasks t
      where t.task_id = any (v_tasks)
    ),
    progressed as (
      update tasker.task_progress p set held = v_holds, seq = p.seq + 1
      from meant m
      where p.task_id = m.task_id and p.held <> v_holds
      returning p.task_id, p.seq, m.state
    ),
    logged as (
      insert into tasker.task_transitions (task_id, seq, from_state, to_state, actor, reason, metadata, at)
      select p.task_id, p.seq, p.state, p.state, p_actor, p_reason, jsonb_build_object('action', p_action), p_now
      from progressed p
    )
    select coalesce(jsonb_object_agg(p.task_id, '[]'::jsonb), '{}') into v_done from progressed p;
  else
    -- Which steps are meant: those named, or all that are due now or later. A graph never changes.
    select coalesce(array_agg(n.task_id), '{}'), coalesce(array_agg(n.step_no), '{}'), coalesce(array_agg(n.name), '{}')
    into v_tasks, v_step_nos, v_names
    from (
      select t.task_id, g.step_no, a.name
      from tasker.tasks t
      cross join unnest(p_steps) as a(name)
      cross join lateral (
        select g.step_no from tasker.graph_steps g where g.graph_id = t.graph_id and g.name = a.name
        offset 0 -- see finish_steps
      ) g
      where t.task_id = any (v_locked)
      union all
      select d.task_id, d.step_no, g.name
      from tasker.due d
      join tasker.tasks t on t.task_id = d.task_id
      cross join lateral (
        select g.name from tasker.graph_steps g where g.graph_id = t.graph_id and g.step_no = d.step_no offset 0
      ) g
      where p_steps is null and d.task_id = any (v_locked)
    ) n;

    if p_action = 'set_retry_limit' then
      -- Due rows before steps, as everywhere: a claim that is taking one is waited for.
      with gone as (
        delete from tasker.due d
        using unnest(v_tasks, v_step_nos) as k(task_id, step_no)
        where d.task_id = k.task_id and d.step_no = k.step_no
        returning d.*
      )
      insert into tasker.due (lane, priority, run_at, task_id, step_no)
      select g.lane, g.priority, g.run_at, g.task_id, g.step_no
      from gone g;

      with changed as (
        update tasker.workflow_steps s set retry_limit = p_limit
        from unnest(v_tasks, v_step_nos, v_names) as k(task_id, step_no, name)
        cross join lateral (
          select b.retry_limit from tasker.workflow_steps b where b.task_id = k.task_id and b.step_no = k.step_no offset 0
        ) b
        join tasker.tasks t on t.task_id = k.task_id
        where t.state in ('pending', 'in_progress', 'error')
          and s.task_id = k.task_id
          and s.step_no = k.step_no
          and s.state in ('pending', 'in_progress', 'error')
          and (p_limit > s.attempts or (p_limit = s.attempts and case s.state
            when 'in_progress' then true
            when 'error' then not exists (
              select 1 from tasker.due d where d.task_id = s.task_id and d.step_no = s.step_no)
          end))
        returning s.task_id, s.step_no, k.name, s.state, s.claim_no, s.attempts,
          jsonb_build_object('limit_before', b.retry_limit, 'limit', p_limit) as note
      )
      select coalesce(jsonb_object_agg(c.task_id || '/' || c.step_no, to_jsonb(c)), '{}') into v_before from changed c;
    else
      -- A claim that is taking the due row is waited for, and has taken it away.
      with hurried as (
        delete from tasker.due d
        using unnest(v_tasks, v_step_nos, v_names) as k(task_id, step_no, name)
        cross join lateral (
          select * from tasker.workflow_steps s where s.task_id = k.task_id and s.step_no = k.step_no offset 0
        ) s
        where s.state = case p_action when 'retry_now' then 'error' else 'pending' end
          and d.task_id = k.task_id
          and d.step_no = k.step_no
          and d.run_at > p_now
        returning d.task_id, d.step_no, d.lane, d.priority, k.name, s.state, s.claim_no, s.attempts,
          jsonb_build_object('run_at_before', d.run_at) as note
      ),
      queued as (
        insert into tasker.due (lane, priority, run_at, task_id, step_no)
        select h.lane, h.priority, p_now, h.task_id, h.step_no
        from hurried h
      )
      select coalesce(jsonb_object_agg(h.task_id || '/' || h.step_no, to_jsonb(h)), '{}') into v_before from hurried h;
    end if;

    with adjusted as materialized (
      select a.*, row_number() over (partition by a.task_id order by a.step_no) as entry_no
      from jsonb_each(v_before) as e(key, value)
      cross join lateral jsonb_to_record(e.value) as a(
        task_id uuid, step_no integer, name text, state text, claim_no integer, attempts smallint, note jsonb)
    ),
    counted as (
      select a.task_id, count(*)::integer as entries,
        jsonb_agg(jsonb_build_object('step', a.name, 'step_no', a.step_no, 'claim_no', a.claim_no, 'from', a.state,
          'to', a.state, 'by', 'asked') order by a.step_no) as steps
      from adjusted a
      group by a.task_id
    ),
    progressed as (
      update tasker.task_progress p set seq = p.seq + c.entries
      from counted c
      where p.task_id = c.task_id
      returning p.task_id, p.seq - c.entries as seq
    ),
    logged as (
      insert into tasker.workflow_step_transitions
        (task_id, seq, step_no, claim_no, from_state, to_state, attempt, actor, reason, metadata, at)
      select a.task_id, p.seq + a.entry_no, a.step_no, a.claim_no, a.state, a.state, a.attempts, p_actor, p_reason,
        jsonb_build_object('action', p_action) || a.note, p_now
      from adjusted a
      join progressed p on p.task_id = a.task_id
    )
    select coalesce(jsonb_object_agg(c.task_id, c.steps), '{}') into v_done from counted c;
  end if;

  return query
  select t.task_id, t.state, t.state, p.seq, v_done -> t.task_id::text, coalesce((
    select jsonb_agg(jsonb_build_object('step', a.name, 'from', s.state, 'attempts', s.attempts,
      'is_scheduled', d.run_at is not null, 'is_due', coalesce(d.run_at <= p_now, false))
      order by a.name)
    from unnest(p_steps) as a(name)
    left join lateral (
      select g.step_no from tasker.graph_steps g where g.graph_id = t.graph_id and g.name = a.name offset 0
    ) g on true
    left join lateral (
      select s.state, s.attempts from tasker.workflow_steps s where s.task_id = t.task_id and s.step_no = g.step_no offset 0
    ) s on true
    left join lateral (
      select d.run_at from tasker.due d where d.task_id = t.task_id and d.step_no = g.step_no offset 0
    ) d on true
    where not coalesce(v_before ? (t.task_id || '/' || g.step_no), false)), '[]')
  from tasker.tasks t
  join tasker.task_progress p on p.task_id = t.task_id
  where t.task_id = any (v_locked);
end
$$;
