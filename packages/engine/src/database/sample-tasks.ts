// Which tasks and definitions a look at a live database recounts: what is most likely wrong, what happened last, and rows
// that may have lost their task. What is recounted is invariants.ts.
import type { DefinitionId, TaskId } from '../ids.ts'
import type { Ask } from './connect.ts'
import type { InvariantSample } from './invariants.ts'

/**
 * The `countEach` oldest tasks that go on, the newest of all, and those that the newest rows of every table name, with or
 * without a task; and the definitions with no more than `countEach` ended tasks, whose statistics are compared.
 */
export async function sampleTasks(
  { ask, schema }: { readonly ask: Ask; readonly schema: string },
  countEach: number,
): Promise<InvariantSample> {
  const tasks = await ask(
    [
      `(select task_id from ${schema}.tasks where ended_at is null order by task_id limit $1)`,
      ...tables.map(
        (table) => `(select task_id from ${schema}.${table} order by task_id desc limit $1)`,
      ),
    ].join(' union '),
    [countEach],
  )
  const definitions = await ask(
    `select d.definition_id
     from ${schema}.definitions d
     left join ${schema}.task_counts c on c.span = 'all' and c.definition_id = d.definition_id
     where coalesce(c.tasks_complete + c.tasks_error + c.tasks_cancelled + c.tasks_resolved_manually, 0) <= $1`,
    [countEach],
  )
  return {
    taskIds: tasks.map((row) => row['task_id'] as TaskId), // uuid column
    definitionIds: definitions.map((row) => row['definition_id'] as DefinitionId), // identity column
  }
}

/** Their keys begin with the task, so the newest are found at once. */
const tables = [
  'tasks',
  'task_progress',
  'task_contexts',
  'task_annotations',
  'workflow_steps',
  'step_results',
  'due',
  'task_transitions',
  'workflow_step_transitions',
  'step_claims',
]
