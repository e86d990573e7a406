-- Adds tasks that have ended to task_counts and slow_runs: about p_tasks_max of those noted in task_ends. Returns how many
-- it added; null when another worker does it: the lowest live one. Off everybody's way: rows that somebody holds are left
-- for the next time, and only count_tasks_left ever waits for it.
create or replace function tasker.roll_up_tasks(p_worker_id integer, p_tasks_max integer) returns integer
language plpgsql
set jit = off
as $$
declare
  v_rows uuid[];
  v_tasks uuid[];
begin
  perform tasker.require_read_committed();
  if p_worker_id is distinct from (select min(w.worker_id) from tasker.workers w where w.state = 'live') then
    return null;
  end if;

  v_rows := array(
    select e.end_id
    from (
      select e.end_id, sum(cardinality(e.task_ids)) over (order by e.end_id) - cardinality(e.task_ids) as before
      from tasker.task_ends e
    ) e
    where e.before < p_tasks_max
  );
  -- Locked first, and read as they are then: count_tasks_left may have struck tasks off meanwhile.
  with taken as (
    delete from tasker.task_ends e
    where e.end_id in (select h.end_id from tasker.task_ends h where h.end_id = any (v_rows) for update skip locked)
    returning e.task_ids
  )
  select coalesce(array_agg(k.task_id), '{}') into v_tasks
  from taken n
  cross join lateral unnest(n.task_ids) as k(task_id);

  -- A later statement: it sees every task as its end left it, and nobody changes one without count_tasks_left.
  if v_tasks <> '{}' then
    perform tasker.add_to_task_counts(v_tasks, 1);
    perform tasker.keep_slow_runs('task', v_tasks);
    perform tasker.keep_slow_runs('step', v_tasks);
  end if;
  return cardinality(v_tasks);
end
$$;
