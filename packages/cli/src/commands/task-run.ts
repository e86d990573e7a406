// `tasker task run`: creates a task for whichever worker serves it, and follows it where asked to.
import { createTasker, type Tasker } from '@tasker/engine'
import { asContext, readContext } from '../context-argument.ts'
import type { ExitCode } from '../failure.ts'
import { followTask } from '../follow-task.ts'
import { commandLine } from '../invocation.ts'
import { lineLogger } from '../log-lines.ts'
import type { CommandContext } from '../program.ts'
import { loadSettings } from '../settings.ts'
import { listenForStop } from '../stop-signals.ts'
import { taskDocument } from '../task-document.ts'
import { formatHead, formatResults } from '../task-report.ts'

export interface TaskRunOptions {
  readonly context?: string
  readonly key?: string
  readonly follow?: boolean
}

export async function taskRun(
  command: CommandContext,
  address: string,
  { context: given, key, follow }: TaskRunOptions,
): Promise<ExitCode> {
  const { terminal, options } = command
  const context = await readContext(given)
  const settings = await loadSettings(options)
  const { parts, resolved } = settings
  const logger = parts.logger ?? lineLogger(terminal)
  const tasker = await createTasker({ ...parts, logger, resolved })
  try {
    const { taskId, created } = await tasker.tasks.create(address, {
      context: asContext(context),
      initiator: 'cli',
      reason: 'tasker task run',
      ...(key === undefined ? {} : { idempotencyKey: key }),
    })
    terminal.print(`Task ${taskId}${created ? ' was created.' : ' exists already for this key.'}`)
    const why = await tasker.tasks.why(taskId)
    if (why.summary.startsWith('No live worker')) terminal.log(why.summary)
    if (follow === true) return await showUntilEnded(tasker, taskId, command)
    terminal.document({ taskId, created })
    terminal.print(`Look at it:  ${commandLine(['task', 'show', taskId], { options, settings })}`)
    return 0
  } finally {
    await tasker.close()
  }
}

async function showUntilEnded(
  tasker: Tasker,
  taskId: string,
  { terminal }: CommandContext,
): Promise<ExitCode> {
  const stop = listenForStop(() => terminal.log('The task goes on without being followed.'))
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
