-- Ends tasks from outside: cancels them, ends them at their deadline, or takes a failed one for done. Steps that run are
-- settled at once; their late outcomes are refused. Steps that never ran are cancelled. Exhausted steps stay in error,
-- because that is the truth about them.
-- p_state: cancelled (from pending, in_progress or error), error (the deadline; from pending or in_progress), or
-- resolved_manually (from error).
--
-- Due rows go first and steps are touched in a later statement: its snapshot shows what a claim has just committed.
-- Touching steps first, or in the same statement, deadlocks with a claim or misses its step.
create or replace function tasker.settle_tasks(
  p_task_ids uuid[],
  p_state text,
  p_actor text,
  p_reason text,
  p_now timestamptz default null
) returns table (settled_id uuid, from_state text, is_settled boolean, last_seq integer)
language plpgsql
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
#variable_conflict use_column
declare
  v_now timestamptz := coalesce(p_now, statement_timestamp());
  v_locked uuid[];
  v_before jsonb;
  v_open uuid[];
  v_due text[];
  v_note jsonb := case p_state when 'cancelled' then '{"action": "cancel"}' when 'resolved_manually' then '{"action": "resolve"}' end;
begin
  perform tasker.require_read_committed();

  select coalesce(array_agg(k.task_id), '{}') into v_locked
  from (
    select p.task_id
    from tasker.task_progress p
    where p.task_id = any (p_task_ids)
    order by p.task_id
    for no key update
  ) k;

  select coalesce(array_agg(t.task_id), '{}') into v_open
  from tasker.tasks t
  where t.task_id = any (v_locked)
    and case t.state when 'error' then p_state <> 'error' else t.ended_at is null and p_state <> 'resolved_manually' end;
  perform tasker.count_tasks_left(v_open); -- those in error had ended

  with gone as (
    delete from tasker.due d
    where d.task_id = any (v_open) and d.step_no <> 0
    returning d.task_id, d.step_no
  )
  select coalesce(array_agg(g.task_id || '/' || g.step_no), '{}') into v_due from gone g;

  -- Read only now: the claim that was waited for may have started its task.
  select coalesce(jsonb_object_agg(t.task_id, t.state), '{}') into v_before
  from tasker.tasks t
  where t.task_id = any (v_locked);

  with settled as (
    update tasker.workflow_steps s set state = 'cancelled', ended_at = v_now, worker_id = null
    from tasker.workflow_steps b
    join tasker.task_progress p on p.task_id = b.task_id
    where b.task_id = any (v_open)
      and (b.state = 'pending'
        or (b.state = 'in_progress' and b.step_no > 0) -- a deadline that runs is what calls us, and ends by itself
        or (b.state = 'error' and b.task_id || '/' || b.step_no = any (v_due)))
      and s.task_id = b.task_id
      and s.step_no = b.step_no
      and s.state = b.state
      and s.claim_no = b.claim_no
    returning s.task_id, s.step_no, s.claim_no, s.attempts, b.state as from_state, p.seq
  ),
  logged as (
    insert into tasker.workflow_step_transitions
      (task_id, seq, step_no, claim_no, from_state, to_state, attempt, actor, reason, metadata, at)
    select s.task_id, s.seq + row_number() over (partition by s.task_id order by s.step_no), s.step_no, s.claim_no,
      s.from_state, 'cancelled', s.attempts, p_actor, p_reason, v_note, v_now
    from settled s
    where s.step_no > 0
  ),
  counted as (
    select t.task_id, count(s.step_no) filter (where s.step_no > 0) as entries
    from unnest(v_open) as t(task_id)
    left join settled s on s.task_id = t.task_id
    group by t.task_id
  ),
  progressed as (
    update tasker.task_progress p set open = 0, seq = p.seq + c.entries + 1
    from counted c
    where p.task_id = c.task_id
    returning p.task_id, p.seq
  ),
  closed as (
    update tasker.tasks t set state = p_state, ended_at = v_now
    from progressed p
    where t.task_id = p.task_id and t.state in ('pending', 'in_progress', 'error')
    returning t.task_id, p.seq
  )
  insert into tasker.task_transitions (task_id, seq, from_state, to_state, actor, reason, metadata, at)
  select c.task_id, c.seq, v_before ->> c.task_id::text, p_state, p_actor, p_reason, v_note, v_now
  from closed c;
  if v_open <> '{}' then
    perform tasker.after_tasks_ended(v_open, v_now);
  end if;

  return query
  select p.task_id, v_before ->> p.task_id::text, p.task_id = any (v_open), p.seq
  from tasker.task_progress p
  where p.task_id = any (v_locked);
end
$$;
