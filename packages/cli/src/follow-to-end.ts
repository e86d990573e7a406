// Follows a task on the screen until it ends, then prints how it ended: `task run --follow`, `task rerun --follow`.
import type { Tasker } from '@tasker/engine'
import type { ExitCode } from './failure.ts'
import { followTask } from './follow-task.ts'
import { listenForStop } from './stop-signals.ts'
import { taskDocument } from './task-document.ts'
import { formatHead, formatResults } from './task-report.ts'
import type { Terminal } from './terminal.ts'

/** 0 when it is complete. A signal ends the following, not the task; `notice` says so. */
export async function followToEnd(
  tasker: Tasker,
  taskId: string,
  terminal: Terminal,
  { notice = 'The task goes on without being followed.' }: { readonly notice?: string } = {},
): Promise<ExitCode> {
  const stop = listenForStop(() => terminal.log(notice))
  try {
    terminal.print('')
    const task = await followTask(tasker, taskId, { terminal, stop: stop.requested })
    const parts = [formatHead(task, terminal), '', formatResults(task, terminal)]
    terminal.print(`${terminal.isLive ? '' : '\n'}${parts.join('\n')}`)
    terminal.document(taskDocument(task))
    return task.state === 'complete' ? 0 : 1
  } finally {
    stop.dispose()
  }
}
