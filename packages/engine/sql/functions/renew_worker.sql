-- The heartbeat. Renews the lease and compares what the worker holds with what the tables say.
-- p_holding: [{task_id, step_no, claim_no}]; p_calls: calls whose replies the worker has, or still waits for.
-- Returns {live, abort: [...], hand_back: [...]}: steps it holds that are no longer its own (abort them), and steps that
-- it was given in a call whose reply it never saw (hand them back, unless the call was sent after this one: call_id). Once
-- they are settled, the receipt of such a call goes: nobody else would delete it while this worker lives.
-- live = false: lost for ever, register under a new id.
-- p_slots: how many steps it may run at once now; p_slots_max: at most ever; p_slots_in_use: how many it runs; p_slots_reason:
-- what holds it below the most. Workers of a version that does not know the last three call without them.
drop function if exists tasker.renew_worker(integer, integer, integer, jsonb, uuid[], timestamptz);

create or replace function tasker.renew_worker(
  p_worker_id integer,
  p_lease_ms integer,
  p_slots integer,
  p_holding jsonb,
  p_calls uuid[],
  p_now timestamptz default null,
  p_slots_max integer default null,
  p_slots_in_use integer default null,
  p_slots_reason text default null
) returns json
language plpgsql
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
declare
  v_now timestamptz := coalesce(p_now, clock_timestamp());
begin
  update tasker.workers w set
    seen_at = v_now,
    -- A gap may have passed unseen by the worker: its monotonic clock stands still while its machine is suspended.
    renewed_since = case when w.lease_until < v_now then v_now else coalesce(w.renewed_since, w.started_at) end,
    lease_until = v_now + p_lease_ms * interval '1 millisecond',
    slots = p_slots,
    slots_max = p_slots_max,
    slots_in_use = p_slots_in_use,
    slots_reason = p_slots_reason
  where w.worker_id = p_worker_id and w.state = 'live';
  if not found then
    return json_build_object('live', false, 'abort', '[]'::json, 'hand_back', '[]'::json);
  end if;

  delete from tasker.receipts r
  where r.worker_id = p_worker_id and not r.call_id = any (p_calls) and not tasker.is_receipt_open(r);

  return json_build_object(
    'live', true,
    'abort', (
      select coalesce(json_agg(h), '[]'::json)
      from jsonb_to_recordset(p_holding) as h(task_id uuid, step_no integer, claim_no integer)
      left join lateral (
        select s.state, s.claim_no
        from tasker.workflow_steps s
        where s.task_id = h.task_id and s.step_no = h.step_no
        offset 0 -- see finish_steps
      ) s on true
      where s.state is distinct from 'in_progress' or s.claim_no <> h.claim_no
    ),
    'hand_back', (
      select coalesce(json_agg(json_build_object('call_id', r.call_id, 'task_id', c.task_id, 'step_no', c.step_no,
        'claim_no', c.claim_no)), '[]'::json)
      from tasker.receipts r
      cross join lateral unnest(r.task_ids, r.step_nos, r.claim_nos) as c(task_id, step_no, claim_no)
      join tasker.workflow_steps s on s.task_id = c.task_id and s.step_no = c.step_no
      where r.worker_id = p_worker_id
        and not r.call_id = any (p_calls)
        and s.state = 'in_progress'
        and s.claim_no = c.claim_no
    )
  );
end
$$;
