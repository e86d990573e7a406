-- Removes at most p_rows_max entries of the cache whose time is over, those that ended first before all others. Waits for
-- nothing: an entry that somebody is just writing is passed by. Returns how many went; null when another worker does it: the
-- lowest live one.
create or replace function tasker.prune_cache_entries(
  p_worker_id integer,
  p_rows_max integer,
  p_now timestamptz default null
) returns integer
language plpgsql
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
declare
  v_now timestamptz := coalesce(p_now, statement_timestamp());
  v_count integer;
begin
  if p_worker_id is distinct from (select min(w.worker_id) from tasker.workers w where w.state = 'live') then
    return null;
  end if;

  delete from tasker.cache_entries e
  using (
    select g.key
    from tasker.cache_entries g
    where g.expires_at <= v_now
    order by g.expires_at
    limit p_rows_max
    for update skip locked
  ) x
  where e.key = x.key and e.expires_at <= v_now;
  get diagnostics v_count = row_count;
  return v_count;
end
$$;
