-- A clean stop: the worker has handed everything back. What it forgot is found by the next rescue scan. Receipts of
-- settled steps go: no call of this worker will name them any more, and no other worker may come for long.
create or replace function tasker.stop_worker(p_worker_id integer, p_now timestamptz default null) returns void
language sql
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
  update tasker.workers w set
    state = 'stopped',
    seen_at = coalesce(p_now, clock_timestamp()),
    slots_in_use = 0
  where w.worker_id = p_worker_id and w.state = 'live';
  delete from tasker.receipts r
  where r.worker_id = p_worker_id and not tasker.is_receipt_open(r);
$$;
