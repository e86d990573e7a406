// `tasker task show`: one task with its steps, results and history.
import type { ExitCode } from '../failure.ts'
import type { CommandContext } from '../program.ts'
import { formatErrors } from '../error-report.ts'
import { taskDocument } from '../task-document.ts'
import { formatHead, formatHistory, formatResults } from '../task-report.ts'
import { formatSteps } from '../task-table.ts'
import { withTasker } from '../with-tasker.ts'

export async function taskShow(command: CommandContext, taskId: string): Promise<ExitCode> {
  const { terminal } = command
  return withTasker(command, async (tasker) => {
    const task = await tasker.tasks.get(taskId)
    const history = await tasker.tasks.history(taskId)
    terminal.document(taskDocument(task, history))
    if (terminal.isJson) return 0
    const { paint, width, isLive } = terminal
    const errors = formatErrors(task.steps, terminal)
    const parts = [
      formatHead(task, terminal),
      '',
      formatSteps(task, { paint, width, hasMarks: isLive }),
      '',
      ...(errors === '' ? [] : [paint.bold('Errors'), errors, '']),
      paint.bold('Results'),
      formatResults(task, terminal),
      '',
      paint.bold('History'),
      formatHistory(task, history, terminal),
    ]
    terminal.print(parts.join('\n'))
    return 0
  })
}
