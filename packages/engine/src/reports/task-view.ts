// One task as people and programs read it: its row, its steps with readiness and results, where it stands.
import { readAnnotations, type StoredAnnotation } from '../database/annotations.ts'
import type { Database } from '../database/connect.ts'
import { readSteps, type StepRow } from '../database/read-steps.ts'
import { readTasks, type ExecutionContextRow, type TaskRow } from '../database/read-tasks.ts'
import { generatedKey } from '../definitions/plan-steps.ts'
import { TaskerError } from '../errors.ts'
import type { TaskId } from '../ids.ts'
import type { Json, JsonObject } from '../json.ts'
import { priorities, satisfiedStates, type Priority } from '../states.ts'

export interface TaskView<Results = Readonly<Record<string, Json>>> extends Omit<
  TaskRow,
  'priority'
> {
  readonly priority: Priority
  readonly context: JsonObject
  /** What its caller knows it by; null: nothing but its id. */
  readonly correlationId: string | null
  readonly steps: readonly StepRow[]
  /** Results of satisfied steps, by step name; those of generated steps together, by key, under the step they come from. */
  readonly results: Results
  readonly execution: ExecutionContextRow
  readonly annotations: readonly StoredAnnotation[]
}

export async function readTaskView(
  database: Database,
  taskId: TaskId,
  at: Date | null,
): Promise<TaskView> {
  // The row first: when it says that the task has ended, what is read after it is the end of every part.
  const tasks = await readTasks(database, [taskId], at, { context: true, execution: true })
  const task = tasks.get(taskId)
  if (task === undefined || task.execution === null) throw taskNotFound(taskId, database.schema)
  const [steps, annotations] = await Promise.all([
    readSteps(database, [taskId], at, { results: true, errors: true, inputs: true }),
    readAnnotations(database, [taskId]),
  ])
  const ofTask = steps.get(taskId)
  if (ofTask === undefined) throw taskNotFound(taskId, database.schema) // pruned meanwhile
  return {
    ...task,
    priority: priorityName(task.priority),
    context: task.context ?? {},
    execution: task.execution,
    steps: ofTask,
    results: resultsOf(ofTask),
    annotations: annotations.get(taskId) ?? [],
  }
}

function resultsOf(steps: readonly StepRow[]): Readonly<Record<string, Json>> {
  const results = new Map<string, Json>()
  const groups = new Map<string, [string, Json][]>()
  for (const { name, handler, result } of steps.filter(isSatisfied)) {
    const key = generatedKey(handler, name)
    if (key === null) results.set(name, result)
    else {
      const entries = groups.get(handler) ?? []
      groups.set(handler, entries)
      entries.push([key, result])
    }
  }
  for (const [group, entries] of groups) results.set(group, Object.fromEntries(entries))
  return Object.fromEntries(results)
}

export const taskNotFound = (taskId: string, schema: string): TaskerError =>
  new TaskerError('TASK_NOT_FOUND', `Task ${taskId} is not in schema "${schema}".`, { taskId })

/** The word for a stored priority. */
export function priorityName(value: number): Priority {
  const names = Object.keys(priorities) as Priority[] // the keys of the table
  return names.find((name) => priorities[name] === value) ?? 'normal'
}

const isSatisfied = (step: StepRow): boolean => satisfiedStates.includes(step.state)
