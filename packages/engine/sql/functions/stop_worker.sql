-- A clean stop: the worker has handed everything back. What it forgot is found by the next rescue scan.
create or replace function tasker.stop_worker(p_worker_id integer, p_now timestamptz default null) returns void
language sql
as $$
  update tasker.workers w set
    state = 'stopped',
    seen_at = coalesce(p_now, clock_timestamp()),
    slots_in_use = 0
  where w.worker_id = p_worker_id and w.state = 'live';
$$;
