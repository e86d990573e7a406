-- Tables, views and types

table api_tokens with (fillfactor=60)
table audit_entries with (fillfactor=60)
sequence audit_entries_audit_id_seq
table cache_entries with (fillfactor=70, autovacuum_vacuum_threshold=500, autovacuum_vacuum_scale_factor=0.05)
type claimed_steps
table definitions
sequence definitions_definition_id_seq
table due
table graph_steps
table history_journal
table idempotency_keys
table metric_exports with (fillfactor=60)
table migrations
table named_tasks
sequence named_tasks_named_task_id_seq
table namespace_transitions
table receipts
type recorded_steps
table schema_version
table slow_hours with (fillfactor=70)
table slow_runs
table step_claims
table step_results
table task_annotations
table task_contexts
table task_counts with (fillfactor=50)
table task_ends with (autovacuum_vacuum_scale_factor=0, autovacuum_vacuum_threshold=500)
view task_history
table task_namespaces
sequence task_namespaces_namespace_id_seq
table task_progress with (fillfactor=45)
table task_transitions
table tasks with (fillfactor=50)
table workers with (fillfactor=50)
sequence workers_worker_id_seq
view workflow_step_edges
table workflow_step_transitions
table workflow_steps with (fillfactor=45)

-- Columns

api_tokens.token_id text not null
api_tokens.name text not null
api_tokens.secret_hash bytea not null
api_tokens.previous_hash bytea
api_tokens.previous_until timestamp with time zone
api_tokens.scopes text[] not null
api_tokens.namespaces text[]
api_tokens.created_at timestamp with time zone not null
api_tokens.created_by text not null
api_tokens.rotated_at timestamp with time zone
api_tokens.expires_at timestamp with time zone
api_tokens.last_used_at timestamp with time zone
api_tokens.revoked_at timestamp with time zone
api_tokens.revoked_by text
audit_entries.audit_id bigint not null generated always as identity
audit_entries.at timestamp with time zone not null
audit_entries.actor text not null
audit_entries.operation text not null
audit_entries.permission text
audit_entries.transport text not null
audit_entries.task_id uuid
audit_entries.addressed jsonb not null
audit_entries.reason text
audit_entries.correlation_id text
audit_entries.address text
audit_entries.before jsonb
audit_entries.after jsonb
audit_entries.outcome text
audit_entries.code text
audit_entries.ended_at timestamp with time zone
cache_entries.key text not null
cache_entries.text text not null
cache_entries.expires_at timestamp with time zone not null
claimed_steps.task_ids uuid[]
claimed_steps.step_nos integer[]
claimed_steps.claim_nos integer[]
claimed_steps.started uuid[]
claimed_steps.run_ats timestamp with time zone[]
definitions.definition_id integer not null generated always as identity
definitions.named_task_id integer not null
definitions.version text not null
definitions.digest text not null
definitions.graph_id uuid not null
definitions.settings jsonb not null
definitions.annotates boolean not null
definitions.created_at timestamp with time zone not null default statement_timestamp()
definitions.held boolean not null default false
due.lane integer not null
due.priority smallint not null
due.run_at timestamp with time zone not null
due.task_id uuid not null
due.step_no integer not null
graph_steps.graph_id uuid not null
graph_steps.step_no integer not null
graph_steps.name text not null
graph_steps.handler text not null
graph_steps.parents integer[] not null
graph_steps.children integer[] not null
graph_steps.retryable boolean not null
graph_steps.retry_limit smallint not null
graph_steps.skippable boolean not null
graph_steps.priority smallint
graph_steps.timeout_ms integer
graph_steps.dependent_system text not null
graph_steps.inputs jsonb
history_journal.xid xid8 not null default pg_current_xact_id()
history_journal.snapshot pg_snapshot not null default pg_current_snapshot()
history_journal.at timestamp with time zone not null default statement_timestamp()
history_journal.task_ids uuid[] not null
history_journal.first_seqs integer[]
history_journal.last_seqs integer[]
history_journal.step_nos integer[]
history_journal.claim_nos integer[]
idempotency_keys.named_task_id integer not null
idempotency_keys.key text not null
idempotency_keys.task_id uuid not null
idempotency_keys.digest text not null
idempotency_keys.expires_at timestamp with time zone not null
metric_exports.export_key text not null
metric_exports.target text not null
metric_exports.format text not null
metric_exports.scope text not null
metric_exports.is_ordered boolean not null
metric_exports.due_at timestamp with time zone
metric_exports.planned_at timestamp with time zone
metric_exports.instance text
metric_exports.export_id uuid
metric_exports.attempts smallint not null default 0
metric_exports.started_at timestamp with time zone
metric_exports.holder text
metric_exports.lease_until timestamp with time zone
metric_exports.updates bigint not null default 0
metric_exports.last_outcome text
metric_exports.last_fault text
metric_exports.last_ended_at timestamp with time zone
metric_exports.last_success_at timestamp with time zone
migrations.id integer not null
migrations.name text not null
migrations.checksum text not null
migrations.version text not null
migrations.applied_at timestamp with time zone not null default clock_timestamp()
named_tasks.named_task_id integer not null generated always as identity
named_tasks.namespace_id integer not null
named_tasks.name text not null
named_tasks.description text not null default ''::text
namespace_transitions.namespace_id integer not null
namespace_transitions.seq integer not null
namespace_transitions.to_state text not null
namespace_transitions.actor text not null
namespace_transitions.reason text not null
namespace_transitions.at timestamp with time zone not null
receipts.worker_id integer not null
receipts.call_id uuid not null
receipts.task_ids uuid[] not null
receipts.step_nos integer[] not null
receipts.claim_nos integer[] not null
receipts.at timestamp with time zone not null
receipts.run_ats timestamp with time zone[]
recorded_steps.task_ids uuid[]
recorded_steps.step_nos integer[]
recorded_steps.claim_nos integer[]
recorded_steps.to_states text[]
recorded_steps.run_ats timestamp with time zone[]
schema_version.only_row boolean not null default true
schema_version.version text not null
schema_version.functions_checksum text not null
schema_version.migrated_at timestamp with time zone not null
schema_version.runs_from integer not null default 5
schema_version.history_removed pg_snapshot not null default '1:1:'::pg_snapshot
schema_version.history_id uuid not null default gen_random_uuid()
schema_version.history_table oid not null default 0
slow_hours.kind text not null
slow_hours.starts_at timestamp with time zone not null
slow_hours.definition_id integer not null
slow_hours.longest interval
slow_hours.left_out interval
slow_runs.kind text not null
slow_runs.definition_id integer not null
slow_runs.starts_at timestamp with time zone not null
slow_runs.duration interval not null
slow_runs.created_at timestamp with time zone not null
slow_runs.task_id uuid not null
slow_runs.step_no integer not null
step_claims.task_id uuid not null
step_claims.step_no integer not null
step_claims.claim_no integer not null
step_claims.since_seq integer not null
step_claims.from_state text not null
step_claims.attempt smallint not null
step_claims.worker_id integer not null
step_claims.at timestamp with time zone not null
step_claims.is_fused boolean not null default false
step_results.task_id uuid not null
step_results.step_no integer not null
step_results.result jsonb
step_results.source_task_id uuid
task_annotations.task_id uuid not null
task_annotations.annotation_type text not null
task_annotations.digest text not null
task_annotations.annotation jsonb not null
task_annotations.created_at timestamp with time zone not null
task_contexts.task_id uuid not null
task_contexts.context jsonb not null
task_contexts.trace_parent text
task_contexts.correlation_id text
task_counts.span text not null
task_counts.starts_at timestamp with time zone not null
task_counts.definition_id integer not null
task_counts.tasks_complete bigint not null
task_counts.tasks_error bigint not null
task_counts.tasks_cancelled bigint not null
task_counts.tasks_resolved_manually bigint not null
task_counts.steps_pending bigint not null
task_counts.steps_in_progress bigint not null
task_counts.steps_complete bigint not null
task_counts.steps_error bigint not null
task_counts.steps_cancelled bigint not null
task_counts.steps_resolved_manually bigint not null
task_counts.steps_skipped bigint not null
task_counts.steps_run bigint not null
task_counts.task_time interval not null
task_counts.run_time interval not null
task_counts.wait_time interval not null
task_counts.first_task_id uuid not null
task_ends.end_id uuid not null default gen_random_uuid()
task_ends.task_ids uuid[] not null
task_history.task_id uuid
task_history.seq integer
task_history.after_seq integer
task_history.step text
task_history.step_no integer
task_history.claim_no integer
task_history.from_state text
task_history.to_state text
task_history.attempt integer
task_history.actor text
task_history.reason text
task_history.metadata jsonb
task_history.at timestamp with time zone
task_namespaces.namespace_id integer not null generated always as identity
task_namespaces.name text not null
task_namespaces.description text not null default ''::text
task_namespaces.held_at timestamp with time zone
task_namespaces.held_by text
task_namespaces.held_reason text
task_progress.task_id uuid not null
task_progress.open integer not null
task_progress.not_satisfied integer not null
task_progress.errors integer not null
task_progress.seq integer not null
task_progress.held boolean not null default false
task_transitions.task_id uuid not null
task_transitions.seq integer not null
task_transitions.from_state text
task_transitions.to_state text not null
task_transitions.actor text not null
task_transitions.reason text
task_transitions.metadata jsonb
task_transitions.at timestamp with time zone not null
tasks.task_id uuid not null
tasks.definition_id integer not null
tasks.graph_id uuid not null
tasks.state text not null
tasks.priority smallint not null
tasks.tags text[] not null
tasks.initiator text not null
tasks.source_system text not null
tasks.reason text not null
tasks.requested_at timestamp with time zone not null
tasks.created_at timestamp with time zone not null
tasks.started_at timestamp with time zone
tasks.ended_at timestamp with time zone
tasks.deadline_at timestamp with time zone
tasks.rerun_of uuid
tasks.end_state text generated as 
CASE
    WHEN (ended_at IS NOT NULL) THEN state
    ELSE NULL::text
END
workers.worker_id integer not null generated always as identity
workers.state text not null
workers.host text not null
workers.pid integer not null
workers.version text not null
workers.serves integer[] not null
workers.slots integer not null
workers.started_at timestamp with time zone not null
workers.seen_at timestamp with time zone not null
workers.lease_until timestamp with time zone not null
workers.slots_max integer
workers.slots_in_use integer
workers.slots_reason text
workers.renewed_since timestamp with time zone
workflow_step_edges.task_id uuid
workflow_step_edges.from_step_no integer
workflow_step_edges.to_step_no integer
workflow_step_edges.from_step text
workflow_step_edges.to_step text
workflow_step_transitions.task_id uuid not null
workflow_step_transitions.seq integer not null
workflow_step_transitions.step_no integer not null
workflow_step_transitions.claim_no integer not null
workflow_step_transitions.from_state text not null
workflow_step_transitions.to_state text not null
workflow_step_transitions.attempt smallint not null
workflow_step_transitions.actor text not null
workflow_step_transitions.reason text
workflow_step_transitions.metadata jsonb
workflow_step_transitions.at timestamp with time zone not null
workflow_steps.task_id uuid not null
workflow_steps.step_no integer not null
workflow_steps.state text not null
workflow_steps.waiting integer not null
workflow_steps.claim_no integer not null default 0
workflow_steps.attempts smallint not null default 0
workflow_steps.losses smallint not null default 0
workflow_steps.waits integer not null default 0
workflow_steps.retry_limit smallint not null
workflow_steps.worker_id integer
workflow_steps.started_at timestamp with time zone
workflow_steps.ended_at timestamp with time zone

-- Constraints

api_tokens.api_tokens_check CHECK (((previous_hash IS NULL) = (previous_until IS NULL)))
api_tokens.api_tokens_name_check CHECK (((char_length(name) >= 1) AND (char_length(name) <= 100)))
api_tokens.api_tokens_name_key UNIQUE (name)
api_tokens.api_tokens_pkey PRIMARY KEY (token_id)
api_tokens.api_tokens_previous_hash_check CHECK ((octet_length(previous_hash) = 32))
api_tokens.api_tokens_secret_hash_check CHECK ((octet_length(secret_hash) = 32))
api_tokens.api_tokens_token_id_check CHECK ((token_id ~ '^[0-9a-f]{16}$'::text))
audit_entries.audit_entries_outcome_check CHECK ((outcome = ANY (ARRAY['done'::text, 'denied'::text, 'refused'::text, 'failed'::text])))
audit_entries.audit_entries_pkey PRIMARY KEY (audit_id)
cache_entries.cache_entries_pkey PRIMARY KEY (key)
definitions.definitions_named_task_id_fkey FOREIGN KEY (named_task_id) REFERENCES named_tasks(named_task_id)
definitions.definitions_named_task_id_version_key UNIQUE (named_task_id, version)
definitions.definitions_pkey PRIMARY KEY (definition_id)
due.due_pkey PRIMARY KEY (task_id, step_no)
graph_steps.graph_steps_graph_id_name_key UNIQUE (graph_id, name)
graph_steps.graph_steps_pkey PRIMARY KEY (graph_id, step_no)
graph_steps.graph_steps_priority_check CHECK (((priority >= 0) AND (priority <= 3)))
graph_steps.graph_steps_retry_limit_check CHECK ((retry_limit > 0))
graph_steps.graph_steps_step_no_check CHECK ((step_no > 0))
graph_steps.graph_steps_timeout_ms_check CHECK ((timeout_ms > 0))
idempotency_keys.idempotency_keys_key_check CHECK (((char_length(key) >= 1) AND (char_length(key) <= 255)))
idempotency_keys.idempotency_keys_pkey PRIMARY KEY (named_task_id, key)
metric_exports.metric_exports_attempts_check CHECK ((attempts >= 0))
metric_exports.metric_exports_check CHECK (((holder IS NULL) = (lease_until IS NULL)))
metric_exports.metric_exports_check1 CHECK (((holder IS NULL) OR (export_id IS NOT NULL)))
metric_exports.metric_exports_last_outcome_check CHECK ((last_outcome = ANY (ARRAY['done'::text, 'skipped'::text, 'failed'::text])))
metric_exports.metric_exports_pkey PRIMARY KEY (export_key)
metric_exports.metric_exports_scope_check CHECK ((scope = ANY (ARRAY['auto'::text, 'process'::text, 'all'::text])))
migrations.migrations_pkey PRIMARY KEY (id)
named_tasks.named_tasks_name_check CHECK (((char_length(name) >= 1) AND (char_length(name) <= 64)))
named_tasks.named_tasks_namespace_id_fkey FOREIGN KEY (namespace_id) REFERENCES task_namespaces(namespace_id)
named_tasks.named_tasks_namespace_id_name_key UNIQUE (namespace_id, name)
named_tasks.named_tasks_pkey PRIMARY KEY (named_task_id)
namespace_transitions.namespace_transitions_pkey PRIMARY KEY (namespace_id, seq)
namespace_transitions.namespace_transitions_to_state_check CHECK ((to_state = ANY (ARRAY['held'::text, 'running'::text])))
receipts.receipts_pkey PRIMARY KEY (worker_id, call_id)
schema_version.schema_version_only_row_check CHECK (only_row)
schema_version.schema_version_pkey PRIMARY KEY (only_row)
slow_hours.slow_hours_kind_check CHECK ((kind = ANY (ARRAY['task'::text, 'step'::text])))
slow_hours.slow_hours_pkey PRIMARY KEY (kind, starts_at, definition_id)
slow_runs.slow_runs_kind_check CHECK ((kind = ANY (ARRAY['task'::text, 'step'::text])))
slow_runs.slow_runs_pkey PRIMARY KEY (kind, starts_at, definition_id, task_id, step_no)
step_claims.step_claims_pkey PRIMARY KEY (task_id, step_no, claim_no)
step_results.step_results_pkey PRIMARY KEY (task_id, step_no)
task_annotations.task_annotations_annotation_type_check CHECK (((char_length(annotation_type) >= 1) AND (char_length(annotation_type) <= 64)))
task_annotations.task_annotations_pkey PRIMARY KEY (task_id, annotation_type, digest)
task_contexts.task_contexts_pkey PRIMARY KEY (task_id)
task_counts.task_counts_pkey PRIMARY KEY (span, starts_at, definition_id)
task_counts.task_counts_span_check CHECK ((span = ANY (ARRAY['all'::text, 'hour'::text, 'minute'::text])))
task_namespaces.task_namespaces_name_check CHECK (((char_length(name) >= 1) AND (char_length(name) <= 64)))
task_namespaces.task_namespaces_name_key UNIQUE (name)
task_namespaces.task_namespaces_pkey PRIMARY KEY (namespace_id)
task_progress.task_progress_errors_check CHECK ((errors >= 0))
task_progress.task_progress_not_satisfied_check CHECK ((not_satisfied >= 0))
task_progress.task_progress_open_check CHECK ((open >= 0))
task_progress.task_progress_pkey PRIMARY KEY (task_id)
task_transitions.task_transitions_pkey PRIMARY KEY (task_id, seq)
tasks.tasks_check CHECK (((ended_at IS NULL) = (state = ANY (ARRAY['pending'::text, 'in_progress'::text]))))
tasks.tasks_pkey PRIMARY KEY (task_id)
tasks.tasks_priority_check CHECK (((priority >= 0) AND (priority <= 3)))
tasks.tasks_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'in_progress'::text, 'complete'::text, 'error'::text, 'cancelled'::text, 'resolved_manually'::text])))
workers.workers_pkey PRIMARY KEY (worker_id)
workers.workers_state_check CHECK ((state = ANY (ARRAY['live'::text, 'stopped'::text, 'lost'::text])))
workflow_step_transitions.workflow_step_transitions_pkey PRIMARY KEY (task_id, seq)
workflow_steps.workflow_steps_pkey PRIMARY KEY (task_id, step_no)
workflow_steps.workflow_steps_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'in_progress'::text, 'complete'::text, 'error'::text, 'cancelled'::text, 'resolved_manually'::text, 'skipped'::text])))
workflow_steps.workflow_steps_waiting_check CHECK ((waiting >= 0))

-- Indexes

CREATE UNIQUE INDEX api_tokens_name_key ON tasker.api_tokens USING btree (name)
CREATE UNIQUE INDEX api_tokens_pkey ON tasker.api_tokens USING btree (token_id)
CREATE INDEX audit_entries_actor_idx ON tasker.audit_entries USING btree (actor, audit_id)
CREATE INDEX audit_entries_at_idx ON tasker.audit_entries USING btree (at)
CREATE UNIQUE INDEX audit_entries_pkey ON tasker.audit_entries USING btree (audit_id)
CREATE INDEX audit_entries_task_idx ON tasker.audit_entries USING btree (task_id, audit_id) WHERE (task_id IS NOT NULL)
CREATE INDEX cache_entries_expires_idx ON tasker.cache_entries USING btree (expires_at)
CREATE UNIQUE INDEX cache_entries_pkey ON tasker.cache_entries USING btree (key)
CREATE INDEX definitions_held_idx ON tasker.definitions USING btree (definition_id) WHERE held
CREATE UNIQUE INDEX definitions_named_task_id_version_key ON tasker.definitions USING btree (named_task_id, version)
CREATE UNIQUE INDEX definitions_pkey ON tasker.definitions USING btree (definition_id)
CREATE INDEX due_hooks_idx ON tasker.due USING btree (lane, step_no, run_at) WHERE (step_no <= 0)
CREATE INDEX due_lane_idx ON tasker.due USING btree (lane, priority, run_at)
CREATE UNIQUE INDEX due_pkey ON tasker.due USING btree (task_id, step_no)
CREATE UNIQUE INDEX graph_steps_graph_id_name_key ON tasker.graph_steps USING btree (graph_id, name)
CREATE UNIQUE INDEX graph_steps_pkey ON tasker.graph_steps USING btree (graph_id, step_no)
CREATE INDEX history_journal_xid_idx ON tasker.history_journal USING btree (xid)
CREATE UNIQUE INDEX idempotency_keys_pkey ON tasker.idempotency_keys USING btree (named_task_id, key)
CREATE UNIQUE INDEX metric_exports_pkey ON tasker.metric_exports USING btree (export_key)
CREATE UNIQUE INDEX migrations_pkey ON tasker.migrations USING btree (id)
CREATE UNIQUE INDEX named_tasks_namespace_id_name_key ON tasker.named_tasks USING btree (namespace_id, name)
CREATE UNIQUE INDEX named_tasks_pkey ON tasker.named_tasks USING btree (named_task_id)
CREATE UNIQUE INDEX namespace_transitions_pkey ON tasker.namespace_transitions USING btree (namespace_id, seq)
CREATE UNIQUE INDEX receipts_pkey ON tasker.receipts USING btree (worker_id, call_id)
CREATE UNIQUE INDEX schema_version_pkey ON tasker.schema_version USING btree (only_row)
CREATE UNIQUE INDEX slow_hours_pkey ON tasker.slow_hours USING btree (kind, starts_at, definition_id)
CREATE UNIQUE INDEX slow_runs_pkey ON tasker.slow_runs USING btree (kind, starts_at, definition_id, task_id, step_no)
CREATE UNIQUE INDEX step_claims_pkey ON tasker.step_claims USING btree (task_id, step_no, claim_no)
CREATE UNIQUE INDEX step_results_pkey ON tasker.step_results USING btree (task_id, step_no)
CREATE INDEX step_results_source_idx ON tasker.step_results USING btree (source_task_id) WHERE (source_task_id IS NOT NULL)
CREATE INDEX task_annotations_idx ON tasker.task_annotations USING gin (annotation jsonb_path_ops)
CREATE UNIQUE INDEX task_annotations_pkey ON tasker.task_annotations USING btree (task_id, annotation_type, digest)
CREATE UNIQUE INDEX task_contexts_pkey ON tasker.task_contexts USING btree (task_id)
CREATE UNIQUE INDEX task_counts_pkey ON tasker.task_counts USING btree (span, starts_at, definition_id)
CREATE UNIQUE INDEX task_namespaces_name_key ON tasker.task_namespaces USING btree (name)
CREATE UNIQUE INDEX task_namespaces_pkey ON tasker.task_namespaces USING btree (namespace_id)
CREATE UNIQUE INDEX task_progress_pkey ON tasker.task_progress USING btree (task_id)
CREATE UNIQUE INDEX task_transitions_pkey ON tasker.task_transitions USING btree (task_id, seq)
CREATE INDEX tasks_definition_idx ON tasker.tasks USING btree (definition_id, task_id)
CREATE INDEX tasks_ended_idx ON tasker.tasks USING btree (end_state, task_id) WHERE (end_state IS NOT NULL)
CREATE INDEX tasks_open_idx ON tasker.tasks USING btree (task_id) WHERE (ended_at IS NULL)
CREATE UNIQUE INDEX tasks_pkey ON tasker.tasks USING btree (task_id)
CREATE INDEX tasks_rerun_idx ON tasker.tasks USING btree (rerun_of) WHERE (rerun_of IS NOT NULL)
CREATE INDEX tasks_tags_idx ON tasker.tasks USING gin (tags) WHERE (tags <> '{}'::text[])
CREATE INDEX workers_live_idx ON tasker.workers USING btree (worker_id) WHERE (state = 'live'::text)
CREATE UNIQUE INDEX workers_pkey ON tasker.workers USING btree (worker_id)
CREATE UNIQUE INDEX workflow_step_transitions_pkey ON tasker.workflow_step_transitions USING btree (task_id, seq)
CREATE UNIQUE INDEX workflow_steps_pkey ON tasker.workflow_steps USING btree (task_id, step_no)

-- Functions

add_to_task_counts(p_task_ids uuid[], p_sign integer)
  returns void
  plpgsql volatile
  set enable_hashjoin=off, enable_mergejoin=off, jit=off, plan_cache_mode=force_generic_plan
adjust_tasks(p_action text, p_task_ids uuid[], p_steps text[], p_limit integer, p_actor text, p_reason text, p_now timestamp with time zone)
  returns TABLE(adjusted_id uuid, from_state text, to_state text, last_seq integer, steps jsonb, refused jsonb)
  plpgsql volatile
  set enable_seqscan=off, enable_hashjoin=off, enable_mergejoin=off, jit=off
after_tasks_ended(p_task_ids uuid[], p_now timestamp with time zone)
  returns void
  plpgsql volatile
  set enable_seqscan=off, plan_cache_mode=force_generic_plan
analytics_metrics(p_since timestamp with time zone DEFAULT NULL::timestamp with time zone, p_at timestamp with time zone DEFAULT NULL::timestamp with time zone, p_namespace text DEFAULT NULL::text, p_name text DEFAULT NULL::text, p_version text DEFAULT NULL::text)
  returns TABLE(active_tasks_count bigint, total_namespaces_count bigint, unique_task_types_count bigint, system_health_score numeric, task_throughput bigint, completion_count bigint, error_count bigint, completion_rate numeric, error_rate numeric, avg_task_duration numeric, avg_step_duration numeric, avg_step_wait numeric, step_throughput bigint, analysis_period_start timestamp with time zone, calculated_at timestamp with time zone)
  plpgsql stable
  set enable_seqscan=off, jit=off, plan_cache_mode=force_generic_plan
answer_outcomes(p_outcomes jsonb, p_locked uuid[], p_recorded recorded_steps, p_is_resend boolean, p_actor text, p_now timestamp with time zone)
  returns SETOF json
  plpgsql volatile
  set enable_seqscan=off, enable_hashjoin=off, enable_mergejoin=off, plan_cache_mode=force_generic_plan
audited_state(p_task_id uuid, p_steps text[], p_namespace text)
  returns jsonb
  sql stable
begin_history_journal()
  returns void
  plpgsql volatile
bytes_of_tasks(p_task_ids uuid[])
  returns bigint
  sql stable
calculate_dependency_levels(p_task_id uuid)
  returns TABLE(step_no integer, name text, dependency_level integer)
  plpgsql stable
  set enable_seqscan=off, jit=off
claim_due(p_worker_id integer, p_want integer, p_lanes integer[], p_actor text, p_now timestamp with time zone)
  returns claimed_steps
  plpgsql volatile
  set enable_seqscan=off, enable_hashjoin=off, enable_mergejoin=off, enable_bitmapscan=off, jit=off, plan_cache_mode=force_generic_plan
close_tasks(p_task_ids uuid[], p_states text[], p_seqs integer[], p_actor text, p_now timestamp with time zone)
  returns SETOF json
  plpgsql volatile
  set enable_seqscan=off, enable_hashjoin=off, enable_mergejoin=off, plan_cache_mode=force_generic_plan
committed_in(p_snapshot pg_snapshot, p_own xid8)
  returns pg_snapshot
  sql immutable
complete_satisfied_tasks(p_task_ids uuid[], p_now timestamp with time zone)
  returns void
  plpgsql volatile
count_tasks(p_task_ids uuid[], p_width interval, p_at timestamp with time zone)
  returns TABLE(definition_id integer, starts_at timestamp with time zone, tasks_pending bigint, tasks_in_progress bigint, tasks_complete bigint, tasks_error bigint, tasks_cancelled bigint, tasks_resolved_manually bigint, steps_pending bigint, steps_in_progress bigint, steps_complete bigint, steps_error bigint, steps_cancelled bigint, steps_resolved_manually bigint, steps_skipped bigint, steps_retryable bigint, steps_in_backoff bigint, steps_run bigint, task_time interval, run_time interval, wait_time interval, first_task_id uuid)
  plpgsql stable
  set enable_seqscan=off, enable_hashjoin=off, enable_mergejoin=off, jit=off, plan_cache_mode=force_generic_plan
count_tasks_ended(p_task_ids uuid[])
  returns void
  plpgsql volatile
  set enable_seqscan=off, plan_cache_mode=force_generic_plan
count_tasks_left(p_task_ids uuid[])
  returns uuid[]
  plpgsql volatile
  set enable_hashjoin=off, enable_mergejoin=off, jit=off, plan_cache_mode=force_generic_plan
create_tasks(p_requests jsonb, p_lock_timeout_ms integer, p_now timestamp with time zone DEFAULT NULL::timestamp with time zone)
  returns TABLE(ordinal integer, owner_id uuid, is_created boolean, is_conflict boolean)
  plpgsql volatile
  set enable_seqscan=off, enable_hashjoin=off, enable_mergejoin=off, jit=off
delete_tasks(p_task_ids uuid[])
  returns void
  plpgsql volatile
  set enable_seqscan=off, enable_hashjoin=off, enable_mergejoin=off, jit=off
describe_claims(p_task_ids uuid[], p_step_nos integer[], p_claim_nos integer[], p_results_max_bytes integer)
  returns SETOF json
  plpgsql stable
  set enable_seqscan=off, enable_hashjoin=off, enable_mergejoin=off, jit=off, plan_cache_mode=force_generic_plan
edit_task(p_task_id uuid, p_edit jsonb, p_actor text, p_reason text, p_expected_seq integer, p_now timestamp with time zone DEFAULT NULL::timestamp with time zone)
  returns TABLE(state text, step_state text, last_seq integer, refused text, is_changed boolean)
  plpgsql volatile
  set enable_seqscan=off, enable_hashjoin=off, enable_mergejoin=off, jit=off
end_zombies(p_attempts jsonb, OUT ended integer, OUT remaining integer)
  returns record
  plpgsql volatile
finish_steps(p_worker_id integer, p_call_id uuid, p_outcomes jsonb, p_waits boolean, p_want integer, p_lanes integer[], p_due_first boolean, p_settled uuid[], p_actor text, p_lost_limit integer, p_results_max_bytes integer, p_now timestamp with time zone DEFAULT NULL::timestamp with time zone, p_known_graphs uuid[] DEFAULT '{}'::uuid[])
  returns SETOF json
  plpgsql volatile
  set enable_seqscan=off, enable_hashjoin=off, enable_mergejoin=off, jit=off, plan_cache_mode=force_generic_plan
hold_namespace(p_namespace text, p_is_held boolean, p_actor text, p_reason text, p_now timestamp with time zone DEFAULT NULL::timestamp with time zone)
  returns TABLE(is_changed boolean)
  plpgsql volatile
is_better_due(p_lanes integer[], p_best smallint, p_now timestamp with time zone)
  returns boolean
  plpgsql stable
  set enable_seqscan=off, enable_bitmapscan=off, plan_cache_mode=force_generic_plan
is_due_right(p_due due)
  returns boolean
  sql stable
is_receipt_open(p_receipt receipts)
  returns boolean
  sql stable
journal_entries(p_from pg_snapshot, p_until pg_snapshot, p_limit integer, p_task_id uuid, p_namespace text, p_after_first_at bigint, p_after_task_id uuid, p_after_seq integer, p_after_place integer, p_after_claim integer)
  returns TABLE(removed pg_snapshot, first_at bigint, task_id uuid, seq integer, place integer, claim integer, kind text, step_no integer, claim_no integer, from_state text, to_state text, attempt smallint, actor text, reason text, metadata jsonb, at timestamp with time zone, namespace text, task_name text, version text, created_at timestamp with time zone, step_name text, retry_limit smallint, started_at timestamp with time zone, correlation_id text, correlation_id_in_context jsonb)
  plpgsql volatile
  set enable_seqscan=off, enable_hashjoin=off, enable_mergejoin=off, jit=off, plan_cache_mode=force_generic_plan
journal_history()
  returns trigger
  plpgsql volatile
  set jit=off
journal_standing(p_from pg_snapshot, p_rows integer)
  returns TABLE(journal bigint, removed pg_snapshot, now pg_snapshot, ahead integer, between_them pg_snapshot)
  plpgsql stable
  set enable_seqscan=off, jit=off
keep_slow_runs(p_kind text, p_task_ids uuid[])
  returns void
  plpgsql volatile
  set enable_hashjoin=off, enable_mergejoin=off, jit=off, plan_cache_mode=force_generic_plan
lock_tasks_of(p_outcomes jsonb, p_waits boolean)
  returns uuid[]
  plpgsql volatile
move_steps(p_action text, p_task_ids uuid[], p_steps text[], p_result jsonb, p_more_attempts integer, p_actor text, p_reason text, p_now timestamp with time zone)
  returns TABLE(moved_id uuid, from_state text, to_state text, last_seq integer, steps jsonb, refused jsonb)
  plpgsql volatile
  set enable_seqscan=off, enable_hashjoin=off, enable_mergejoin=off, jit=off
next_due_ms(p_lanes integer[], p_now timestamp with time zone)
  returns bigint
  plpgsql stable
  set enable_seqscan=off, enable_bitmapscan=off, plan_cache_mode=force_generic_plan
operate_tasks(p_order jsonb, p_task_ids uuid[], p_actor text, p_reason text, p_is_whole boolean, p_is_trial boolean, p_now timestamp with time zone DEFAULT NULL::timestamp with time zone)
  returns SETOF jsonb
  plpgsql volatile
parent_results(p_task_id uuid, p_graph_id uuid, p_parents integer[])
  returns jsonb
  plpgsql stable
  set enable_seqscan=off, jit=off, plan_cache_mode=force_generic_plan
prunable(p_task_ids uuid[], p_states text[], p_before timestamp with time zone)
  returns SETOF uuid
  sql stable
prune_cache_entries(p_worker_id integer, p_rows_max integer, p_now timestamp with time zone DEFAULT NULL::timestamp with time zone)
  returns integer
  plpgsql volatile
  set enable_seqscan=off, enable_hashjoin=off, enable_mergejoin=off, jit=off
prune_history_journal(p_worker_id integer, p_before timestamp with time zone, p_rows_max integer)
  returns integer
  plpgsql volatile
  set enable_seqscan=off, jit=off
prune_leftovers(p_after jsonb, p_keys_max integer, p_workers_before timestamp with time zone, p_is_trial boolean, p_now timestamp with time zone DEFAULT NULL::timestamp with time zone)
  returns json
  plpgsql volatile
  set enable_seqscan=off, enable_hashjoin=off, enable_mergejoin=off, jit=off
prune_tasks(p_states text[], p_before timestamp with time zone, p_after uuid, p_namespace text, p_tasks_max integer, p_scan_max integer, p_is_trial boolean)
  returns json
  plpgsql volatile
  set enable_seqscan=off, enable_hashjoin=off, enable_mergejoin=off, jit=off
recount_tasks()
  returns void
  plpgsql volatile
register_definition(p_definition jsonb)
  returns TABLE(stored_id integer, is_conflict boolean)
  plpgsql volatile
register_worker(p_host text, p_pid integer, p_version text, p_serves integer[], p_slots integer, p_lease_ms integer, p_now timestamp with time zone DEFAULT NULL::timestamp with time zone, p_slots_max integer DEFAULT NULL::integer, p_slots_in_use integer DEFAULT NULL::integer, p_slots_reason text DEFAULT NULL::text)
  returns integer
  sql volatile
renew_worker(p_worker_id integer, p_lease_ms integer, p_slots integer, p_holding jsonb, p_calls uuid[], p_now timestamp with time zone DEFAULT NULL::timestamp with time zone, p_slots_max integer DEFAULT NULL::integer, p_slots_in_use integer DEFAULT NULL::integer, p_slots_reason text DEFAULT NULL::text)
  returns json
  plpgsql volatile
  set enable_seqscan=off, enable_hashjoin=off, enable_mergejoin=off, jit=off
require_read_committed()
  returns void
  plpgsql volatile
rerun_task(p_task_id uuid, p_new_id uuid, p_from text[], p_inputs jsonb, p_context jsonb, p_actor text, p_reason text, p_is_trial boolean, p_now timestamp with time zone DEFAULT NULL::timestamp with time zone, p_trace_parent text DEFAULT NULL::text)
  returns TABLE(old_state text, step text, is_run boolean, step_state text)
  plpgsql volatile
  set enable_seqscan=off, enable_hashjoin=off, enable_mergejoin=off, jit=off
rescue_steps(p_worker_id integer, p_lease_ms integer, p_may_take_over boolean, p_lost_limit integer, p_receipts_max integer, p_now timestamp with time zone DEFAULT NULL::timestamp with time zone)
  returns SETOF json
  plpgsql volatile
  set enable_seqscan=off, enable_hashjoin=off, enable_mergejoin=off, jit=off
roll_up_tasks(p_worker_id integer, p_tasks_max integer)
  returns integer
  plpgsql volatile
  set jit=off
scope_of_definitions(p_namespace text, p_name text, p_version text)
  returns integer[]
  sql stable
settle_tasks(p_task_ids uuid[], p_state text, p_actor text, p_reason text, p_now timestamp with time zone DEFAULT NULL::timestamp with time zone)
  returns TABLE(settled_id uuid, from_state text, is_settled boolean, last_seq integer)
  plpgsql volatile
  set enable_seqscan=off, enable_hashjoin=off, enable_mergejoin=off
slowest_runs(p_kind text, p_since timestamp with time zone, p_limit integer, p_definitions integer[])
  returns TABLE(task_id uuid, step_no integer, duration interval)
  plpgsql stable
  set enable_seqscan=off, enable_hashjoin=off, enable_mergejoin=off, jit=off, plan_cache_mode=force_generic_plan
slowest_steps(p_since timestamp with time zone DEFAULT NULL::timestamp with time zone, p_limit integer DEFAULT 10, p_namespace text DEFAULT NULL::text, p_name text DEFAULT NULL::text, p_version text DEFAULT NULL::text, p_at timestamp with time zone DEFAULT NULL::timestamp with time zone)
  returns TABLE(task_id uuid, step_no integer, step_name text, task_name text, namespace_name text, version text, duration_seconds numeric, total_seconds numeric, attempts integer, created_at timestamp with time zone, completed_at timestamp with time zone, retryable boolean, step_status text)
  plpgsql stable
  set enable_seqscan=off, enable_hashjoin=off, enable_mergejoin=off, jit=off, plan_cache_mode=force_generic_plan
slowest_tasks(p_since timestamp with time zone DEFAULT NULL::timestamp with time zone, p_limit integer DEFAULT 10, p_namespace text DEFAULT NULL::text, p_name text DEFAULT NULL::text, p_version text DEFAULT NULL::text, p_at timestamp with time zone DEFAULT NULL::timestamp with time zone)
  returns TABLE(task_id uuid, task_name text, namespace_name text, version text, state text, duration_seconds numeric, step_count bigint, completed_steps bigint, error_steps bigint, created_at timestamp with time zone, completed_at timestamp with time zone, initiator text, source_system text)
  plpgsql stable
  set enable_seqscan=off, enable_hashjoin=off, enable_mergejoin=off, jit=off, plan_cache_mode=force_generic_plan
start_tasks(p_task_ids uuid[], p_actor text, p_now timestamp with time zone)
  returns uuid[]
  plpgsql volatile
  set enable_seqscan=off, plan_cache_mode=force_generic_plan
step_readiness(p_task_ids uuid[], p_at timestamp with time zone DEFAULT NULL::timestamp with time zone)
  returns TABLE(task_id uuid, step_no integer, name text, current_state text, dependencies_satisfied boolean, retry_eligible boolean, ready_for_execution boolean, blocked_by text, blocked_detail text, last_failure_at timestamp with time zone, next_retry_at timestamp with time zone, total_parents integer, completed_parents integer, attempts integer, retry_limit integer, losses integer, waits integer, last_attempted_at timestamp with time zone, ended_at timestamp with time zone)
  sql stable
stop_worker(p_worker_id integer, p_now timestamp with time zone DEFAULT NULL::timestamp with time zone)
  returns void
  sql volatile
  set enable_seqscan=off, enable_hashjoin=off, enable_mergejoin=off
sweep_due(p_worker_id integer, p_after_task uuid, p_after_due uuid, p_tasks_max integer, p_now timestamp with time zone DEFAULT NULL::timestamp with time zone)
  returns TABLE(last_task uuid, last_due uuid, repaired integer)
  plpgsql volatile
  set enable_seqscan=off
system_health_counts(p_at timestamp with time zone DEFAULT NULL::timestamp with time zone)
  returns TABLE(total_tasks bigint, pending_tasks bigint, in_progress_tasks bigint, complete_tasks bigint, error_tasks bigint, cancelled_tasks bigint, resolved_manually_tasks bigint, total_steps bigint, pending_steps bigint, in_progress_steps bigint, complete_steps bigint, error_steps bigint, cancelled_steps bigint, resolved_manually_steps bigint, skipped_steps bigint, retryable_error_steps bigint, exhausted_retry_steps bigint, in_backoff_steps bigint, active_connections bigint, max_connections bigint)
  plpgsql stable
  set enable_seqscan=off, jit=off, plan_cache_mode=force_generic_plan
task_execution_context(p_task_ids uuid[], p_at timestamp with time zone DEFAULT NULL::timestamp with time zone)
  returns TABLE(task_id uuid, status text, total_steps integer, pending_steps integer, in_progress_steps integer, completed_steps integer, failed_steps integer, cancelled_steps integer, ready_steps integer, permanently_blocked_steps integer, next_due_at timestamp with time zone, execution_status text, recommended_action text, completion_percentage numeric, health_status text)
  sql stable
task_runs(p_kind text, p_task_ids uuid[])
  returns TABLE(definition_id integer, created_at timestamp with time zone, task_id uuid, step_no integer, duration interval)
  plpgsql stable
  set enable_seqscan=off, enable_hashjoin=off, enable_mergejoin=off, jit=off, plan_cache_mode=force_generic_plan
uncounted_tasks(p_with_open boolean, p_since timestamp with time zone, p_definitions integer[])
  returns uuid[]
  plpgsql stable
  set enable_seqscan=off, enable_hashjoin=off, enable_mergejoin=off, jit=off, plan_cache_mode=force_generic_plan

-- Triggers

CREATE TRIGGER journal_history AFTER INSERT ON tasker.step_claims REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION journal_history()
CREATE TRIGGER journal_history AFTER INSERT ON tasker.task_transitions REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION journal_history()
CREATE TRIGGER journal_history AFTER INSERT ON tasker.workflow_step_transitions REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION journal_history()
