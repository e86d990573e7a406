-- What transaction appended which history, so that it can be followed from any process: in order, without loss.

-- True: the call that recorded the entry `since_seq` claimed it too. Else the claim came by itself, at some time after it.
alter table tasker.step_claims add column is_fused boolean not null default false;

-- One row per statement that appended history, written by triggers (functions/journal_history.sql), so that nobody can leave
-- it out. `xid` and `snapshot` tell who sees what; xmin of the history itself would not: savepoints have numbers of their
-- own. What was appended stands by its key: runs of numbers of a task (last_seqs null: each run is one number), or claims. No
-- check says so: the trigger alone writes here, and PostgreSQL would read the check anew in each call. Old rows are removed by
-- a worker.
create table tasker.history_journal (
  xid xid8 not null default pg_current_xact_id(),
  snapshot pg_snapshot not null default pg_current_snapshot(),
  at timestamptz not null default statement_timestamp(),
  task_ids uuid[] not null,
  first_seqs integer[],
  last_seqs integer[],
  step_nos integer[],
  claim_nos integer[]
);
-- In the row itself as long as they fit: a copy elsewhere would cost more.
alter table tasker.history_journal
  alter column task_ids set storage main,
  alter column first_seqs set storage main,
  alter column last_seqs set storage main,
  alter column step_nos set storage main,
  alter column claim_nos set storage main;
create index history_journal_xid_idx on tasker.history_journal (xid);

-- What has been seen of the rows that are gone from the journal: who has read less cannot go on.
alter table tasker.schema_version add column history_removed pg_snapshot not null default '1:1:';

-- The functions come after the migrations, and this one with them.
create function tasker.journal_history() returns trigger language plpgsql as $$ begin return null; end $$;

create trigger journal_history after insert on tasker.task_transitions
  referencing new table as added for each statement execute function tasker.journal_history();
create trigger journal_history after insert on tasker.workflow_step_transitions
  referencing new table as added for each statement execute function tasker.journal_history();
create trigger journal_history after insert on tasker.step_claims
  referencing new table as added for each statement execute function tasker.journal_history();
