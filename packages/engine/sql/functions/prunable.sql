-- Which of the given tasks may be removed: ended in one of p_states before p_before, and nothing to come points to them.
-- A step that is due or runs after the end is the annotations hook: one statement sees the one or the other, because a
-- claim turns a due row into a running step at once. A live worker that still has a receipt may have an outcome to tell,
-- of a task that was cancelled meanwhile; receipts of workers that are gone tell nothing more once their steps are settled.
create or replace function tasker.prunable(p_task_ids uuid[], p_states text[], p_before timestamptz) returns setof uuid
language sql
stable
as $$
  select t.task_id
  from tasker.tasks t
  where t.task_id = any (p_task_ids)
    and t.state = any (p_states)
    and t.ended_at < p_before
    and not exists (select 1 from tasker.due d where d.task_id = t.task_id)
    and not exists (select 1 from tasker.workflow_steps s where s.task_id = t.task_id and s.state = 'in_progress')
    and t.task_id not in (
      select c.task_id
      from tasker.workers w
      join tasker.receipts r on r.worker_id = w.worker_id
      cross join lateral unnest(r.task_ids) as c(task_id)
      where w.state = 'live');
$$;
