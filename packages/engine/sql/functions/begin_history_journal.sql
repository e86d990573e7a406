-- Begins the journal of the history anew when it came out of a dump: the numbers in it, and what is noted as removed, are of
-- another server's transactions. Called by whoever finds it so: a worker that prunes it, or who reads it. Else changes nothing.
create or replace function tasker.begin_history_journal() returns void
language plpgsql
as $$
begin
  perform tasker.require_read_committed();
  perform from tasker.schema_version v where v.history_table <> 'tasker.history_journal'::regclass::oid for update;
  if found then
    -- In one statement, so that what goes is what the snapshot sees.
    with gone as (
      delete from tasker.history_journal
    )
    update tasker.schema_version
    set history_table = 'tasker.history_journal'::regclass::oid, history_removed = pg_current_snapshot()
    where only_row;
  end if;
end
$$;
