-- The tables of Tasker. `tasker` is the default schema name; a renamed schema is one replacement at load time.
-- Three groups: what may run (definitions), one row per run and step (tasks), who runs it (workers).
-- No foreign key between run-time tables: dropping old tasks must stay cheap, and the tables must stay distributable by task_id.

-- What may run -------------------------------------------------------------------------------------------------------

create table tasker.task_namespaces (
  namespace_id integer generated always as identity primary key,
  name text not null unique check (char_length(name) between 1 and 64),
  description text not null default ''
);

create table tasker.named_tasks (
  named_task_id integer generated always as identity primary key,
  namespace_id integer not null references tasker.task_namespaces,
  name text not null check (char_length(name) between 1 and 64),
  description text not null default '',
  unique (namespace_id, name)
);

-- One immutable row per version. definition_id is also its lane in the due table; 0 is the held lane and -definition_id
-- the lane of its suspects, so identities start at 1.
create table tasker.definitions (
  definition_id integer generated always as identity primary key,
  named_task_id integer not null references tasker.named_tasks,
  version text not null,
  digest text not null,
  graph_id uuid not null,
  settings jsonb not null,
  annotates boolean not null,
  created_at timestamptz not null default statement_timestamp(),
  unique (named_task_id, version)
);

-- A graph stands here once: with its definition, or with its task (graph_id = task_id) when steps came from the context.
-- Parents and children are step numbers; the step's name is unique in its graph.
create table tasker.graph_steps (
  graph_id uuid not null,
  step_no integer not null check (step_no > 0),
  name text not null,
  handler text not null,
  parents integer[] not null,
  children integer[] not null,
  retryable boolean not null,
  retry_limit smallint not null check (retry_limit > 0),
  skippable boolean not null,
  priority smallint check (priority between 0 and 3),
  timeout_ms integer check (timeout_ms > 0),
  dependent_system text not null,
  inputs jsonb,
  primary key (graph_id, step_no),
  unique (graph_id, name)
);

-- Runs ---------------------------------------------------------------------------------------------------------------

-- Changes state twice in its life, so the state may be indexed.
create table tasker.tasks (
  task_id uuid primary key,
  definition_id integer not null,
  graph_id uuid not null,
  state text not null
    check (state in ('pending', 'in_progress', 'complete', 'error', 'cancelled', 'resolved_manually')),
  priority smallint not null check (priority between 0 and 3),
  tags text[] not null,
  initiator text not null,
  source_system text not null,
  reason text not null,
  requested_at timestamptz not null,
  created_at timestamptz not null,
  started_at timestamptz,
  ended_at timestamptz,
  deadline_at timestamptz,
  rerun_of uuid,
  check ((ended_at is null) = (state in ('pending', 'in_progress')))
) with (fillfactor = 80);

create index tasks_state_idx on tasker.tasks (state, task_id);
create index tasks_definition_idx on tasker.tasks (definition_id, task_id);
create index tasks_tags_idx on tasker.tasks using gin (tags) where tags <> '{}';

-- The row that is locked. open: steps in progress, due or held. not_satisfied: steps not yet complete, resolved or
-- skipped. errors: steps in error that will not be tried again. seq: the last number given in the task's history
-- (0 creation, 1 start).
create table tasker.task_progress (
  task_id uuid primary key,
  open integer not null check (open >= 0),
  not_satisfied integer not null check (not_satisfied >= 0),
  errors integer not null check (errors >= 0),
  seq integer not null,
  held boolean not null default false
) with (fillfactor = 45);

create table tasker.task_contexts (
  task_id uuid primary key,
  context jsonb not null
);

-- Only what changes while a step runs, and no index but the key: updates stay heap-only (HOT).
-- waiting: parents not yet satisfied. claim_no: the fence, grows at every claim. attempts: the retry budget.
-- step_no 0 is the annotations hook, -1 the deadline; both are claimed like steps and count nowhere.
create table tasker.workflow_steps (
  task_id uuid not null,
  step_no integer not null,
  state text not null
    check (state in ('pending', 'in_progress', 'complete', 'error', 'cancelled', 'resolved_manually', 'skipped')),
  waiting integer not null check (waiting >= 0),
  claim_no integer not null default 0,
  attempts smallint not null default 0,
  losses smallint not null default 0,
  waits integer not null default 0,
  retry_limit smallint not null,
  worker_id integer,
  started_at timestamptz,
  ended_at timestamptz,
  primary key (task_id, step_no)
) with (fillfactor = 45);

create table tasker.step_results (
  task_id uuid not null,
  step_no integer not null,
  result jsonb,
  primary key (task_id, step_no)
);

-- Steps waiting to be claimed. A row exists exactly when the task is open and the step is pending with no parent
-- missing, or in error with a retry to come. run_at stands nowhere else.
create table tasker.due (
  lane integer not null,
  priority smallint not null,
  run_at timestamptz not null,
  task_id uuid not null,
  step_no integer not null,
  primary key (task_id, step_no)
);

create index due_lane_idx on tasker.due (lane, priority, run_at);

-- History: appended, never edited. (task_id, seq) orders a task's history; a claim takes no task lock, so its entry has
-- the last seq it saw (since_seq) and stands after that one.
create table tasker.task_transitions (
  task_id uuid not null,
  seq integer not null,
  from_state text,
  to_state text not null,
  actor text not null,
  reason text,
  metadata jsonb,
  at timestamptz not null,
  primary key (task_id, seq)
);

create table tasker.workflow_step_transitions (
  task_id uuid not null,
  seq integer not null,
  step_no integer not null,
  claim_no integer not null,
  from_state text not null,
  to_state text not null,
  attempt smallint not null,
  actor text not null,
  reason text,
  metadata jsonb,
  at timestamptz not null,
  primary key (task_id, seq)
);

create table tasker.step_claims (
  task_id uuid not null,
  step_no integer not null,
  claim_no integer not null,
  since_seq integer not null,
  from_state text not null,
  attempt smallint not null,
  worker_id integer not null,
  at timestamptz not null,
  primary key (task_id, step_no, claim_no)
);

-- An annotation written twice is stored once: the key holds a digest of its content.
create table tasker.task_annotations (
  task_id uuid not null,
  annotation_type text not null check (char_length(annotation_type) between 1 and 64),
  digest text not null,
  annotation jsonb not null,
  created_at timestamptz not null,
  primary key (task_id, annotation_type, digest)
);

create index task_annotations_idx on tasker.task_annotations using gin (annotation jsonb_path_ops);

-- A key names one request of one task name until it expires; the digest tells a repeat from a different request.
create table tasker.idempotency_keys (
  named_task_id integer not null,
  key text not null check (char_length(key) between 1 and 255),
  task_id uuid not null,
  digest text not null,
  expires_at timestamptz not null,
  primary key (named_task_id, key)
);

-- Who runs it --------------------------------------------------------------------------------------------------------

-- The process is leased, not the step.
create table tasker.workers (
  worker_id integer generated always as identity primary key,
  state text not null check (state in ('live', 'stopped', 'lost')),
  host text not null,
  pid integer not null,
  version text not null,
  serves integer[] not null,
  slots integer not null,
  started_at timestamptz not null,
  seen_at timestamptz not null,
  lease_until timestamptz not null
) with (fillfactor = 50);

-- One row per claiming call that was given something, written with it. A lost reply is asked for again here, and the
-- steps of a dead worker are found here. Deleted by id once every step in it has an outcome.
create table tasker.receipts (
  worker_id integer not null,
  call_id uuid not null,
  task_ids uuid[] not null,
  step_nos integer[] not null,
  claim_nos integer[] not null,
  at timestamptz not null,
  primary key (worker_id, call_id)
);

-- What a claim took: parallel arrays, and the tasks it started.
create type tasker.claimed_steps as (task_ids uuid[], step_nos integer[], claim_nos integer[], started uuid[]);
