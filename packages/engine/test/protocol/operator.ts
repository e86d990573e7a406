// What an operator does in the lab: the engine's own caller of operate_tasks on one connection, so that a test can hold its
// transaction open.
import { operateTasks, type Operated, type OperateCall } from '../../src/database/operate.ts'
import type { TaskId } from '../../src/ids.ts'
import type { OperatorAction } from '../../src/tasks/operator-order.ts'
import type { Connection } from './lab.ts'

export type OperatorParts = Partial<Omit<OperateCall, 'taskIds' | 'action'>>

/** One task, all or nothing; `null` when there is no such task. */
export async function operate(
  on: Connection,
  action: OperatorAction,
  taskId: TaskId,
  parts: OperatorParts = {},
): Promise<Operated | null> {
  const [operated] = await operateAll(on, action, [taskId], { isWhole: true, ...parts })
  return operated ?? null
}

/** Any number of tasks, each for itself. */
export const operateAll = (
  on: Connection,
  action: OperatorAction,
  taskIds: readonly TaskId[],
  parts: OperatorParts = {},
): Promise<Operated[]> =>
  operateTasks(on.database, {
    taskIds,
    action,
    steps: null,
    result: 'null',
    moreAttempts: 1,
    limit: null,
    expectedRevision: null,
    actor: 'ana',
    reason: 'test',
    isWhole: false,
    isTrial: false,
    now: null,
    ...parts,
  })
