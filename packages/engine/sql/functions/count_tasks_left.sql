-- Takes ended tasks out of the statistics, before they are changed or deleted: whoever revives, cancels, resolves or
-- prunes an ended task, or moves one of its steps, calls it first, in the same transaction, under the tasks' locks. If a
-- task is ended afterwards, count_tasks_ended puts it back. Returns those taken out; open tasks among the given are none.
-- Once per transaction: a second time could deadlock with the roll-up.
--
-- A task that is noted and not added up yet is only struck off the note. Its row is locked first: a roll-up that is at
-- work on it is waited for, and the next statement sees what it has done. Rows are taken in the roll-up's order.
create or replace function tasker.count_tasks_left(p_task_ids uuid[]) returns uuid[]
language plpgsql
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
set plan_cache_mode = force_generic_plan
as $$
declare
  v_ended uuid[];
  v_noted uuid[];
  v_counted uuid[];
begin
  v_ended := array(select t.task_id from tasker.tasks t where t.task_id = any (p_task_ids) and t.ended_at is not null);
  if v_ended = '{}' then
    return v_ended;
  end if;

  perform 1 from tasker.task_ends e where e.task_ids && v_ended order by e.end_id for update;
  v_noted := array(
    select k.task_id
    from tasker.task_ends e
    cross join lateral unnest(e.task_ids) as k(task_id)
    where e.task_ids && v_ended and k.task_id = any (v_ended)
  );
  if v_noted <> '{}' then
    update tasker.task_ends e
    set task_ids = array(select k.task_id from unnest(e.task_ids) as k(task_id) where not k.task_id = any (v_noted))
    where e.task_ids && v_noted;
  end if;

  v_counted := array(select k.task_id from unnest(v_ended) as k(task_id) where not k.task_id = any (v_noted));
  if v_counted <> '{}' then
    perform tasker.add_to_task_counts(v_counted, -1);
    with gone as (
      delete from tasker.slow_runs r
      using tasker.tasks t
      where t.task_id = any (v_counted)
        and r.kind in ('task', 'step')
        and r.starts_at = date_bin('1 hour', t.created_at, '2000-01-01 00:00:00Z')
        and r.definition_id = t.definition_id
        and r.task_id = t.task_id
      returning r.kind, r.starts_at, r.definition_id
    )
    update tasker.slow_hours h set longest = (
      select max(r.duration)
      from tasker.slow_runs r
      where r.kind = h.kind and r.starts_at = h.starts_at and r.definition_id = h.definition_id
        and not r.task_id = any (v_counted))
    from (select distinct * from gone) g
    where h.kind = g.kind and h.starts_at = g.starts_at and h.definition_id = g.definition_id;
  end if;
  return v_ended;
end
$$;
