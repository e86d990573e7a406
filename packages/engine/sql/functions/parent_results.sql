-- Results of the given steps of one task, by step name. A satisfied step without a stored result counts as null.
create or replace function tasker.parent_results(p_task_id uuid, p_graph_id uuid, p_parents integer[]) returns jsonb
language sql
stable
as $$
  select coalesce(jsonb_object_agg(g.name, r.result), '{}'::jsonb)
  from unnest(p_parents) as n(step_no)
  join tasker.graph_steps g on g.graph_id = p_graph_id and g.step_no = n.step_no
  left join tasker.step_results r on r.task_id = p_task_id and r.step_no = n.step_no;
$$;
