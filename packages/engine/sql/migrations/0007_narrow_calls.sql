-- What a call that records costs: its reply is arrays, and a task that starts moves in no index.

-- What finish_steps recorded: parallel arrays, one place for each step.
create type tasker.recorded_steps as (
  task_ids uuid[], step_nos integer[], claim_nos integer[], to_states text[], run_ats timestamptz[]
);
drop function if exists tasker.answer_outcomes(jsonb, uuid[], jsonb, boolean, text, timestamptz);

-- A task changes state twice; only its end moves it in an index, so that its start stays heap-only. end_state is written by
-- PostgreSQL: an index on `state` itself would be touched by both.
-- Rewrites the table once, which takes seconds for a million tasks; nobody else reads or writes them meanwhile.
alter table tasker.tasks
  add column end_state text generated always as (case when ended_at is not null then state end) stored;
alter table tasker.tasks set (fillfactor = 50);
drop index tasker.tasks_state_idx;
create index tasks_open_idx on tasker.tasks (task_id) where ended_at is null;
create index tasks_ended_idx on tasker.tasks (end_state, task_id) where end_state is not null;

-- A process that does not know these replies would pass over the steps it is given.
update tasker.schema_version set runs_from = 7;
