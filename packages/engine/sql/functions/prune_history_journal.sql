-- Removes what is older than p_before from the journal of the history, oldest transactions first and at most about
-- p_rows_max rows, and notes how far it came, so that a follower who has not read that much is told. The history stays.
-- Returns how many rows went; null when another worker does it: the lowest live one.
-- What a running transaction may still append stays, and all that came after its start: rows go in the order of xid.
create or replace function tasker.prune_history_journal(
  p_worker_id integer,
  p_before timestamptz,
  p_rows_max integer
) returns integer
language plpgsql
set enable_seqscan = off
set jit = off
as $$
declare
  v_last xid8;
  v_count integer;
begin
  perform tasker.require_read_committed();
  if p_worker_id is distinct from (select min(w.worker_id) from tasker.workers w where w.state = 'live') then
    return null;
  end if;

  with page as materialized (
    select j.xid, j.at
    from tasker.history_journal j
    where j.xid < pg_snapshot_xmin(pg_current_snapshot())
    order by j.xid
    limit p_rows_max
  )
  select max(g.xid) into v_last
  from page g
  where g.xid < all (select k.xid from page k where k.at >= p_before);
  if v_last is null then
    return 0;
  end if;

  update tasker.schema_version v set history_removed = v_last
  where v.history_removed < v_last;
  delete from tasker.history_journal j
  where j.xid <= v_last;
  get diagnostics v_count = row_count;
  return v_count;
end
$$;
