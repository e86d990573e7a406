-- Results of the given steps of one task, by step name. A satisfied step without a stored result counts as null. A result
-- that a rerun took over stands with the task that made it.
-- Lateral with `offset 0`: see finish_steps. In plpgsql, because its plan is kept: as an SQL function, which is planned
-- anew in every call, it took 0.16 ms; so it takes 0.016 (0.09 without the pinned plan). For results that are too large to
-- travel with a claim; those that do are put together by describe_claims.
create or replace function tasker.parent_results(p_task_id uuid, p_graph_id uuid, p_parents integer[]) returns jsonb
language plpgsql
stable
set enable_seqscan = off
set jit = off
set plan_cache_mode = force_generic_plan
as $$
begin
  return (
    select coalesce(jsonb_object_agg(g.name, r.result), '{}'::jsonb)
    from unnest(p_parents) as n(step_no)
    cross join lateral (
      select g.name
      from tasker.graph_steps g
      where g.graph_id = p_graph_id and g.step_no = n.step_no
      offset 0
    ) g
    left join lateral (
      select case when r.source_task_id is null then r.result else (
        select o.result from tasker.step_results o where o.task_id = r.source_task_id and o.step_no = r.step_no
      ) end as result
      from tasker.step_results r
      where r.task_id = p_task_id and r.step_no = n.step_no
      offset 0
    ) r on true
  );
end
$$;
