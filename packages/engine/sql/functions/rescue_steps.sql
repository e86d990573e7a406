-- Takes over the steps of workers whose lease ran out. Level-triggered: every scan looks for receipts of workers that
-- are not live, whenever they died, so a claim that commits after its worker was given up is found by the next scan.
-- p_may_take_over: the rescuer has renewed without a gap for one whole lease (rule 11), by its own clock; by the clock
-- of the database it must have as well, and must hold its lease now. Nobody takes over until one lease after PostgreSQL
-- started, because nobody could renew while it was down.
-- Returns what finish_steps returned for the lost steps; a row `suspects` when a step that was lost twice is due: such a
-- step runs alone, so that a crashing handler convicts itself and not its neighbours; and a row `zombies` when a lost
-- worker had left transactions open: how many were ended, and how many this role may not end.
create or replace function tasker.rescue_steps(
  p_worker_id integer,
  p_lease_ms integer,
  p_may_take_over boolean,
  p_lost_limit integer,
  p_receipts_max integer,
  p_now timestamptz default null
) returns setof json
language plpgsql
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
declare
  v_now timestamptz := coalesce(p_now, clock_timestamp());
  v_lease interval := p_lease_ms * interval '1 millisecond';
  v_receipts uuid[];
  v_outcomes jsonb;
begin
  perform tasker.require_read_committed();

  if p_may_take_over
    and (p_now is not null or pg_postmaster_start_time() < v_now - v_lease)
    and exists (
      select 1
      from tasker.workers o
      where o.worker_id = p_worker_id and o.state = 'live' and o.lease_until >= v_now
        and coalesce(o.renewed_since, o.started_at) <= v_now - v_lease)
  then
    -- A heartbeat compares the same column of the same row, so exactly one of the two wins.
    update tasker.workers w set state = 'lost'
    where w.state = 'live' and w.lease_until < v_now;
  end if;

  -- Drawn by lot, so that a page of receipts whose tasks are busy does not keep the others waiting.
  select coalesce(array_agg(k.call_id), '{}') into v_receipts
  from (
    select r.call_id
    from tasker.receipts r
    where not exists (select 1 from tasker.workers w where w.worker_id = r.worker_id and w.state = 'live')
    order by random()
    limit p_receipts_max
    for update of r skip locked
  ) k;

  -- Of the lanes with suspects, one that nobody lower serves: there this worker is the one to make room.
  return query
  select json_build_object('kind', 'suspects',
    'oldest_ms', floor(extract(epoch from v_now - l.oldest_at) * 1000), 'is_lowest', l.is_lowest)
  from (
    select min(d.run_at) as oldest_at, not exists (
      select 1
      from tasker.workers o
      where o.state = 'live' and o.worker_id < p_worker_id and -d.lane = any (o.serves)) as is_lowest
    from tasker.workers w
    join tasker.due d on d.lane < 0 and -d.lane = any (w.serves)
    where w.worker_id = p_worker_id and d.run_at <= v_now
      and not exists (select 1 from tasker.definitions f where f.definition_id = -d.lane and f.held)
    group by d.lane
  ) l
  order by l.is_lowest desc, l.oldest_at
  limit 1;

  if v_receipts = '{}' then
    return;
  end if;

  -- The first time a step keeps its place. A suspect goes to the end of its lane: a culprit at its head would keep the
  -- innocent waiting, and whoever is idle has one lease to take it.
  select coalesce(jsonb_agg(jsonb_build_object(
    'task_id', c.task_id, 'step_no', c.step_no, 'claim_no', c.claim_no, 'kind', 'lost', 'reason', 'worker_lost',
    'run_at', case when s.losses = 0 then coalesce(c.run_at, s.started_at) end,
    'error', jsonb_build_object('message', 'worker ' || r.worker_id || case w.state
      when 'stopped' then ' stopped without handing it back' else ' stopped renewing its lease' end))), '[]')
  into v_outcomes
  from tasker.receipts r
  cross join lateral unnest(r.task_ids, r.step_nos, r.claim_nos, r.run_ats) as c(task_id, step_no, claim_no, run_at)
  join tasker.workflow_steps s on s.task_id = c.task_id and s.step_no = c.step_no
  left join tasker.workers w on w.worker_id = r.worker_id
  where r.call_id = any (v_receipts) and s.state = 'in_progress' and s.claim_no = c.claim_no;

  -- Before their tasks are locked: a zombie may hold that lock.
  return query
  select json_build_object('kind', 'zombies', 'ended', z.ended, 'remaining', z.remaining)
  from tasker.end_zombies(v_outcomes) z
  where z.ended + z.remaining > 0;

  return query
  select f
  from tasker.finish_steps(p_worker_id, gen_random_uuid(), v_outcomes, false, 0, '{}', false, '{}',
    'rescue by worker:' || p_worker_id, p_lost_limit, 0, p_now) f;

  -- A receipt with a busy step stays for the next scan.
  delete from tasker.receipts r
  where r.call_id = any (v_receipts) and not tasker.is_receipt_open(r);
end
$$;
