-- Everything a handler needs, for each claimed step: parallel arrays, 64 steps in a row of json, because building an object
-- for each step costs more than reading what is in it, and no row may grow without bound. Parents' results are read here,
-- after they were stored, and travel with the claim up to p_results_max_bytes; above that `results` is null and the step
-- runner loads them with parent_results, which says the same for one step: called for each, it would be set up for each.
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
    'kind', 'claims',
    'task_ids', json_agg(s.task_id),
    'step_nos', json_agg(s.step_no),
    'claim_nos', json_agg(s.claim_no),
    'attempts', json_agg(s.attempts),
    'losses', json_agg(s.losses),
    'retry_limits', json_agg(s.retry_limit),
    'started_at', json_agg(s.started_at),
    'definition_ids', json_agg(t.definition_id),
    'names', json_agg(g.name),
    'handlers', json_agg(g.handler),
    'timeouts_ms', json_agg(g.timeout_ms),
    'inputs', json_agg(g.inputs),
    'priorities', json_agg(coalesce(g.priority, t.priority)),
    'created_at', json_agg(t.created_at),
    'contexts', json_agg(c.context),
    'trace_parents', case when count(c.trace_parent) > 0 then json_agg(c.trace_parent) end,
    'task_started_at', case when count(c.trace_parent) > 0 then json_agg(t.started_at) end,
    'correlation_ids', case when count(c.correlation_id) > 0 then json_agg(c.correlation_id) end,
    'results', json_agg(case
      when g.parents is null or g.parents = '{}' then '{}'::json
      when cardinality(g.parents) > 1 and (
        select sum(case when r.source_task_id is null then pg_column_size(r.result) else (
          select pg_column_size(o.result)
          from tasker.step_results o
          where o.task_id = r.source_task_id and o.step_no = r.step_no
        ) end)
        from tasker.step_results r
        where r.task_id = s.task_id and r.step_no = any (g.parents)
      ) > p_results_max_bytes then null
      else (
        select json_object_agg(f.name, r.result) filter (where r.bytes is null or r.bytes <= p_results_max_bytes)
        from unnest(g.parents) as n(step_no)
        cross join lateral (
          select f.name
          from tasker.graph_steps f
          where f.graph_id = t.graph_id and f.step_no = n.step_no
          offset 0
        ) f
        left join lateral (
          select v.result, pg_column_size(v.result) as bytes
          from (
            select case when r.source_task_id is null then r.result else (
              select o.result from tasker.step_results o where o.task_id = r.source_task_id and o.step_no = r.step_no
            ) end as result
            from tasker.step_results r
            where r.task_id = s.task_id and r.step_no = n.step_no
            offset 0
          ) v
        ) r on true
      )
    end)
  )
  from unnest(p_task_ids, p_step_nos, p_claim_nos) with ordinality as k(task_id, step_no, claim_no, place)
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
  left join tasker.task_contexts c on c.task_id = k.task_id
  group by (k.place - 1) / 64;
end
$$;
