-- The slowest tasks: those that ended complete or in error, created since p_since (by default a day before p_at), of the
-- given namespace, name and version; the longest from creation to end first. completed_steps: satisfied ones.
create or replace function tasker.slowest_tasks(
  p_since timestamptz default null,
  p_limit integer default 10,
  p_namespace text default null,
  p_name text default null,
  p_version text default null,
  p_at timestamptz default null
) returns table (
  task_id uuid,
  task_name text,
  namespace_name text,
  version text,
  state text,
  duration_seconds numeric,
  step_count bigint,
  completed_steps bigint,
  error_steps bigint,
  created_at timestamptz,
  completed_at timestamptz,
  initiator text,
  source_system text
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
  select t.task_id, m.name, n.name, d.version, t.state, round(extract(epoch from r.duration), 3), s.steps, s.completed,
    s.errors, t.created_at, t.ended_at, t.initiator, t.source_system
  from tasker.slowest_runs(
    'task',
    coalesce(p_since, coalesce(p_at, statement_timestamp()) - interval '24 hours'),
    p_limit,
    tasker.scope_of_definitions(p_namespace, p_name, p_version)
  ) r
  join tasker.tasks t on t.task_id = r.task_id
  join tasker.definitions d on d.definition_id = t.definition_id
  join tasker.named_tasks m on m.named_task_id = d.named_task_id
  join tasker.task_namespaces n on n.namespace_id = m.namespace_id
  cross join lateral (
    select
      count(*) as steps,
      count(*) filter (where s.state in ('complete', 'resolved_manually', 'skipped')) as completed,
      count(*) filter (where s.state = 'error') as errors
    from tasker.workflow_steps s
    where s.task_id = r.task_id and s.step_no > 0
  ) s
  order by r.duration desc, r.task_id;
end
$$;
