-- Whether a due row may exist: its task is open and its step waits for nothing but its time. The annotations hook (step 0)
-- runs after the end.
create or replace function tasker.is_due_right(p_due tasker.due) returns boolean
language sql
stable
as $$
  select exists (
    select 1
    from tasker.workflow_steps s
    join tasker.tasks t on t.task_id = s.task_id
    where s.task_id = p_due.task_id
      and s.step_no = p_due.step_no
      and s.state in ('pending', 'error')
      and s.waiting = 0
      and (t.state in ('pending', 'in_progress') or s.step_no = 0)
  );
$$;
