// `tasker task analyse`: a task as a graph: what matters most, what failed, what holds it up.
import { formatAnalysis } from '../analysis-report.ts'
import type { ExitCode } from '../failure.ts'
import type { CommandContext } from '../program.ts'
import { withTasker } from '../with-tasker.ts'

export async function taskAnalyse(command: CommandContext, taskId: string): Promise<ExitCode> {
  const { terminal } = command
  return withTasker(command, async (tasker) => {
    const analysis = await tasker.reports.analysis(taskId)
    terminal.document(analysis)
    if (!terminal.isJson) terminal.print(formatAnalysis(analysis, terminal))
    return 0
  })
}
