// The statements that run for every task or step or by themselves, whose plans hot-plans.test.ts reads; and the others, with
// the reason why it does not. A statement of src/database that is in neither list fails that test.
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** By the name under which they are prepared. */
export const hot: readonly string[] = [
  'acquire_cache_lock',
  'begin_audit_entry',
  'create_tasks',
  'delete_cache_entry',
  'end_audit_entry',
  'extend_cache_entry',
  'find_api_token',
  'finish_steps',
  'get_cache_entry',
  'increment_cache_entry',
  'is_task_known',
  'note_api_token_use',
  'notify',
  'operate_tasks',
  'prune_cache_entries',
  'prune_history_journal',
  'read_annotations',
  'read_cache_entry_time',
  'read_ended',
  'read_graphs',
  'read_journal_entries',
  'read_journal_standing',
  'read_parent_results',
  'read_steps',
  'read_tasks',
  'read_traces',
  'register_worker',
  'release_cache_lock',
  'renew_cache_lock',
  'renew_worker',
  'rescue_steps',
  'roll_up_tasks',
  'set_cache_entry',
  'settle_tasks',
  'stop_worker',
  'store_annotations',
  'sweep_due',
]

const question = 'a question that somebody asks; no worker asks it by itself'
const statistics = 'a question about all tasks, counted in test/statistics/cost.test.ts'
const report =
  'a question about all tasks, kept for a minute and a half; counted in test/statistics/distributions.test.ts'
const operator = 'an operator does it now and then'
const pruning = 'a batch of a pruning'
const traced = 'asked by keys, and only while somebody traces: of a lost attempt'
const exported =
  'one row of a table with a row for each target, once in `telemetry.exports.checkInterval` where exports are enabled'
const scrape = 'what a scrape of the metrics asks, once in five seconds at most'

export const cold: Readonly<Record<string, string>> = {
  add_export_updates: exported,
  analytics_metrics: statistics,
  begin_history_journal: 'once after a restore',
  calculate_dependency_levels: question,
  claim_export: exported,
  check_readiness: 'what a probe asks: one row, and the list of migrations',
  count_live_workers: scrape,
  count_tasks: question,
  count_workers: question,
  delay_export: exported,
  edit_task: operator,
  end_export: exported,
  create_api_token: operator,
  find_tasks: question,
  hold_namespace: operator,
  note_export: operator,
  order_export: operator,
  plan_exports: 'once when a worker starts',
  prune_audit_entries: pruning,
  prune_leftovers: pruning,
  prune_tasks: pruning,
  read_annotation_types: question,
  read_api_tokens: operator,
  read_audit_entries: question,
  read_definition_content: question,
  read_definition_versions: question,
  read_distributions: report,
  read_error_patterns: report,
  read_exports: question,
  read_history: question,
  read_lineage_steps: question,
  read_lineage_task: question,
  read_lineage_workers: question,
  read_lost_attempts: traced,
  read_mean_durations: question,
  read_namespace_history: question,
  read_namespaces: question,
  read_queue: scrape,
  read_recorded_durations: question,
  read_retries: report,
  read_running_counts: question,
  read_scope: question,
  read_standing: question,
  read_standing_steps: report,
  read_step_profiles: report,
  read_task_graph: question,
  read_task_profiles: report,
  read_task_version: question,
  read_time: pruning,
  read_usual_durations: question,
  read_versions_of: question,
  read_workers: question,
  recount_tasks: operator,
  register_definition: 'once for each definition when a process starts',
  rerun_task: operator,
  sample_ended_tasks: report,
  revoke_api_token: operator,
  rotate_api_token: operator,
  slowest_steps: statistics,
  slowest_tasks: statistics,
  system_health_counts: statistics,
  read_database_identity: 'once for each process: the first migration',
  read_definitions_mark: 'grows with the definitions, and is kept for a time; reads no tasks',
  read_namespace_sizes: 'grows with the definitions, and is kept for a time; reads no tasks',
}

/**
 * Asked without a name: on the connection of a step that runs in a transaction, where the handler's statements pass too. The
 * call that records its outcome is finish_steps itself.
 */
export const isOfTransaction = (text: string): boolean =>
  /\bset_config\('(?:tasker\.step|statement_timeout)'|\.finish_steps\(|^close all;/.test(text)

const source = join(import.meta.dirname, '../../src/database')

/** The names given to `run` in src/database. */
export function statementsInSource(): readonly string[] {
  const names = globSync('**/*.ts', { cwd: source })
    .flatMap((file) => [...readFileSync(join(source, file), 'utf8').matchAll(/\.run\(\s*'(\w+)'/g)])
    .map(([, name = '']) => name)
  return [...new Set(names)].toSorted()
}
