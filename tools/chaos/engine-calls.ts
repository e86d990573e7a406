// Every statement that the engine's source names, read from the source itself: what a list of crash points must account for.
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Where all statements stand: `operations.run`, elsewhere, names what an operation is. */
const source = join(import.meta.dirname, '..', '..', 'packages', 'engine', 'src', 'database')

/** Names given to `database.run`, and those that are passed on as `name`. */
export function callsInSource(): readonly string[] {
  const called = /\.run\(\s*'(\w+)'/g
  const names = globSync('**/*.ts', { cwd: source }).flatMap((file) =>
    [...readFileSync(join(source, file), 'utf8').matchAll(called)].flatMap(([, name]) =>
      name === undefined ? [] : [name],
    ),
  )
  return [...new Set(names)].toSorted()
}

/** The store in the database: no task knows of it, and no claim hangs on it. */
export const callsOfTheCache: readonly string[] = [
  'acquire_cache_lock',
  'delete_cache_entry',
  'extend_cache_entry',
  'get_cache_entry',
  'increment_cache_entry',
  'read_cache_entry_time',
  'release_cache_lock',
  'renew_cache_lock',
  'set_cache_entry',
]

/** The schedule of exports: rows of a table of its own. Its tests have its races. */
export const callsOfExports: readonly string[] = [
  'add_export_updates',
  'claim_export',
  'delay_export',
  'end_export',
  'note_export',
  'order_export',
  'plan_exports',
  'read_exports',
]

/** Of those, what no worker sends: requests, operators and reports, which hold no claim that a crash could lose. */
export const neverSentByWorkers: readonly string[] = [
  ...callsOfTheCache,
  ...callsOfExports,
  'analytics_metrics',
  'begin_audit_entry',
  'begin_history_journal',
  'calculate_dependency_levels',
  'check_readiness',
  'count_live_workers',
  'count_tasks',
  'count_workers',
  'create_api_token',
  'create_tasks',
  'edit_task',
  'end_audit_entry',
  'find_api_token',
  'find_tasks',
  'hold_namespace',
  'is_task_known',
  'note_api_token_use',
  'operate_tasks',
  'prune_audit_entries',
  'prune_leftovers',
  'prune_tasks',
  'read_annotation_types',
  'read_annotations',
  'read_api_tokens',
  'read_audit_entries',
  'read_database_identity',
  'read_definition_content',
  'read_definition_versions',
  'read_definitions_mark',
  'read_distributions',
  'read_ended',
  'read_error_patterns',
  'read_history',
  'read_journal_entries',
  'read_journal_standing',
  'read_lineage_steps',
  'read_lineage_task',
  'read_lineage_workers',
  'read_lost_attempts',
  'read_mean_durations',
  'read_namespace_history',
  'read_namespace_sizes',
  'read_namespaces',
  'read_queue',
  'read_recorded_durations',
  'read_retries',
  'read_running_counts',
  'read_scope',
  'read_standing',
  'read_standing_steps',
  'read_step_profiles',
  'read_task_graph',
  'read_task_profiles',
  'read_task_version',
  'read_time',
  'read_traces',
  'read_usual_durations',
  'read_versions_of',
  'read_workers',
  'recount_tasks',
  'rerun_task',
  'revoke_api_token',
  'rotate_api_token',
  'sample_ended_tasks',
  'slowest_steps',
  'slowest_tasks',
  'system_health_counts',
]
