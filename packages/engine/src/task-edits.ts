// Edits of what is said of a task, and of what is given to its steps: each under the task's lock, with an entry in its history
// that says who, and refused when the task is not what the editor had read.
import type { Clock } from './clock.ts'
import { editTask, type Edited } from './database/edit-task.ts'
import type { Database } from './database/connect.ts'
import type { EngineOperations } from './events/operations.ts'
import type { TaskId } from './ids.ts'
import { requireTaskId, type OperatorActions } from './operator-actions.ts'
import { readTaskView, taskNotFound } from './reports/task-view.ts'
import {
  readAnnotation,
  readStepUpdate,
  readUpdate,
  type EditOrder,
  type NewAnnotation,
  type StepUpdate,
  type TaskUpdate,
} from './tasks/edit-order.ts'
import { editRefused, revisionConflict, stepsNotFound } from './tasks/refusal.ts'

export interface TaskEdit {
  readonly taskId: TaskId
  /** Of the task, after it. */
  readonly revision: number
  /** False: it was so already. */
  readonly isChanged: boolean
}

export interface TaskEdits {
  /**
   * Changes tags and reason at any time, and the priority of a task that may go on: of its steps that wait too, but for those
   * with a priority of their own.
   * @throws {TaskerError} MOVE_NOT_ALLOWED, REVISION_CONFLICT, TASK_NOT_FOUND, REQUEST_INVALID; so do the others
   */
  update(taskId: string, update: TaskUpdate): Promise<TaskEdit>
  /**
   * Changes the inputs of a step that has not started, and then its retry limit, as `setRetryLimit` does.
   * @throws {TaskerError} STEP_NOT_FOUND too
   */
  updateStep(taskId: string, step: string, update: StepUpdate): Promise<TaskEdit>
  /** Attaches a fact to the task, at any time. The same annotation written again is stored once. */
  annotate(taskId: string, annotation: NewAnnotation): Promise<TaskEdit>
}

export interface EditParts {
  readonly database: Database
  readonly clock: Clock
  readonly operations: EngineOperations
  readonly actions: OperatorActions
}

export function taskEdits({ database, clock, operations, actions }: EditParts): TaskEdits {
  const edit = async (
    taskId: TaskId,
    order: EditOrder,
    step: string | null = null,
  ): Promise<TaskEdit> => {
    const now = clock.databaseNow()
    const edited = await operations.run('operate', () =>
      editTask(database, { ...order, taskId, now }),
    )
    if (edited === null) throw taskNotFound(taskId, database.schema)
    if (edited.refused !== null) throw await refusal(edited, { taskId, step, order, database })
    return { taskId, revision: edited.revision, isChanged: edited.isChanged }
  }
  return {
    update: async (taskId, update) => edit(requireTaskId(taskId, database), readUpdate(update)),
    async updateStep(taskId, step, update) {
      const id = requireTaskId(taskId, database)
      const order = readStepUpdate(step, update)
      const given = order.hasInputs ? await edit(id, order, step) : null
      if (order.retryLimit === null && given !== null) return given
      const { revision, isChanged } = await actions.setRetryLimit(taskId, {
        step,
        limit: order.retryLimit ?? 1, // either of the two is there
        actor: order.actor,
        reason: order.reason,
        // What was expected has been compared, and was changed by ourselves.
        ...(given === null &&
          order.expectedRevision !== null && { expectedRevision: order.expectedRevision }),
      })
      return { taskId: id, revision, isChanged: isChanged || given?.isChanged === true }
    },
    annotate: async (taskId, annotation) =>
      edit(requireTaskId(taskId, database), readAnnotation(annotation)),
  }
}

async function refusal(
  { refused, state, stepState, revision }: Edited,
  about: {
    readonly taskId: TaskId
    readonly step: string | null
    readonly order: EditOrder
    readonly database: Database
  },
): Promise<Error> {
  const { taskId, step, order, database } = about
  if (refused === 'revision') return revisionConflict(taskId, order.expectedRevision, revision)
  if (refused === 'state' || step === null) return editRefused(taskId, { state, step, stepState })
  const { steps } = await readTaskView(database, taskId, null)
  return stepsNotFound(
    [step],
    steps.map(({ name }) => name),
    taskId,
  )
}
