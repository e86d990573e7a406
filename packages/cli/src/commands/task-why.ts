// `tasker task why`: for each step that is not done the reason, since when, and what happens next.
import type { ExitCode } from '../failure.ts'
import type { CommandContext } from '../program.ts'
import { formatReasons } from '../task-report.ts'
import { withTasker } from '../with-tasker.ts'

export async function taskWhy(command: CommandContext, taskId: string): Promise<ExitCode> {
  const { terminal } = command
  return withTasker(command, async (tasker) => {
    const report = await tasker.tasks.why(taskId)
    terminal.document(report)
    if (terminal.isJson) return 0
    terminal.print(`Task ${report.taskId}: ${report.summary}`)
    if (report.steps.length > 0) terminal.print(`\n${formatReasons(report.steps, terminal)}`)
    return 0
  })
}
