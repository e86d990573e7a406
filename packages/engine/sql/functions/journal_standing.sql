-- Where the journal of the history stands, and how far one who has read what p_from sees may go on in one window. One row:
--   journal   the table's own number: another database has another
--   removed   what has been seen of rows that are gone
--   now       what this statement sees
--   ahead     rows that p_from does not see, counted up to p_rows
--   between_them   when p_rows lie ahead: what the youngest of them saw
-- What a snapshot does not see is what ran when it was taken, and all that began later: two probes of the index, so nothing
-- is looked through again however long another transaction has been open. p_from null: nothing lies ahead.
create or replace function tasker.journal_standing(p_from pg_snapshot, p_rows integer)
returns table (journal oid, removed pg_snapshot, now pg_snapshot, ahead integer, between_them pg_snapshot)
language plpgsql
set enable_seqscan = off
set jit = off
as $$
#variable_conflict use_column
begin
  return query
  select 'tasker.history_journal'::regclass::oid, v.history_removed, pg_current_snapshot(), coalesce(a.ahead, 0),
    case when a.ahead = p_rows then tasker.committed_in(a.snapshot, a.xid) end
  from tasker.schema_version v
  left join lateral (
    select n.xid, n.snapshot, (count(*) over ())::integer as ahead
    from (
      select j.xid, j.snapshot
      from (
        (
          select j.xid, j.snapshot
          from tasker.history_journal j
          where j.xid = any (array(select pg_snapshot_xip(p_from)))
          limit p_rows
        )
        union all
        (
          select j.xid, j.snapshot
          from tasker.history_journal j
          where j.xid >= pg_snapshot_xmax(p_from)
          order by j.xid
          limit p_rows
        )
      ) j
      limit p_rows
    ) n
    order by pg_snapshot_xmax(n.snapshot) desc
    limit 1
  ) a on true;
end
$$;
