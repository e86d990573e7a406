-- Claims up to p_want due steps of the given lanes, best priority and longest due first. Picks without locking, then
-- locks no more than it takes; skips what others hold, so it waits for nothing.
-- A due row goes even when its step turns out not to be claimable: the step's own precondition decides.
-- One probe of due_lane_idx per lane and priority, so neither future steps nor other workers' lanes cost anything.
-- Lanes above 2^29 stand for what runs no step handler in the lane below: + 2^29 the annotations hooks (step 0), + 2^30 the
-- deadlines (step -1), found by due_hooks_idx. A worker asks for them when its slots are taken. finish_steps compares held
-- namespaces with plain lanes, so these are compared here.
create or replace function tasker.claim_due(
  p_worker_id integer,
  p_want integer,
  p_lanes integer[],
  p_actor text,
  p_now timestamptz
) returns tasker.claimed_steps
language plpgsql
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set enable_bitmapscan = off
set jit = off
set plan_cache_mode = force_generic_plan
as $$
declare
  v_claimed tasker.claimed_steps;
begin
  with in_lanes as materialized (
    select c.task_id, c.step_no, c.lane, c.priority, c.run_at
    from unnest(p_lanes) as l(lane)
    cross join generate_series(0, 3) as q(priority)
    cross join lateral (
      select d.task_id, d.step_no, d.lane, d.priority, d.run_at
      from tasker.due d
      where d.lane = l.lane and d.priority = q.priority::smallint and d.run_at <= p_now
      order by d.run_at
      limit p_want * 2 + 8 -- more than wanted: other workers may hold the first ones
    ) c
    order by c.priority, c.run_at
    limit p_want * 2 + 8
  ),
  hooks as materialized (
    select h.task_id, h.step_no, h.lane, h.priority, h.run_at
    from unnest(p_lanes) as l(lane)
    join tasker.definitions f on f.definition_id = l.lane & 536870911 and not f.held
    cross join lateral (
      select d.task_id, d.step_no, d.lane, d.priority, d.run_at
      from tasker.due d
      where d.lane = f.definition_id and d.run_at <= p_now and d.step_no = 1 - (l.lane >> 29) and d.step_no <= 0
      order by d.run_at
      limit p_want * 2 + 8
    ) h
    where l.lane > 536870912 -- 2^29
    order by h.run_at
    limit p_want * 2 + 8
  ),
  picked as (
    select * from in_lanes
    union all
    select * from hooks
  ),
  locked as materialized (
    select d.task_id, d.step_no, d.run_at
    from picked k
    join tasker.due d on d.task_id = k.task_id and d.step_no = k.step_no
    where d.lane = k.lane and d.run_at <= p_now
    order by k.priority, k.run_at
    limit p_want
    for update of d skip locked
  ),
  taken as (
    delete from tasker.due d
    using locked k
    where d.task_id = k.task_id and d.step_no = k.step_no
    returning d.task_id, d.step_no, k.run_at
  ),
  before as materialized (
    select s.task_id, s.step_no, s.state, k.run_at
    from taken k
    join tasker.workflow_steps s on s.task_id = k.task_id and s.step_no = k.step_no
  ),
  started as (
    update tasker.workflow_steps s set
      state = 'in_progress',
      claim_no = s.claim_no + 1,
      attempts = s.attempts + 1,
      worker_id = p_worker_id,
      started_at = p_now,
      ended_at = null
    from before b
    where s.task_id = b.task_id
      and s.step_no = b.step_no
      and s.state in ('pending', 'error')
      and s.waiting = 0
    returning s.task_id, s.step_no, s.claim_no, s.attempts, b.state as from_state, b.run_at
  ),
  logged as (
    insert into tasker.step_claims (task_id, step_no, claim_no, since_seq, from_state, attempt, worker_id, at)
    select s.task_id, s.step_no, s.claim_no, p.seq, s.from_state, s.attempts, p_worker_id, p_now
    from started s
    join tasker.task_progress p on p.task_id = s.task_id
  )
  select
    coalesce(array_agg(s.task_id order by s.task_id, s.step_no), '{}'),
    coalesce(array_agg(s.step_no order by s.task_id, s.step_no), '{}'),
    coalesce(array_agg(s.claim_no order by s.task_id, s.step_no), '{}'),
    coalesce(array_agg(s.run_at order by s.task_id, s.step_no), '{}'),
    '{}'
  into v_claimed.task_ids, v_claimed.step_nos, v_claimed.claim_nos, v_claimed.run_ats, v_claimed.started
  from started s;

  -- The first claim of a task starts it, unless somebody holds the row: then finish_steps does.
  if v_claimed.task_ids <> '{}' then
    v_claimed.started := tasker.start_tasks(
      array(
        select t.task_id
        from tasker.tasks t
        where t.task_id = any (v_claimed.task_ids) and t.state = 'pending'
        order by t.task_id
        for no key update skip locked
      ),
      p_actor,
      p_now
    );
  end if;
  return v_claimed;
end
$$;
