-- Removes what is older than p_before from the journal of the history: of its p_rows_max oldest rows those that one of them,
-- the youngest of that age, saw. What it saw is noted, so that a follower who has not read all of it is told, and nobody else
-- is. One transaction may have appended them all, and seen nothing that is not gone yet: then the next ones are asked.
-- The history itself stays. Returns how many rows went; null when another worker does it: the lowest live one.
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
  v_after xid8 := '0';
  v_is_more_old boolean;
  v_seen pg_snapshot;
  v_count integer;
begin
  perform tasker.require_read_committed();
  if p_worker_id is distinct from (select min(w.worker_id) from tasker.workers w where w.state = 'live') then
    return null;
  end if;

  perform tasker.begin_history_journal();

  loop
    with looked as materialized (
      select j.xid, j.snapshot, j.at from tasker.history_journal j where j.xid > v_after order by j.xid limit p_rows_max
    )
    select max(k.xid), count(*) = p_rows_max and bool_and(k.at < p_before),
      (
        select tasker.committed_in(y.snapshot, y.xid)
        from looked y
        where y.at < p_before
        order by pg_snapshot_xmax(y.snapshot) desc
        limit 1
      )
    into v_after, v_is_more_old, v_seen
    from looked k;
    exit when not v_is_more_old or exists (
      select from tasker.schema_version v where pg_snapshot_xmax(v.history_removed) < pg_snapshot_xmax(v_seen));
  end loop;

  -- Snapshots of one server follow one another: a later xmax is a later snapshot.
  update tasker.schema_version v set history_removed = v_seen
  where pg_snapshot_xmax(v.history_removed) < pg_snapshot_xmax(v_seen);
  if not found then
    return 0;
  end if;
  delete from tasker.history_journal j
  where j.xid < pg_snapshot_xmax(v_seen) and pg_visible_in_snapshot(j.xid, v_seen);
  get diagnostics v_count = row_count;
  return v_count;
end
$$;
