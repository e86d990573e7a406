-- What processes rely on that know migration 7: every column, and the functions that they call. Later migrations may only
-- add to it, so that such processes can be started as long as an upgrade is under way; compatible.test.ts compares.
-- It is written anew, from sql/schema.snapshot.sql, when a migration raises schema_version.runs_from; never otherwise.

-- Columns

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
idempotency_keys.named_task_id integer not null
idempotency_keys.key text not null
idempotency_keys.task_id uuid not null
idempotency_keys.digest text not null
idempotency_keys.expires_at timestamp with time zone not null
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
schema_version.only_row boolean not null default true
schema_version.version text not null
schema_version.functions_checksum text not null
schema_version.migrated_at timestamp with time zone not null
schema_version.runs_from integer not null default 5
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

-- Functions

analytics_metrics(p_since timestamp with time zone DEFAULT NULL::timestamp with time zone, p_at timestamp with time zone DEFAULT NULL::timestamp with time zone, p_namespace text DEFAULT NULL::text, p_name text DEFAULT NULL::text, p_version text DEFAULT NULL::text)
  returns TABLE(active_tasks_count bigint, total_namespaces_count bigint, unique_task_types_count bigint, system_health_score numeric, task_throughput bigint, completion_count bigint, error_count bigint, completion_rate numeric, error_rate numeric, avg_task_duration numeric, avg_step_duration numeric, avg_step_wait numeric, step_throughput bigint, analysis_period_start timestamp with time zone, calculated_at timestamp with time zone)
calculate_dependency_levels(p_task_id uuid)
  returns TABLE(step_no integer, name text, dependency_level integer)
create_tasks(p_requests jsonb, p_lock_timeout_ms integer, p_now timestamp with time zone DEFAULT NULL::timestamp with time zone)
  returns TABLE(ordinal integer, owner_id uuid, is_created boolean, is_conflict boolean)
finish_steps(p_worker_id integer, p_call_id uuid, p_outcomes jsonb, p_waits boolean, p_want integer, p_lanes integer[], p_due_first boolean, p_settled uuid[], p_actor text, p_lost_limit integer, p_results_max_bytes integer, p_now timestamp with time zone DEFAULT NULL::timestamp with time zone)
  returns SETOF json
hold_namespace(p_namespace text, p_is_held boolean, p_actor text, p_reason text, p_now timestamp with time zone DEFAULT NULL::timestamp with time zone)
  returns TABLE(is_changed boolean)
operate_tasks(p_order jsonb, p_task_ids uuid[], p_actor text, p_reason text, p_is_whole boolean, p_is_trial boolean, p_now timestamp with time zone DEFAULT NULL::timestamp with time zone)
  returns SETOF jsonb
parent_results(p_task_id uuid, p_graph_id uuid, p_parents integer[])
  returns jsonb
prune_leftovers(p_after jsonb, p_keys_max integer, p_workers_before timestamp with time zone, p_is_trial boolean, p_now timestamp with time zone DEFAULT NULL::timestamp with time zone)
  returns json
prune_tasks(p_states text[], p_before timestamp with time zone, p_after uuid, p_namespace text, p_tasks_max integer, p_scan_max integer, p_is_trial boolean)
  returns json
recount_tasks()
  returns void
register_definition(p_definition jsonb)
  returns TABLE(stored_id integer, is_conflict boolean)
register_worker(p_host text, p_pid integer, p_version text, p_serves integer[], p_slots integer, p_lease_ms integer, p_now timestamp with time zone DEFAULT NULL::timestamp with time zone, p_slots_max integer DEFAULT NULL::integer, p_slots_in_use integer DEFAULT NULL::integer, p_slots_reason text DEFAULT NULL::text)
  returns integer
renew_worker(p_worker_id integer, p_lease_ms integer, p_slots integer, p_holding jsonb, p_calls uuid[], p_now timestamp with time zone DEFAULT NULL::timestamp with time zone, p_slots_max integer DEFAULT NULL::integer, p_slots_in_use integer DEFAULT NULL::integer, p_slots_reason text DEFAULT NULL::text)
  returns json
rerun_task(p_task_id uuid, p_new_id uuid, p_from text[], p_inputs jsonb, p_context jsonb, p_actor text, p_reason text, p_is_trial boolean, p_now timestamp with time zone DEFAULT NULL::timestamp with time zone)
  returns TABLE(old_state text, step text, is_run boolean, step_state text)
rescue_steps(p_worker_id integer, p_lease_ms integer, p_may_take_over boolean, p_lost_limit integer, p_receipts_max integer, p_now timestamp with time zone DEFAULT NULL::timestamp with time zone)
  returns SETOF json
roll_up_tasks(p_worker_id integer, p_tasks_max integer)
  returns integer
settle_tasks(p_task_ids uuid[], p_state text, p_actor text, p_reason text, p_now timestamp with time zone DEFAULT NULL::timestamp with time zone)
  returns TABLE(settled_id uuid, from_state text, is_settled boolean, last_seq integer)
slowest_steps(p_since timestamp with time zone DEFAULT NULL::timestamp with time zone, p_limit integer DEFAULT 10, p_namespace text DEFAULT NULL::text, p_name text DEFAULT NULL::text, p_version text DEFAULT NULL::text, p_at timestamp with time zone DEFAULT NULL::timestamp with time zone)
  returns TABLE(task_id uuid, step_no integer, step_name text, task_name text, namespace_name text, version text, duration_seconds numeric, total_seconds numeric, attempts integer, created_at timestamp with time zone, completed_at timestamp with time zone, retryable boolean, step_status text)
slowest_tasks(p_since timestamp with time zone DEFAULT NULL::timestamp with time zone, p_limit integer DEFAULT 10, p_namespace text DEFAULT NULL::text, p_name text DEFAULT NULL::text, p_version text DEFAULT NULL::text, p_at timestamp with time zone DEFAULT NULL::timestamp with time zone)
  returns TABLE(task_id uuid, task_name text, namespace_name text, version text, state text, duration_seconds numeric, step_count bigint, completed_steps bigint, error_steps bigint, created_at timestamp with time zone, completed_at timestamp with time zone, initiator text, source_system text)
step_readiness(p_task_ids uuid[], p_at timestamp with time zone DEFAULT NULL::timestamp with time zone)
  returns TABLE(task_id uuid, step_no integer, name text, current_state text, dependencies_satisfied boolean, retry_eligible boolean, ready_for_execution boolean, blocked_by text, blocked_detail text, last_failure_at timestamp with time zone, next_retry_at timestamp with time zone, total_parents integer, completed_parents integer, attempts integer, retry_limit integer, losses integer, waits integer, last_attempted_at timestamp with time zone, ended_at timestamp with time zone)
stop_worker(p_worker_id integer, p_now timestamp with time zone DEFAULT NULL::timestamp with time zone)
  returns void
sweep_due(p_worker_id integer, p_after_task uuid, p_after_due uuid, p_tasks_max integer, p_now timestamp with time zone DEFAULT NULL::timestamp with time zone)
  returns TABLE(last_task uuid, last_due uuid, repaired integer)
system_health_counts(p_at timestamp with time zone DEFAULT NULL::timestamp with time zone)
  returns TABLE(total_tasks bigint, pending_tasks bigint, in_progress_tasks bigint, complete_tasks bigint, error_tasks bigint, cancelled_tasks bigint, resolved_manually_tasks bigint, total_steps bigint, pending_steps bigint, in_progress_steps bigint, complete_steps bigint, error_steps bigint, cancelled_steps bigint, resolved_manually_steps bigint, skipped_steps bigint, retryable_error_steps bigint, exhausted_retry_steps bigint, in_backoff_steps bigint, active_connections bigint, max_connections bigint)
task_execution_context(p_task_ids uuid[], p_at timestamp with time zone DEFAULT NULL::timestamp with time zone)
  returns TABLE(task_id uuid, status text, total_steps integer, pending_steps integer, in_progress_steps integer, completed_steps integer, failed_steps integer, cancelled_steps integer, ready_steps integer, permanently_blocked_steps integer, next_due_at timestamp with time zone, execution_status text, recommended_action text, completion_percentage numeric, health_status text)
