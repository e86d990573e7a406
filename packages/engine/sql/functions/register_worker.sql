-- A worker announces itself and what it serves (definition ids). The lease starts now.
create or replace function tasker.register_worker(
  p_host text,
  p_pid integer,
  p_version text,
  p_serves integer[],
  p_slots integer,
  p_lease_ms integer,
  p_now timestamptz default null
) returns integer
language sql
as $$
  insert into tasker.workers (state, host, pid, version, serves, slots, started_at, seen_at, lease_until)
  select 'live', p_host, p_pid, p_version, p_serves, p_slots, n.at, n.at, n.at + p_lease_ms * interval '1 millisecond'
  from (select coalesce(p_now, clock_timestamp()) as at) n
  returning worker_id;
$$;
