-- Changes what is said of a task, or given to a step of it, without moving anything; each change is an entry of the history
-- whose two states are the same. p_edit, one of:
--   {reason, tags, priority}           any of these; the priority as long as the task may go on, its due rows with it
--   {annotation: {type, annotation}}   stored once, however often it is written
--   {step, inputs}                     as long as the step was never claimed; the task gets a graph of its own
-- p_expected_seq: nothing is changed when the history ends with another number; null: whatever it ends with.
-- One row if there is such a task. refused: revision, state (the task's, or the step's: step_state) or step (it has none such).
create or replace function tasker.edit_task(
  p_task_id uuid,
  p_edit jsonb,
  p_actor text,
  p_reason text,
  p_expected_seq integer,
  p_now timestamptz default null
) returns table (state text, step_state text, last_seq integer, refused text, is_changed boolean)
language plpgsql
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
#variable_conflict use_column
declare
  v_now timestamptz := coalesce(p_now, statement_timestamp());
  v_seq integer;
  v_task tasker.tasks;
  v_step tasker.workflow_steps;
  v_before jsonb := '{}';
  v_after jsonb := '{}';
  v_priority smallint := (p_edit ->> 'priority')::smallint;
begin
  perform tasker.require_read_committed();
  select p.seq into v_seq from tasker.task_progress p where p.task_id = p_task_id for no key update;
  -- Read only now: whoever was waited for may have changed it.
  select * into v_task from tasker.tasks t where t.task_id = p_task_id;
  if v_seq is null or v_task.task_id is null then
    return;
  elsif v_seq <> p_expected_seq then
    return query select v_task.state, null::text, v_seq, 'revision', false;
    return;
  end if;

  if p_edit ? 'annotation' then
    insert into tasker.task_annotations (task_id, annotation_type, digest, annotation, created_at)
    values (p_task_id, p_edit #>> '{annotation,type}',
      encode(sha256(convert_to((p_edit #> '{annotation,annotation}')::text, 'UTF8')), 'hex'),
      p_edit #> '{annotation,annotation}', v_now)
    on conflict do nothing;
    if not found then
      return query select v_task.state, null::text, v_seq, null::text, false;
      return;
    end if;
    insert into tasker.task_transitions (task_id, seq, from_state, to_state, actor, reason, metadata, at)
    values (p_task_id, v_seq + 1, v_task.state, v_task.state, p_actor, p_reason,
      jsonb_build_object('action', 'annotate', 'type', p_edit #> '{annotation,type}'), v_now);
  elsif p_edit ? 'step' then
    -- A claim that is taking the step is waited for, and has taken its due row away; one whose snapshot is older than this
    -- passes by, so that nobody starts with the inputs of before.
    with gone as (
      delete from tasker.due d
      using tasker.graph_steps g
      where g.graph_id = v_task.graph_id
        and g.name = p_edit ->> 'step'
        and d.task_id = p_task_id
        and d.step_no = g.step_no
      returning d.*
    )
    insert into tasker.due (lane, priority, run_at, task_id, step_no)
    select g.lane, g.priority, g.run_at, g.task_id, g.step_no
    from gone g;
    select s.* into v_step
    from tasker.graph_steps g
    join tasker.workflow_steps s on s.task_id = p_task_id and s.step_no = g.step_no
    where g.graph_id = v_task.graph_id and g.name = p_edit ->> 'step'
    for no key update of s;
    if v_step.task_id is null then
      return query select v_task.state, null::text, v_seq, 'step', false;
      return;
    elsif v_step.state <> 'pending' or v_step.claim_no > 0 or v_task.ended_at is not null then
      return query select v_task.state, v_step.state, v_seq, 'state', false;
      return;
    end if;
    if v_task.graph_id <> p_task_id then
      insert into tasker.graph_steps (graph_id, step_no, name, handler, parents, children, retryable, retry_limit,
        skippable, priority, timeout_ms, dependent_system, inputs)
      select p_task_id, g.step_no, g.name, g.handler, g.parents, g.children, g.retryable, g.retry_limit, g.skippable,
        g.priority, g.timeout_ms, g.dependent_system, g.inputs
      from tasker.graph_steps g
      where g.graph_id = v_task.graph_id;
      update tasker.tasks t set graph_id = p_task_id
      where t.task_id = p_task_id and t.state in ('pending', 'in_progress') and t.graph_id = v_task.graph_id;
    end if;
    update tasker.graph_steps g set inputs = nullif(p_edit -> 'inputs', 'null')
    where g.graph_id = p_task_id and g.step_no = v_step.step_no;
    insert into tasker.workflow_step_transitions
      (task_id, seq, step_no, claim_no, from_state, to_state, attempt, actor, reason, metadata, at)
    values (p_task_id, v_seq + 1, v_step.step_no, v_step.claim_no, v_step.state, v_step.state, v_step.attempts, p_actor,
      p_reason, '{"action": "set_inputs"}', v_now);
  else
    if v_priority <> v_task.priority then
      if v_task.state not in ('pending', 'in_progress', 'error') then
        return query select v_task.state, null::text, v_seq, 'state', false;
        return;
      end if;
      v_before := v_before || jsonb_build_object('priority', v_task.priority);
      v_after := v_after || jsonb_build_object('priority', v_priority);
      -- Steps with a priority of their own keep it; so does the deadline.
      update tasker.due d set priority = v_priority
      from tasker.graph_steps g
      where d.task_id = p_task_id
        and g.graph_id = v_task.graph_id
        and g.step_no = d.step_no
        and g.priority is null;
    end if;
    if p_edit ->> 'reason' <> v_task.reason then
      v_before := v_before || jsonb_build_object('reason', v_task.reason);
      v_after := v_after || jsonb_build_object('reason', p_edit -> 'reason');
    end if;
    if p_edit -> 'tags' <> to_jsonb(v_task.tags) then
      v_before := v_before || jsonb_build_object('tags', v_task.tags);
      v_after := v_after || jsonb_build_object('tags', p_edit -> 'tags');
    end if;
    if v_after = '{}' then
      return query select v_task.state, null::text, v_seq, null::text, false;
      return;
    end if;
    update tasker.tasks t set
      priority = coalesce((v_after ->> 'priority')::smallint, t.priority),
      reason = coalesce(v_after ->> 'reason', t.reason),
      tags = case when v_after ? 'tags' then array(select jsonb_array_elements_text(v_after -> 'tags')) else t.tags end
    where t.task_id = p_task_id and (t.state in ('pending', 'in_progress', 'error') or not v_after ? 'priority');
    insert into tasker.task_transitions (task_id, seq, from_state, to_state, actor, reason, metadata, at)
    values (p_task_id, v_seq + 1, v_task.state, v_task.state, p_actor, p_reason,
      jsonb_build_object('action', 'update', 'before', v_before, 'after', v_after), v_now);
  end if;

  update tasker.task_progress p set seq = v_seq + 1 where p.task_id = p_task_id;
  return query select v_task.state, v_step.state, v_seq + 1, null::text, true;
end
$$;
