// `tasker task history`: who did what to a task, when, why and how long it took, and where the time of its steps went.
import { formatAddress, plainText, TaskerError, type Timeline } from '@tasker/engine'
import type { ExitCode } from '../failure.ts'
import type { CommandContext } from '../program.ts'
import { formatEntries, formatSpan, formatStepTimes } from '../timeline-table.ts'
import { withTasker } from '../with-tasker.ts'
import { paintState } from '../wording.ts'

export interface TaskHistoryOptions {
  readonly step?: string
}

export async function taskHistory(
  command: CommandContext,
  taskId: string,
  { step }: TaskHistoryOptions,
): Promise<ExitCode> {
  const { terminal } = command
  return withTasker(command, async (tasker) => {
    const whole = await tasker.tasks.timeline(taskId)
    const timeline = step === undefined ? whole : ofStep(whole, step)
    terminal.document(timeline)
    if (terminal.isJson) return 0
    const { paint } = terminal
    const parts = [
      `${paint.bold(plainText(formatAddress(timeline)))}  ${paintState(timeline.state, timeline.state, paint)}`,
      `Task ${timeline.taskId}, ${formatSpan(timeline)}`,
      '',
      formatEntries(timeline, terminal),
      '',
      paint.bold('Where the time went'),
      formatStepTimes(timeline, terminal),
    ]
    terminal.print(parts.join('\n'))
    return 0
  })
}

function ofStep(timeline: Timeline, name: string): Timeline {
  const entries = timeline.entries.filter(({ step }) => step === name)
  const steps = timeline.steps.filter(({ step }) => step === name)
  if (entries.length > 0 || steps.length > 0) return { ...timeline, entries, steps }
  throw new TaskerError('STEP_NOT_FOUND', `Task ${timeline.taskId} has no step "${name}".`, {
    taskId: timeline.taskId,
    step: name,
  })
}
