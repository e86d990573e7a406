// Doing a task again with other data is making a task of one's own choice: who may only retry may not.
import type { Access } from './access.ts'

/** @throws {TaskerError} FORBIDDEN without `tasker.task:create` where a rerun brings a context or inputs */
export async function requireNewData(
  access: Access,
  taskId: string,
  { context, inputs }: { readonly context?: unknown; readonly inputs?: unknown },
): Promise<void> {
  if (context !== undefined || inputs !== undefined)
    await access.require('tasker.task:create', { taskId })
}
