-- What operators need: namespaces that are held, and tasks that run again on results of another.

-- A held namespace starts nothing. Its word stands here for readers; claims look at definitions.held, which a new
-- version of the namespace takes over.
alter table tasker.task_namespaces
  add held_at timestamptz,
  add held_by text,
  add held_reason text;

alter table tasker.definitions add held boolean not null default false;

-- Empty but for held ones, so a claim that asks pays nothing.
create index definitions_held_idx on tasker.definitions (definition_id) where held;

-- Holds and resumes of namespaces: appended, never edited.
create table tasker.namespace_transitions (
  namespace_id integer not null,
  seq integer not null,
  to_state text not null check (to_state in ('held', 'running')),
  actor text not null,
  reason text not null,
  at timestamptz not null,
  primary key (namespace_id, seq)
);

-- A rerun uses results of an earlier task without copying them: source_task_id is the task whose row holds the result,
-- under the same step number; never a chain.
alter table tasker.step_results add source_task_id uuid;
create index step_results_source_idx on tasker.step_results (source_task_id) where source_task_id is not null;
create index tasks_rerun_idx on tasker.tasks (rerun_of) where rerun_of is not null;
