-- One json row per claimed step: everything a handler needs. Parents' results are read here, after they were stored, and
-- travel with the claim up to p_results_max_bytes; above that `results` is null and the step runner loads them.
-- Claims that ended meanwhile are left out (a receipt may be older than its steps).
-- Lateral with `offset 0`: see finish_steps.
create or replace function tasker.describe_claims(
  p_task_ids uuid[],
  p_step_nos integer[],
  p_claim_nos integer[],
  p_results_max_bytes integer
) returns setof json
language plpgsql
stable
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
set plan_cache_mode = force_generic_plan
as $$
begin
  return query
  select json_build_object(
    'kind', 'claim',
    'task_id', s.task_id,
    'step_no', s.step_no,
    'claim_no', s.claim_no,
    'attempts', s.attempts,
    'losses', s.losses,
    'retry_limit', s.retry_limit,
    'started_at', s.started_at,
    'definition_id', t.definition_id,
    'name', g.name,
    'handler', g.handler,
    'timeout_ms', g.timeout_ms,
    'inputs', g.inputs,
    'priority', coalesce(g.priority, t.priority),
    'created_at', t.created_at,
    'context', c.context,
    'results', case
      when g.parents is null or g.parents = '{}' then '{}'::jsonb
      when (
        select coalesce(sum(case when r.source_task_id is null then pg_column_size(r.result) else (
          select pg_column_size(o.result)
          from tasker.step_results o
          where o.task_id = r.source_task_id and o.step_no = r.step_no
        ) end), 0)
        from tasker.step_results r
        where r.task_id = s.task_id and r.step_no = any (g.parents)
      ) > p_results_max_bytes then null
      else tasker.parent_results(s.task_id, t.graph_id, g.parents)
    end
  )
  from unnest(p_task_ids, p_step_nos, p_claim_nos) as k(task_id, step_no, claim_no)
  cross join lateral (
    select *
    from tasker.workflow_steps s
    where s.task_id = k.task_id and s.step_no = k.step_no and s.claim_no = k.claim_no and s.state = 'in_progress'
    offset 0
  ) s
  join tasker.tasks t on t.task_id = k.task_id
  left join lateral (
    select *
    from tasker.graph_steps g
    where g.graph_id = t.graph_id and g.step_no = k.step_no
    offset 0
  ) g on true
  left join tasker.task_contexts c on c.task_id = k.task_id;
end
$$;
