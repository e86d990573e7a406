// One task by its id, read as a row: what an operation asks for before it does something else.
import { TaskerError, type Tasker, type TaskSummary } from '@tasker/engine'

/** Of its context and execution only what is asked for. @throws {TaskerError} TASK_NOT_FOUND */
export async function requireTask(
  tasker: Tasker,
  taskId: string,
  asked: Parameters<Tasker['tasks']['getMany']>[1] = {},
): Promise<TaskSummary> {
  const [task] = await tasker.tasks.getMany([taskId], asked)
  if (task !== null && task !== undefined) return task
  throw noSuchTask(taskId, tasker)
}

/** In the words of the engine, so that a task that is hidden is told like one that there is not. */
export const noSuchTask = (taskId: string, { database }: Tasker): TaskerError =>
  new TaskerError('TASK_NOT_FOUND', `Task ${taskId} is not in schema "${database.schema}".`, {
    taskId,
  })
