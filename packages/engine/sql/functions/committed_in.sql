-- What had been committed when a transaction took this snapshot. Its own number does not stand among those that ran, although
-- it did: what it appended before, and what it was still to append, belongs to what came later.
create or replace function tasker.committed_in(p_snapshot pg_snapshot, p_own xid8) returns pg_snapshot
language sql
immutable
as $$
  select format('%s:%s:%s', pg_snapshot_xmin(p_snapshot), pg_snapshot_xmax(p_snapshot),
    string_agg(r.xid::text, ',' order by r.xid))::pg_snapshot
  from (
    select pg_snapshot_xip(p_snapshot) as xid
    union
    select p_own where p_own < pg_snapshot_xmax(p_snapshot)
  ) r
$$;
