// Lets a task live its whole life on a test clock: runs what is due, moves time to the next due step, and so on.
import type { TaskView } from '../reports/task-view.ts'
import { isEnded } from '../states.ts'
import type { Tasker } from '../tasker-interface.ts'
import type { TestClock } from './test-clock.ts'

/**
 * Runs a task until it has ended, its annotations included, or until nothing of it can progress: no step is due now or
 * later. The worker must be started, on this clock. Waits for running handlers and never for real time.
 */
export async function runToEnd(
  tasker: Pick<Tasker, 'tasks' | 'worker'>,
  taskId: string,
  clock: TestClock,
): Promise<TaskView> {
  for (let idleTurns = 0; ;) {
    tasker.worker.wake()
    await tasker.worker.idle()
    const task = await tasker.tasks.get(taskId)
    const { nextDueAt } = task.execution
    if (isEnded(task.state) || nextDueAt === null) return task
    // Due and still not run: held, of another worker's definition, or the worker was not started.
    idleTurns = nextDueAt <= clock.now() ? idleTurns + 1 : 0
    if (idleTurns > 1) return task
    await clock.advanceTo(nextDueAt)
  }
}
