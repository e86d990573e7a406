-- The one door for operators: one action on any number of tasks (callers send at most 500, each call its own transaction).
-- p_order: {action, steps: [name] or null, result, more_attempts, limit, lists_settled, expected_seq}. Without steps, cancel and resolve are about the
-- whole task, retry, retry_now and wake about every step they are legal for.
-- p_is_whole: all or nothing. One refusal, and nothing is changed. p_is_trial: nothing is changed at all; the answer is
-- what would have happened, because it did, and was undone.
-- One row per task found: {task_id, definition_id, namespace, name, version, from, to, held, seq, steps, refused, is_changed};
-- see move_steps for steps and refused. steps is null where nothing was changed. A whole task names none of its steps there;
-- with lists_settled those that ended with it stand under `settled`, because it may have many. With expected_seq nothing is
-- changed when the history of a task ends with another number, and the row says is_outdated.
create or replace function tasker.operate_tasks(
  p_order jsonb,
  p_task_ids uuid[],
  p_actor text,
  p_reason text,
  p_is_whole boolean,
  p_is_trial boolean,
  p_now timestamptz default null
) returns setof jsonb
language plpgsql
as $$
declare
  v_now timestamptz := coalesce(p_now, statement_timestamp());
  v_action text := p_order ->> 'action';
  v_steps text[] := case when jsonb_typeof(p_order -> 'steps') = 'array' then
    array(select jsonb_array_elements_text(p_order -> 'steps')) end;
  v_ending text := case v_action when 'cancel' then 'cancelled' else 'resolved_manually' end;
  v_replies jsonb[];
  v_seqs jsonb; -- the last numbers of their histories before
begin
  perform tasker.require_read_committed();
  begin
    if p_order ->> 'expected_seq' is not null then
      -- Under the lock, which the action takes again.
      perform 1 from tasker.task_progress p where p.task_id = any (p_task_ids) order by p.task_id for no key update;
      v_replies := array(
        select jsonb_build_object('task_id', t.task_id, 'from', t.state, 'to', t.state, 'seq', p.seq, 'steps', null,
          'refused', '[]'::jsonb, 'is_outdated', true)
        from tasker.task_progress p
        join tasker.tasks t on t.task_id = p.task_id
        where p.task_id = any (p_task_ids) and p.seq <> (p_order ->> 'expected_seq')::integer);
      if v_replies <> '{}' then
        raise exception using errcode = 'TK002'; -- nothing was done
      end if;
    end if;
    if v_steps is null and v_action in ('cancel', 'resolve') then
      if (p_order ->> 'lists_settled')::boolean then
        -- Under the lock, as settle_tasks takes it.
        select jsonb_object_agg(k.task_id, k.seq) into v_seqs
        from (
          select p.task_id, p.seq
          from tasker.task_progress p
          where p.task_id = any (p_task_ids)
          order by p.task_id
          for no key update
        ) k;
      end if;
      v_replies := array(
        select jsonb_build_object('task_id', r.settled_id, 'from', r.from_state,
          'to', case when r.is_settled then v_ending else r.from_state end, 'seq', r.last_seq,
          'steps', case when r.is_settled then '[]'::jsonb end, 'refused', '[]'::jsonb)
        from tasker.settle_tasks(p_task_ids, v_ending, p_actor, p_reason, v_now) r
        order by r.settled_id);
    elsif v_action in ('cancel', 'resolve', 'skip', 'retry') then
      v_replies := array(
        select jsonb_build_object('task_id', r.moved_id, 'from', r.from_state, 'to', r.to_state, 'seq', r.last_seq,
          'steps', case when r.steps <> '[]' then r.steps end, 'refused', r.refused)
        from tasker.move_steps(v_action, p_task_ids, v_steps, p_order -> 'result', (p_order ->> 'more_attempts')::integer,
          p_actor, p_reason, v_now) r
        order by r.moved_id);
    else
      v_replies := array(
        select jsonb_build_object('task_id', r.adjusted_id, 'from', r.from_state, 'to', r.to_state, 'seq', r.last_seq,
          'steps', r.steps, 'refused', r.refused)
        from tasker.adjust_tasks(v_action, p_task_ids, v_steps, (p_order ->> 'limit')::integer, p_actor, p_reason, v_now) r
        order by r.adjusted_id);
    end if;
    if p_is_trial or (p_is_whole and exists (
      select 1 from unnest(v_replies) as r(reply) where r.reply -> 'refused' <> '[]' or r.reply ->> 'steps' is null))
    then
      raise exception using errcode = 'TK002'; -- undoes this block; the answer is kept
    end if;
  exception when sqlstate 'TK002' then
    null;
  end;

  return query
  select r.reply || jsonb_build_object('definition_id', t.definition_id, 'namespace', n.name, 'name', m.name,
    'version', d.version, 'created_at', t.created_at, 'settled', k.steps, 'held',
    case when v_action in ('hold', 'resume') and r.reply ->> 'steps' is not null then v_action = 'hold' else p.held end)
  from unnest(v_replies) as r(reply)
  join tasker.tasks t on t.task_id = (r.reply ->> 'task_id')::uuid
  join tasker.task_progress p on p.task_id = t.task_id
  join tasker.definitions d on d.definition_id = t.definition_id
  join tasker.named_tasks m on m.named_task_id = d.named_task_id
  join tasker.task_namespaces n on n.namespace_id = m.namespace_id
  left join lateral (
    select jsonb_agg(jsonb_build_object('step', g.name, 'step_no', h.step_no, 'claim_no', h.claim_no, 'from', h.from_state,
      'to', h.to_state, 'by', 'asked') order by h.seq) as steps
    from tasker.workflow_step_transitions h
    cross join lateral (
      select g.name from tasker.graph_steps g where g.graph_id = t.graph_id and g.step_no = h.step_no offset 0
    ) g
    where h.task_id = t.task_id and h.seq > (v_seqs ->> t.task_id::text)::integer
  ) k on v_seqs is not null
  order by t.task_id;
end
$$;
