// `tasker task cancel`: ends a task for good.
import type { ExitCode } from '../failure.ts'
import type { CommandContext } from '../program.ts'
import { withTasker } from '../with-tasker.ts'

export interface TaskCancelOptions {
  readonly reason?: string
}

export async function taskCancel(
  command: CommandContext,
  taskId: string,
  { reason }: TaskCancelOptions,
): Promise<ExitCode> {
  const { terminal } = command
  return withTasker(command, async (tasker) => {
    await tasker.tasks.cancel(taskId, {
      actor: 'cli',
      ...(reason === undefined ? {} : { reason }),
    })
    terminal.document({ taskId, state: 'cancelled' })
    terminal.print(`Task ${taskId} is cancelled.`)
    return 0
  })
}
