-- Views for SQL readers, created again on every migrate.

-- One row per dependency of every task. Filter by task_id.
create or replace view tasker.workflow_step_edges as
select t.task_id, n.parent_no as from_step_no, g.step_no as to_step_no, p.name as from_step, g.name as to_step
from tasker.tasks t
join tasker.graph_steps g on g.graph_id = t.graph_id
cross join lateral unnest(g.parents) as n(parent_no)
join tasker.graph_steps p on p.graph_id = g.graph_id and p.step_no = n.parent_no;

-- A task's whole history in order: its own entries, claims and ends of steps. seq orders it, not time; a claim stands
-- after the last entry it saw. A claim of a step in error means error to pending to in_progress.
create or replace view tasker.task_history as
select h.task_id, h.seq, 0 as after_seq, null::text as step, null::integer as step_no, null::integer as claim_no,
  h.from_state, h.to_state, null::integer as attempt, h.actor, h.reason, h.metadata, h.at
from tasker.task_transitions h
union all
select h.task_id, h.seq, 0, coalesce(g.name, case h.step_no when 0 then '(annotations)' else '(deadline)' end), h.step_no,
  h.claim_no, h.from_state, h.to_state, h.attempt, h.actor, h.reason, h.metadata, h.at
from tasker.workflow_step_transitions h
join tasker.tasks t on t.task_id = h.task_id
left join tasker.graph_steps g on g.graph_id = t.graph_id and g.step_no = h.step_no
union all
select h.task_id, h.since_seq, 1, coalesce(g.name, case h.step_no when 0 then '(annotations)' else '(deadline)' end),
  h.step_no, h.claim_no, h.from_state, 'in_progress', h.attempt, 'worker:' || h.worker_id, 'claimed', null, h.at
from tasker.step_claims h
join tasker.tasks t on t.task_id = h.task_id
left join tasker.graph_steps g on g.graph_id = t.graph_id and g.step_no = h.step_no;
