-- What the audit log keeps of something before and after it was changed: of a task its state, limits and labels, of the named
-- steps (by name or number) theirs, or whether a namespace is held. Contexts, results and inputs are never in it. Null: nothing of it exists.
create or replace function tasker.audited_state(p_task_id uuid, p_steps text[], p_namespace text)
returns jsonb
language sql
stable
as $$
  select case
    when p_task_id is not null then (
      select jsonb_build_object('state', t.state, 'priority', t.priority, 'tags', t.tags, 'reason', t.reason,
        'deadline_at', t.deadline_at, 'is_held', p.held, 'open_steps', p.open, 'unsatisfied_steps', p.not_satisfied,
        'exhausted_steps', p.errors)
        || case when p_steps is null then '{}' else jsonb_build_object('steps', (
          select coalesce(jsonb_agg(jsonb_build_object('step', g.name, 'state', s.state, 'attempts', s.attempts,
            'retry_limit', s.retry_limit) order by g.step_no), '[]')
          from tasker.graph_steps g
          join tasker.workflow_steps s on s.task_id = t.task_id and s.step_no = g.step_no
          where g.graph_id = t.graph_id and (g.name = any (p_steps) or g.step_no::text = any (p_steps))
        )) end
      from tasker.tasks t
      join tasker.task_progress p on p.task_id = t.task_id
      where t.task_id = p_task_id
    )
    when p_namespace is not null then (
      select jsonb_build_object('is_held', n.held_at is not null)
      from tasker.task_namespaces n
      where n.name = p_namespace
    )
  end
$$;
