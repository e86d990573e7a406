-- The net under the due table: repairs both ways what the invariant of `due` says, for the next p_tasks_max open tasks and
-- due rows after the given ids, and counts what it repaired. The protocol leaves it nothing to do; a count above zero is
-- a defect worth a report. One worker sweeps: the lowest live one.
-- A statement's snapshot shows a claim whole or not at all, and the task lock keeps finish_steps out, so what is seen
-- under the lock is true.
create or replace function tasker.sweep_due(
  p_worker_id integer,
  p_after_task uuid,
  p_after_due uuid,
  p_tasks_max integer,
  p_now timestamptz default null
) returns table (last_task uuid, last_due uuid, repaired integer)
language plpgsql
set enable_seqscan = off
as $$
declare
  v_now timestamptz := coalesce(p_now, statement_timestamp());
  v_suspects uuid[];
  v_locked uuid[];
  v_count integer;
begin
  repaired := 0;
  if p_worker_id is distinct from (select min(w.worker_id) from tasker.workers w where w.state = 'live') then
    return;
  end if;

  select max(t.task_id::text)::uuid, coalesce(array_agg(t.task_id) filter (where exists (
    select 1
    from tasker.workflow_steps s
    where s.task_id = t.task_id and s.state = 'pending' and s.waiting = 0 and s.step_no > 0
      and not exists (select 1 from tasker.due d where d.task_id = s.task_id and d.step_no = s.step_no))), '{}')
  into last_task, v_suspects
  from (
    select t.task_id
    from tasker.tasks t
    where t.ended_at is null and t.task_id > p_after_task
    order by t.task_id
    limit p_tasks_max
  ) t;

  -- A page ends with a whole task, however many due rows it has.
  select max(d.task_id::text)::uuid into last_due
  from (select d.task_id from tasker.due d where d.task_id > p_after_due order by d.task_id limit p_tasks_max) d;
  select v_suspects || coalesce(array_agg(d.task_id) filter (where not tasker.is_due_right(d)), '{}') into v_suspects
  from tasker.due d
  where d.task_id > p_after_due and d.task_id <= last_due;

  if v_suspects <> '{}' then
    select coalesce(array_agg(k.task_id), '{}') into v_locked
    from (
      select p.task_id
      from tasker.task_progress p
      where p.task_id = any (v_suspects)
      order by p.task_id
      for no key update skip locked
    ) k;

    delete from tasker.due d
    where d.task_id = any (v_locked) and not tasker.is_due_right(d);
    get diagnostics v_count = row_count;
    repaired := repaired + v_count;

    insert into tasker.due (lane, priority, run_at, task_id, step_no)
    select case when p.held then 0 when s.losses >= 2 then -t.definition_id else t.definition_id end,
      coalesce(g.priority, t.priority), v_now, s.task_id, s.step_no
    from tasker.workflow_steps s
    join tasker.task_progress p on p.task_id = s.task_id
    join tasker.tasks t on t.task_id = s.task_id and t.state in ('pending', 'in_progress')
    join tasker.graph_steps g on g.graph_id = t.graph_id and g.step_no = s.step_no
    where s.task_id = any (v_locked) and s.state = 'pending' and s.waiting = 0
      -- Not left to `on conflict`: that would wait for a claim that is taking such a row, and then put it back.
      and not exists (select 1 from tasker.due d where d.task_id = s.task_id and d.step_no = s.step_no)
    on conflict do nothing;
    get diagnostics v_count = row_count;
    repaired := repaired + v_count;
  end if;
  return next;
end
$$;
