-- A worker announces itself and what it serves (definition ids). The lease starts now. A session under the wrong isolation
-- is refused here already, so that a worker which could claim nothing does not start.
-- p_slots_max, p_slots_in_use, p_slots_reason: see renew_worker.
drop function if exists tasker.register_worker(text, integer, text, integer[], integer, integer, timestamptz);

create or replace function tasker.register_worker(
  p_host text,
  p_pid integer,
  p_version text,
  p_serves integer[],
  p_slots integer,
  p_lease_ms integer,
  p_now timestamptz default null,
  p_slots_max integer default null,
  p_slots_in_use integer default null,
  p_slots_reason text default null
) returns integer
language sql
as $$
  select tasker.require_read_committed();
  insert into tasker.workers (state, host, pid, version, serves, slots, slots_max, slots_in_use, slots_reason,
    started_at, seen_at, renewed_since, lease_until)
  select 'live', p_host, p_pid, p_version, p_serves, p_slots, p_slots_max, p_slots_in_use, p_slots_reason,
    n.at, n.at, n.at, n.at + p_lease_ms * interval '1 millisecond'
  from (select coalesce(p_now, clock_timestamp()) as at) n
  returning worker_id;
$$;
