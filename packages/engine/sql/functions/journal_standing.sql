-- Where the journal of the history stands, and how far one who has read what p_from sees may go on in one window. One row:
--   journal   which one it is: another database has another
--   removed   what has been seen of rows that are gone. Null: begin_history_journal must be called first
--   now       what this statement sees
--   ahead     rows that p_from does not see, counted up to p_rows
--   between_them   when p_rows lie ahead: what the youngest of those next in line saw, if that is more than p_from sees
-- What a snapshot does not see is what ran when it was taken, and all that began later: probes of the index, so nothing is
-- looked through again however long another transaction has been open. One that appended much took its snapshots before
-- others ended, and none of them may lead on from p_from: then it is passed by, and those after it are asked.
-- p_from null: nothing lies ahead. Stable: all of it is of one moment, that of the caller's statement.
drop function if exists tasker.journal_standing(pg_snapshot, integer);

create or replace function tasker.journal_standing(p_from pg_snapshot, p_rows integer)
returns table (journal bigint, removed pg_snapshot, now pg_snapshot, ahead integer, between_them pg_snapshot)
language plpgsql
stable
set enable_seqscan = off
set jit = off
as $$
declare
  v_after xid8 := (pg_snapshot_xmax(p_from)::text::bigint - 1)::text::xid8;
  v_ahead integer := 0;
  v_count integer;
  v_youngest pg_snapshot;
begin
  if p_from is not null then
    select count(*) into v_ahead
    from (
      select from tasker.history_journal j where j.xid = any (array(select pg_snapshot_xip(p_from))) limit p_rows
    ) r;
    loop
      with looked as materialized (
        select j.xid, j.snapshot
        from tasker.history_journal j
        where j.xid > v_after
        order by j.xid
        limit p_rows
      )
      select count(*), max(k.xid),
        (select tasker.committed_in(y.snapshot, y.xid) from looked y order by pg_snapshot_xmax(y.snapshot) desc limit 1)
      into v_count, v_after, v_youngest
      from looked k;
      v_ahead := least(v_ahead + v_count, p_rows);
      exit when v_count < p_rows or pg_snapshot_xmax(v_youngest) > pg_snapshot_xmax(p_from);
    end loop;
  end if;

  return query
  select hashtextextended(concat_ws('/', v.history_id, d.oid, j.oid), 0) & 576460752303423487, -- at most 18 digits
    case when v.history_table = j.oid then v.history_removed end, pg_current_snapshot(), v_ahead,
    case when v_ahead = p_rows and pg_snapshot_xmax(v_youngest) > pg_snapshot_xmax(p_from) then v_youngest end
  from tasker.schema_version v
  cross join (select 'tasker.history_journal'::regclass::oid) j(oid)
  join pg_database d on d.datname = current_database();
end
$$;
