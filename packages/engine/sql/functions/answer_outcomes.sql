-- Says what became of each outcome that this call did not record, from the step as it stands now. None, usually:
-- a lost reply, a busy task or a late finisher brings them here, so a loop is no cost.
--   already_recorded  this outcome, by an earlier call of the same claim (the reply was lost)
--   busy              its task was locked by another call; send it again
--   refused           the step is no longer this claim's: cancelled, rescued, or settled by hand
-- A refused outcome is kept in history with its result, once per claim, because its work was done: the card may have been
-- charged. Handing back and a loss are no work and leave no entry.
create or replace function tasker.answer_outcomes(
  p_outcomes jsonb,
  p_locked uuid[],
  p_recorded tasker.recorded_steps,
  p_is_resend boolean,
  p_actor text,
  p_now timestamptz
) returns setof json
language plpgsql
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set plan_cache_mode = force_generic_plan
as $$
declare
  v_outcome record;
  v_step record;
  v_answer text;
  v_seq integer;
begin
  for v_outcome in
    select o.task_id, o.step_no, o.claim_no, o.kind, o.result, o.error
    from jsonb_to_recordset(p_outcomes) as o(
      task_id uuid, step_no integer, claim_no integer, kind text, result jsonb, error jsonb)
    where not exists (
      select 1
      from unnest(p_recorded.task_ids, p_recorded.step_nos, p_recorded.claim_nos) as r(task_id, step_no, claim_no)
      where r.task_id = o.task_id and r.step_no = o.step_no and r.claim_no = o.claim_no
    )
  loop
    select s.state, s.claim_no into v_step
    from tasker.workflow_steps s
    where s.task_id = v_outcome.task_id and s.step_no = v_outcome.step_no;
    if v_step.state is not null and not v_outcome.task_id = any (p_locked)
      and (not p_is_resend or (v_step.state = 'in_progress' and v_step.claim_no = v_outcome.claim_no))
    then
      -- Not ours to judge without the lock. Asked first: the history of a wide task is long.
      v_answer := 'busy';
    elsif exists (
      select 1
      from tasker.workflow_step_transitions h
      where h.task_id = v_outcome.task_id
        and h.step_no = v_outcome.step_no
        and h.claim_no = v_outcome.claim_no
        and h.from_state = 'in_progress'
        and (h.to_state = case v_outcome.kind when 'complete' then 'complete' when 'failed' then 'error' else 'pending' end
          -- A step in a transaction whose commit was not acknowledged reports a failure: it was complete after all.
          or (v_outcome.kind = 'failed' and h.to_state = 'complete'))
        and h.actor like 'worker:%' -- the claim's own entry; rescues and operators sign otherwise
    ) then
      v_answer := 'already_recorded';
    else
      v_answer := 'refused';
      if v_step.state is not null
        and not p_is_resend
        and v_outcome.kind in ('complete', 'failed')
        and not exists (
          select 1
          from tasker.workflow_step_transitions h
          where h.task_id = v_outcome.task_id
            and h.step_no = v_outcome.step_no
            and h.claim_no = v_outcome.claim_no
            and h.reason = 'outcome_refused'
        )
      then
        update tasker.task_progress p set seq = p.seq + 1
        where p.task_id = v_outcome.task_id
        returning p.seq into v_seq;
        insert into tasker.workflow_step_transitions
          (task_id, seq, step_no, claim_no, from_state, to_state, attempt, actor, reason, metadata, at)
        values (
          v_outcome.task_id, v_seq, v_outcome.step_no, v_outcome.claim_no, v_step.state, v_step.state, 0, p_actor,
          'outcome_refused',
          jsonb_build_object('outcome', v_outcome.kind)
            || case
              when v_outcome.kind = 'failed' then jsonb_build_object('error', v_outcome.error)
              when pg_column_size(v_outcome.result) > 65536 then
                jsonb_build_object('result', 'too large to keep here')
              else jsonb_build_object('result', v_outcome.result)
            end,
          p_now
        );
      end if;
    end if;
    return next json_build_object('kind', 'outcome', 'task_id', v_outcome.task_id, 'step_no', v_outcome.step_no,
      'claim_no', v_outcome.claim_no, 'answer', v_answer, 'state', v_step.state);
  end loop;
end
$$;
