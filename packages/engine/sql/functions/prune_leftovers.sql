-- Removes what no task needs any more: idempotency keys that have expired; settled receipts of workers that are gone, or
-- that were to renew before p_workers_before and did not (the last one of all, killed: nobody took it over); and workers
-- that stopped or were lost before then and have no receipt left. One page of keys a call, so that a call is short.
-- p_after: [named_task_id, key] where the page before left off, or null. On trial it only counts.
-- Returns {last: where to go on, null at the end; keys, workers: how many}.
-- Waits for nothing: an expired key that a request is just taking over is passed by.
create or replace function tasker.prune_leftovers(
  p_after jsonb,
  p_keys_max integer,
  p_workers_before timestamptz,
  p_is_trial boolean,
  p_now timestamptz default null
) returns json
language plpgsql
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
declare
  v_now timestamptz := coalesce(p_now, statement_timestamp());
  v_last jsonb;
  v_keys integer;
  v_workers integer;
begin
  with page as materialized (
    select k.named_task_id, k.key, k.expires_at
    from tasker.idempotency_keys k
    where p_after is null or (k.named_task_id, k.key) > ((p_after ->> 0)::integer, p_after ->> 1)
    order by k.named_task_id, k.key
    limit p_keys_max
  )
  select
    case when count(*) = p_keys_max then
      (array_agg(jsonb_build_array(g.named_task_id, g.key) order by g.named_task_id desc, g.key desc))[1] end,
    count(*) filter (where g.expires_at <= v_now)
  into v_last, v_keys
  from page g;

  select count(*) into v_workers
  from tasker.workers w
  where w.state <> 'live' and w.seen_at < p_workers_before
    and not exists (select 1 from tasker.receipts r where r.worker_id = w.worker_id and tasker.is_receipt_open(r));

  if not p_is_trial then
    with gone as (
      delete from tasker.idempotency_keys k
      using (
        select g.named_task_id, g.key
        from tasker.idempotency_keys g
        where (p_after is null or (g.named_task_id, g.key) > ((p_after ->> 0)::integer, p_after ->> 1))
          and (v_last is null or (g.named_task_id, g.key) <= ((v_last ->> 0)::integer, v_last ->> 1))
          and g.expires_at <= v_now
        order by g.named_task_id, g.key
        for update skip locked
      ) x
      where k.named_task_id = x.named_task_id and k.key = x.key and k.expires_at <= v_now
      returning 1
    )
    select count(*) into v_keys from gone;

    delete from tasker.receipts r
    using (
      select g.worker_id, g.call_id
      from tasker.receipts g
      where not exists (
          select 1
          from tasker.workers w
          where w.worker_id = g.worker_id and w.state = 'live' and w.lease_until >= p_workers_before)
        and not tasker.is_receipt_open(g)
      for update skip locked
    ) x
    where r.worker_id = x.worker_id and r.call_id = x.call_id;

    with gone as (
      delete from tasker.workers w
      where w.state <> 'live' and w.seen_at < p_workers_before
        and not exists (select 1 from tasker.receipts r where r.worker_id = w.worker_id)
      returning 1
    )
    select count(*) into v_workers from gone;
  end if;
  return json_build_object('last', v_last, 'keys', v_keys, 'workers', v_workers);
end
$$;
