-- Where the given tasks stand: counts by state, and the execution status, recommended action and health that REST,
-- GraphQL, the dashboard and `tasker task why` show. Built on step_readiness; nobody else says "ready".
-- permanently_blocked: steps in error that no retry will take up.
create or replace function tasker.task_execution_context(p_task_ids uuid[], p_at timestamptz default null)
returns table (
  task_id uuid,
  status text,
  total_steps integer,
  pending_steps integer,
  in_progress_steps integer,
  completed_steps integer,
  failed_steps integer,
  cancelled_steps integer,
  ready_steps integer,
  permanently_blocked_steps integer,
  next_due_at timestamptz,
  execution_status text,
  recommended_action text,
  completion_percentage numeric,
  health_status text
)
language sql
stable
as $$
  with counted as (
    select
      r.task_id,
      count(*)::integer as total,
      (count(*) filter (where r.current_state = 'pending'))::integer as pending,
      (count(*) filter (where r.current_state = 'in_progress'))::integer as in_progress,
      (count(*) filter (where r.current_state in ('complete', 'resolved_manually', 'skipped')))::integer as completed,
      (count(*) filter (where r.current_state = 'error'))::integer as failed,
      (count(*) filter (where r.current_state = 'cancelled'))::integer as cancelled,
      (count(*) filter (where r.ready_for_execution))::integer as ready,
      (count(*) filter (where r.blocked_by = 'exhausted'))::integer as exhausted,
      (count(*) filter (where r.blocked_by in ('retry', 'wait', 'held')))::integer as later,
      min(r.next_retry_at) as next_due_at
    from tasker.step_readiness(p_task_ids, p_at) r
    group by r.task_id
  ),
  judged as (
    select
      c.*,
      case
        when c.ready > 0 then 'has_ready_steps'
        when c.in_progress > 0 then 'processing'
        when c.exhausted > 0 and c.later = 0 then 'blocked_by_failures'
        when c.completed = c.total then 'all_complete'
        else 'waiting_for_dependencies'
      end as execution_status
    from counted c
  )
  select
    t.task_id,
    t.state,
    j.total,
    j.pending,
    j.in_progress,
    j.completed,
    j.failed,
    j.cancelled,
    j.ready,
    j.exhausted,
    j.next_due_at,
    j.execution_status,
    case j.execution_status
      when 'has_ready_steps' then 'execute_ready_steps'
      when 'processing' then 'wait_for_completion'
      when 'blocked_by_failures' then 'handle_failures'
      when 'all_complete' then 'finalize_task'
      else 'wait_for_dependencies'
    end,
    round(j.completed * 100.0 / j.total, 2),
    case
      when j.failed = 0 then 'healthy'
      when j.exhausted > 0 and j.ready = 0 and j.in_progress = 0 and j.later = 0 then 'blocked'
      else 'recovering'
    end
  from judged j
  join tasker.tasks t on t.task_id = j.task_id
  order by t.task_id;
$$;
