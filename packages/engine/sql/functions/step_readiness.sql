-- Every step of the given tasks, whether it may run at p_at, and if not why. The one definition of readiness.
-- Ready: the task is open, the step is pending or in error, no parent is missing, and its due time has come; the due row
-- says all of it, because it exists exactly then.
-- blocked_by: null when ready or finished, else
--   parent      a parent is not satisfied (blocked_detail names them)
--   retry       failed, tried again at next_retry_at        wait   asked to wait until next_retry_at
--   running     an attempt runs                             held   its time has come, and the task or its namespace is held
--   exhausted   failed for good: no retry will come         ended  the task has ended
create or replace function tasker.step_readiness(p_task_ids uuid[], p_at timestamptz default null)
returns table (
  task_id uuid,
  step_no integer,
  name text,
  current_state text,
  dependencies_satisfied boolean,
  retry_eligible boolean,
  ready_for_execution boolean,
  blocked_by text,
  blocked_detail text,
  last_failure_at timestamptz,
  next_retry_at timestamptz,
  total_parents integer,
  completed_parents integer,
  attempts integer,
  retry_limit integer,
  losses integer,
  waits integer,
  last_attempted_at timestamptz,
  ended_at timestamptz
)
language sql
stable
as $$
  with step as (
    select
      s.task_id, s.step_no, g.name, s.state, s.waiting, cardinality(g.parents) as parents, g.parents as parent_nos,
      t.graph_id, t.state as task_state, s.attempts, s.retry_limit, s.losses, s.waits, s.started_at, s.ended_at,
      d.run_at, d.lane, h.held_by, coalesce(p_at, statement_timestamp()) as at
    from tasker.tasks t
    join tasker.workflow_steps s on s.task_id = t.task_id and s.step_no > 0
    cross join lateral (
      select g.name, g.parents
      from tasker.graph_steps g
      where g.graph_id = t.graph_id and g.step_no = s.step_no
      offset 0 -- see finish_steps
    ) g
    left join lateral (
      select d.run_at, d.lane
      from tasker.due d
      where d.task_id = s.task_id and d.step_no = s.step_no
      offset 0
    ) d on true
    left join lateral (
      select 'namespace ' || n.name as held_by
      from tasker.definitions f
      join tasker.named_tasks m on m.named_task_id = f.named_task_id
      join tasker.task_namespaces n on n.namespace_id = m.namespace_id
      where f.definition_id = t.definition_id and f.held
      offset 0
    ) h on true
    where t.task_id = any (p_task_ids)
  )
  select
    s.task_id,
    s.step_no,
    s.name,
    s.state,
    s.waiting = 0,
    s.state in ('pending', 'error') and s.attempts < s.retry_limit and (s.state = 'pending' or s.run_at is not null),
    coalesce(s.run_at <= s.at and s.lane <> 0 and s.held_by is null, false),
    case
      when s.state in ('complete', 'resolved_manually', 'skipped', 'cancelled') then null
      when s.run_at <= s.at and s.lane <> 0 and s.held_by is null then null
      when s.state = 'in_progress' then 'running'
      when s.run_at <= s.at then 'held' -- blocked_detail says by what
      when s.run_at is not null and s.state = 'error' then 'retry'
      when s.run_at is not null then 'wait'
      when s.state = 'error' then 'exhausted'
      when s.task_state not in ('pending', 'in_progress') then 'ended'
      else 'parent'
    end,
    case
      when s.state = 'pending' and s.waiting > 0 then (
        select string_agg(g.name || ' (' || r.state || ')', ', ' order by g.step_no)
        from unnest(s.parent_nos) as n(step_no)
        cross join lateral (
          select r.state
          from tasker.workflow_steps r
          where r.task_id = s.task_id and r.step_no = n.step_no
          offset 0
        ) r
        cross join lateral (
          select g.name, g.step_no
          from tasker.graph_steps g
          where g.graph_id = s.graph_id and g.step_no = n.step_no
          offset 0
        ) g
        where r.state not in ('complete', 'resolved_manually', 'skipped')
      )
      when s.run_at <= s.at then case when s.lane = 0 then 'task' else s.held_by end
    end,
    case when s.state = 'error' then s.ended_at end,
    s.run_at,
    s.parents,
    s.parents - s.waiting,
    s.attempts::integer,
    s.retry_limit::integer,
    s.losses::integer,
    s.waits,
    s.started_at,
    s.ended_at
  from step s
  order by s.task_id, s.step_no;
$$;
