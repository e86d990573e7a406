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

/** Of those, what no worker sends: requests, operators and reports, which hold no claim that a crash could lose. */
export const neverSentByWorkers: readonly string[] = [
  'analytics_metrics',
  'begin_history_journal',
  'calculate_dependency_levels',
  'count_live_workers',
  'count_tasks',
  'create_tasks',
  'edit_task',
  'find_tasks',
  'hold_namespace',
  'is_task_known',
  'operate_tasks',
  'prune_leftovers',
  'prune_tasks',
  'read_annotation_types',
  'read_annotations',
  'read_definition_content',
  'read_definition_versions',
  'read_ended',
  'read_history',
  'read_journal_entries',
  'read_journal_standing',
  'read_lineage_steps',
  'read_lineage_task',
  'read_lineage_workers',
  'read_lost_attempts',
  'read_mean_durations',
  'read_namespace_history',
  'read_namespaces',
  'read_queue',
  'read_recorded_durations',
  'read_running_counts',
  'read_scope',
  'read_standing',
  'read_task_graph',
  'read_traces',
  'read_time',
  'read_versions_of',
  'read_workers',
  'recount_tasks',
  'rerun_task',
  'slowest_steps',
  'slowest_tasks',
  'system_health_counts',
]
