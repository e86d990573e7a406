-- A page of a window: the entries of the history that p_until sees and p_from does not, with what their events say. Ordered by
-- task, as the tasks come first in the window, then by the task's own numbers; a claim stands after the entry it saw.
-- p_after_…: the last entry that was read (null: none). first_at counts microseconds since 1970. p_task_id and p_namespace
-- narrow it. `removed` is of the same moment; without entries it comes in a row of its own.
-- A statement's own row tells what it appended, so the history is read by its keys alone. Plan settings are pinned: nothing
-- is known of how much stands in a window, and a plan that reads a table of the history from end to end must not be.
create or replace function tasker.journal_entries(
  p_from pg_snapshot,
  p_until pg_snapshot,
  p_limit integer,
  p_task_id uuid,
  p_namespace text,
  p_after_first_at bigint,
  p_after_task_id uuid,
  p_after_seq integer,
  p_after_place integer,
  p_after_claim integer
) returns table (
  removed pg_snapshot, first_at bigint, task_id uuid, seq integer, place integer, claim integer, kind text, step_no integer,
  claim_no integer, from_state text, to_state text, attempt smallint, actor text, reason text, metadata jsonb, at timestamptz,
  namespace text, task_name text, version text, created_at timestamptz, step_name text, retry_limit smallint,
  started_at timestamptz, correlation_id text, correlation_id_in_context jsonb
)
language plpgsql
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_column
begin
  return query
  with appended as materialized (
    select k.*, j.at
    from (
      select *
      from tasker.history_journal j
      where j.xid = any (array(select pg_snapshot_xip(p_from)))
      union all
      select *
      from tasker.history_journal j
      where j.xid >= pg_snapshot_xmax(p_from) and j.xid < pg_snapshot_xmax(p_until)
    ) j
    cross join lateral unnest(j.task_ids, j.first_seqs, coalesce(j.last_seqs, j.first_seqs), j.step_nos, j.claim_nos)
      as k(task_id, first_seq, last_seq, step_no, claim_no)
    where pg_visible_in_snapshot(j.xid, p_until) and (p_task_id is null or k.task_id = p_task_id)
  ),
  placed as (
    select p.*
    from (
      select a.*, (extract(epoch from min(a.at) over (partition by a.task_id)) * 1000000)::bigint as first_at
      from appended a
    ) p
    where (p_after_task_id is null or (p.first_at, p.task_id) >= (p_after_first_at, p_after_task_id))
      and (p_namespace is null or exists (
        select 1
        from tasker.tasks t
        join tasker.definitions d on d.definition_id = t.definition_id
        join tasker.named_tasks m on m.named_task_id = d.named_task_id
        join tasker.task_namespaces n on n.namespace_id = m.namespace_id
        where t.task_id = p.task_id and n.name = p_namespace))
    order by p.first_at, p.task_id
  ),
  page as materialized (
    select p.first_at, p.task_id, e.*
    from placed p
    cross join lateral (
      select h.seq, 0 as place, 0 as claim, 'task' as kind, 0 as step_no, 0 as claim_no, h.from_state, h.to_state,
        0::smallint as attempt, h.actor, h.reason, h.metadata, h.at
      from tasker.task_transitions h
      where h.task_id = p.task_id and h.seq between p.first_seq and p.last_seq
      union all
      select h.seq, 0, 0, 'step', h.step_no, h.claim_no, h.from_state, h.to_state, h.attempt, h.actor, h.reason,
        h.metadata, h.at
      from tasker.workflow_step_transitions h
      where h.task_id = p.task_id and h.seq between p.first_seq and p.last_seq
      union all
      select c.since_seq, c.step_no, c.claim_no, 'claim', c.step_no, c.claim_no, c.from_state, 'in_progress', c.attempt,
        'worker:' || c.worker_id, null, null, c.at
      from tasker.step_claims c
      where c.task_id = p.task_id and c.is_fused and c.since_seq between p.first_seq and p.last_seq
      union all
      select c.since_seq, c.step_no, c.claim_no, 'claim', c.step_no, c.claim_no, c.from_state, 'in_progress', c.attempt,
        'worker:' || c.worker_id, null, null, c.at
      from tasker.step_claims c
      where c.task_id = p.task_id and c.step_no = p.step_no and c.claim_no = p.claim_no
    ) e
    where (e.kind = 'task' or e.step_no > 0) -- deadlines and hooks are no steps
      and (p_after_task_id is null or (p.first_at, p.task_id, e.seq, e.place, e.claim)
        > (p_after_first_at, p_after_task_id, p_after_seq, p_after_place, p_after_claim))
    order by p.first_at, p.task_id, e.seq, e.place, e.claim
    limit p_limit
  )
  select v.history_removed, g.first_at, g.task_id, g.seq, g.place, g.claim, g.kind, g.step_no, g.claim_no, g.from_state,
    g.to_state, coalesce(c.attempt, g.attempt), g.actor, g.reason, g.metadata, g.at, n.name, m.name, d.version,
    t.created_at, s.name, w.retry_limit, c.at, x.correlation_id, x.in_context
  from tasker.schema_version v
  left join page g on true
  left join tasker.tasks t on t.task_id = g.task_id
  left join tasker.definitions d on d.definition_id = t.definition_id
  left join tasker.named_tasks m on m.named_task_id = d.named_task_id
  left join tasker.task_namespaces n on n.namespace_id = m.namespace_id
  left join lateral (
    select x.correlation_id, x.context -> 'correlation_id' as in_context
    from tasker.task_contexts x
    where x.task_id = g.task_id
    offset 0
  ) x on true
  left join lateral (
    select s.name from tasker.graph_steps s where s.graph_id = t.graph_id and s.step_no = g.step_no offset 0
  ) s on true
  left join lateral (
    select w.retry_limit from tasker.workflow_steps w where w.task_id = g.task_id and w.step_no = g.step_no offset 0
  ) w on true
  left join lateral (
    select c.at, c.attempt
    from tasker.step_claims c
    where c.task_id = g.task_id and c.step_no = g.step_no and c.claim_no = g.claim_no
    offset 0
  ) c on true
  order by g.first_at, g.task_id, g.seq, g.place, g.claim;
end
$$;
