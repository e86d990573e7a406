// Follows one task until it ends, whichever process runs its steps: reads it again after each event
// of this process, and at least every quarter of a second.
import { isEnded, systemClock, type Tasker, type TaskView } from '@tasker/engine'
import { openProgress } from './progress.ts'
import type { Terminal } from './terminal.ts'

const pollIntervalMs = 250

/** Returns the task as it was last seen: ended, or still open when `stop` was aborted. */
export async function followTask(
  tasker: Tasker,
  taskId: string,
  { terminal, stop }: { readonly terminal: Terminal; readonly stop: AbortSignal },
): Promise<TaskView> {
  const progress = await openProgress(terminal)
  const changes = watchTask(tasker, taskId, stop)
  try {
    for (;;) {
      const changed = changes.next()
      const task = await tasker.tasks.get(taskId)
      const history = progress.readsHistory ? await tasker.tasks.history(taskId) : []
      progress.show(task, history)
      if (isEnded(task.state) || stop.aborted) return task
      await changed
    }
  } finally {
    changes.end()
    progress.end()
  }
}

/** `next` resolves at the next event of the task, after the poll interval, or when stopped. */
function watchTask(
  tasker: Tasker,
  taskId: string,
  stop: AbortSignal,
): { readonly next: () => Promise<void>; readonly end: () => void } {
  let change = Promise.withResolvers<void>()
  const notice = (): void => change.resolve()
  const names = [
    'step.execution_requested',
    'step.completed',
    'step.failed',
    'step.waiting',
    'task.completed',
    'task.failed',
    'task.cancelled',
  ] as const
  const unsubscribe = names.map((name) =>
    tasker.events.on(name, (event) => {
      if (event.taskId === taskId) notice()
    }),
  )
  stop.addEventListener('abort', notice)
  return {
    async next() {
      change = Promise.withResolvers()
      const cancelPoll = systemClock.schedule(pollIntervalMs, notice)
      await change.promise
      cancelPoll()
    },
    end() {
      for (const cancel of unsubscribe) cancel()
      stop.removeEventListener('abort', notice)
    },
  }
}
