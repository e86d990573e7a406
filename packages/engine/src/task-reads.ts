// Reads of many tasks at once, by their ids: what a page, or a graph of objects, asks for without one question for each of
// them. One statement each, whatever the number of ids.
import type { Clock } from './clock.ts'
import {
  readAnnotations,
  readAnnotationTypes,
  type AnnotationType,
  type StoredAnnotation,
} from './database/annotations.ts'
import type { Database } from './database/connect.ts'
import { readSteps, type PayloadsAsked, type StepRow } from './database/read-steps.ts'
import { readTasks, type DetailsAsked, type TaskDetail } from './database/read-tasks.ts'
import { TaskerError } from './errors.ts'
import { parseTaskId, type TaskId } from './ids.ts'
import { priorityName } from './reports/task-view.ts'
import type { Priority } from './states.ts'

/** A task without its steps. `context` and `execution` are null where they were not asked for. */
export interface TaskSummary extends Omit<TaskDetail, 'priority'> {
  readonly priority: Priority
}

/** What takes ids answers in their order, and takes 100 at most: more are REQUEST_INVALID. */
export interface TaskReads {
  /** Null: there is no such task. */
  getMany(
    taskIds: readonly string[],
    asked?: Partial<DetailsAsked>,
  ): Promise<readonly (TaskSummary | null)[]>
  /** In the order of declaration; of a task that is none: none. What was not asked for is null in each step. */
  stepsOf(
    taskIds: readonly string[],
    asked?: Partial<PayloadsAsked>,
  ): Promise<readonly (readonly StepRow[])[]>
  /** Oldest first. `types`: only these. */
  annotationsOf(
    taskIds: readonly string[],
    options?: { readonly types?: readonly string[] },
  ): Promise<readonly (readonly StoredAnnotation[])[]>
  /** Types that the 100 newest tasks of each definition have. `namespaces`: only of these. */
  annotationTypes(options?: {
    readonly namespaces?: readonly string[]
  }): Promise<readonly AnnotationType[]>
}

export function taskReads({
  database,
  clock,
}: {
  readonly database: Database
  readonly clock: Clock
}): TaskReads {
  return {
    async getMany(taskIds, { context = false, execution = false } = {}) {
      const ids = readIds(taskIds)
      const tasks = await readTasks(database, known(ids), clock.databaseNow(), {
        context,
        execution,
      })
      return ids.map((id) => {
        const task = id === null ? undefined : tasks.get(id)
        return task === undefined ? null : { ...task, priority: priorityName(task.priority) }
      })
    },
    async stepsOf(taskIds, { results = false, errors = false, inputs = false } = {}) {
      const ids = readIds(taskIds)
      const steps = await readSteps(database, known(ids), clock.databaseNow(), {
        results,
        errors,
        inputs,
      })
      return ids.map((id) => (id === null ? [] : (steps.get(id) ?? [])))
    },
    async annotationsOf(taskIds, { types } = {}) {
      const ids = readIds(taskIds)
      const annotations = await readAnnotations(database, known(ids), types ?? null)
      return ids.map((id) => (id === null ? [] : (annotations.get(id) ?? [])))
    },
    annotationTypes: async ({ namespaces } = {}) =>
      readAnnotationTypes(database, namespaces ?? null),
  }
}

const idsMax = 100

/** What is no id is the id of no task. */
function readIds(taskIds: readonly string[]): readonly (TaskId | null)[] {
  if (taskIds.length <= idsMax) return taskIds.map(parseTaskId)
  throw new TaskerError(
    'REQUEST_INVALID',
    `${taskIds.length} tasks were asked for at once; ${idsMax} at most.`,
  )
}

const known = (ids: readonly (TaskId | null)[]): readonly TaskId[] => [
  ...new Set(ids.filter((id) => id !== null)),
]
