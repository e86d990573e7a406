// `tasker task why`: why a task does not progress, what happens next, and which command would change it.
import type { ExitCode } from '../failure.ts'
import { copyable } from '../invocation.ts'
import type { CommandContext } from '../program.ts'
import { formatWhy } from '../why-report.ts'
import { withTasker } from '../with-tasker.ts'

export async function taskWhy(command: CommandContext, taskId: string): Promise<ExitCode> {
  const { terminal } = command
  return withTasker(command, async (tasker, settings) => {
    const report = await tasker.tasks.why(taskId)
    terminal.document(report)
    if (terminal.isJson) return 0
    const { paint, width } = terminal
    const needs = { options: command.options, settings }
    terminal.print(formatWhy(report, { paint, width, copyable: (each) => copyable(each, needs) }))
    return 0
  })
}
