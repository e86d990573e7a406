-- Transactions are numbered by each server anew, so a journal that came out of a dump, and what is known of it, mean nothing
-- there. history_table is the table's number where the journal was written: after a restore it has another, and the
-- journal is begun anew (functions/begin_history_journal.sql). history_id: new servers give tables the same numbers.
alter table tasker.schema_version
  add column history_id uuid not null default gen_random_uuid(),
  add column history_table oid not null default 0;
update tasker.schema_version set history_table = 'tasker.history_journal'::regclass;
