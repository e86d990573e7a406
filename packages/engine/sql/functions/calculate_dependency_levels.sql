-- The level of each step of a task: 0 without parents, else one more than the highest of its parents, which is the
-- longest path from a root. In the order of levels, then steps; no row for an unknown task.
-- One pass over steps and edges: a step has its level when its last parent has. Recursion over paths would be
-- exponential in a ladder of diamonds. Steps are numbered from 1 without a gap, so arrays are looked up by number; the
-- children of all steps stand in one, those of step n behind place v_before[n].
create or replace function tasker.calculate_dependency_levels(p_task_id uuid)
returns table (step_no integer, name text, dependency_level integer)
language plpgsql
stable
set enable_seqscan = off
set jit = off
as $$
#variable_conflict use_column
declare
  v_graph_id uuid := (select t.graph_id from tasker.tasks t where t.task_id = p_task_id);
  v_missing integer[];
  v_before integer[];
  v_children integer[];
  v_level integer[];
  v_ready integer[];
  v_at integer := 0;
  v_step integer;
  v_child integer;
begin
  select array_agg(cardinality(g.parents) order by g.step_no), array_agg(g.before order by g.step_no)
  into v_missing, v_before
  from (
    select g.*, (sum(cardinality(g.children)) over (order by g.step_no))::integer - cardinality(g.children) as before
    from tasker.graph_steps g
    where g.graph_id = v_graph_id
  ) g;
  v_children := array(
    select c.step_no
    from tasker.graph_steps g
    cross join lateral unnest(g.children) as c(step_no)
    where g.graph_id = v_graph_id
    order by g.step_no
  );
  v_before := v_before || cardinality(v_children);
  v_level := array_fill(0, array[coalesce(cardinality(v_missing), 0)]);
  v_ready := array(
    select g.step_no from tasker.graph_steps g where g.graph_id = v_graph_id and g.parents = '{}' order by g.step_no);

  while v_at < cardinality(v_ready) loop
    v_at := v_at + 1;
    v_step := v_ready[v_at];
    for v_place in v_before[v_step] + 1 .. v_before[v_step + 1] loop
      v_child := v_children[v_place];
      v_level[v_child] := greatest(v_level[v_child], v_level[v_step] + 1);
      v_missing[v_child] := v_missing[v_child] - 1;
      if v_missing[v_child] = 0 then
        v_ready[cardinality(v_ready) + 1] := v_child;
      end if;
    end loop;
  end loop;

  return query
  select g.step_no, g.name, v_level[g.step_no]
  from tasker.graph_steps g
  where g.graph_id = v_graph_id
  order by 3, g.step_no;
end
$$;
