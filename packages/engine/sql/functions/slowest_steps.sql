-- The slowest steps: complete ones of tasks created since p_since (by default a day before p_at), of the given namespace,
-- name and version, whether the task has ended or not; the longest last attempt first. total_seconds: from the task's
-- creation to the step's end, so parents, retries and queueing are in it.
create or replace function tasker.slowest_steps(
  p_since timestamptz default null,
  p_limit integer default 10,
  p_namespace text default null,
  p_name text default null,
  p_version text default null,
  p_at timestamptz default null
) returns table (
  task_id uuid,
  step_no integer,
  step_name text,
  task_name text,
  namespace_name text,
  version text,
  duration_seconds numeric,
  total_seconds numeric,
  attempts integer,
  created_at timestamptz,
  completed_at timestamptz,
  retryable boolean,
  step_status text
)
language plpgsql
stable
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_column
begin
  return query
  select r.task_id, r.step_no, g.name, m.name, n.name, d.version, round(extract(epoch from r.duration), 3),
    round(extract(epoch from s.ended_at - t.created_at), 3), s.attempts::integer, t.created_at, s.ended_at, g.retryable,
    s.state
  from tasker.slowest_runs(
    'step',
    coalesce(p_since, coalesce(p_at, statement_timestamp()) - interval '24 hours'),
    p_limit,
    tasker.scope_of_definitions(p_namespace, p_name, p_version)
  ) r
  join tasker.tasks t on t.task_id = r.task_id
  join tasker.definitions d on d.definition_id = t.definition_id
  join tasker.named_tasks m on m.named_task_id = d.named_task_id
  join tasker.task_namespaces n on n.namespace_id = m.namespace_id
  cross join lateral (
    select * from tasker.workflow_steps s where s.task_id = r.task_id and s.step_no = r.step_no offset 0 -- see finish_steps
  ) s
  cross join lateral (
    select g.name, g.retryable from tasker.graph_steps g where g.graph_id = t.graph_id and g.step_no = r.step_no offset 0
  ) g
  order by r.duration desc, r.task_id, r.step_no;
end
$$;
