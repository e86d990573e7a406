// `tasker task list`: tasks, newest first, one page.
import { taskStates, type TaskListing, type TaskState } from '@tasker/engine'
import { formatTable, type Column } from '../columns.ts'
import { UsageError, type ExitCode } from '../failure.ts'
import { commandLine } from '../invocation.ts'
import type { CommandContext } from '../program.ts'
import { withTasker } from '../with-tasker.ts'
import { formatAddress, formatDuration, formatTime, paintState } from '../wording.ts'

export interface TaskListOptions {
  readonly state?: string
  readonly namespace?: string
  readonly name?: string
  readonly limit: number
  readonly after?: string
}

export async function taskList(
  command: CommandContext,
  options: TaskListOptions,
): Promise<ExitCode> {
  const { terminal } = command
  const { namespace, name, limit, after } = options
  const states = options.state === undefined ? undefined : readStates(options.state)
  return withTasker(command, async (tasker, settings) => {
    const page = await tasker.tasks.find({
      limit,
      ...(states === undefined ? {} : { states }),
      ...(namespace === undefined ? {} : { namespace }),
      ...(name === undefined ? {} : { name }),
      ...(after === undefined ? {} : { after }),
    })
    terminal.document(page)
    if (terminal.isJson) return 0
    terminal.print(page.tasks.length === 0 ? 'No tasks.' : tableOf(page.tasks, command))
    if (page.nextCursor !== null) {
      const words = ['task', 'list', ...sameOptions(options), '--after', page.nextCursor]
      const next = commandLine(words, { options: command.options, settings })
      terminal.log(terminal.paintLog.dim(`\nThere are more:  ${next}`))
    }
    return 0
  })
}

function readStates(text: string): readonly TaskState[] {
  const given = text.split(',').map((state) => state.trim())
  const known = taskStates.filter((state) => given.includes(state))
  const unknown = given.filter((state) => !known.some((name) => name === state))
  if (unknown.length === 0) return known
  throw new UsageError(
    `--state: ${unknown.map((state) => `"${state}"`).join(', ')} is no state of a task. ` +
      `Known are ${taskStates.join(', ')}.`,
  )
}

function sameOptions({ state, namespace, name, limit }: TaskListOptions): readonly string[] {
  return [
    ...(state === undefined ? [] : ['--state', state]),
    ...(namespace === undefined ? [] : ['--namespace', namespace]),
    ...(name === undefined ? [] : ['--name', name]),
    '--limit',
    String(limit),
  ]
}

function tableOf(tasks: readonly TaskListing[], { terminal }: CommandContext): string {
  const { paint, width } = terminal
  const columns: readonly Column<TaskListing>[] = [
    { title: 'Task', text: (task) => task.taskId },
    { title: 'Definition', text: formatAddress },
    {
      title: 'State',
      text: (task) => task.state,
      paint: (text, task) => paintState(text, task.state, paint),
    },
    { title: 'Created', text: (task) => formatTime(task.createdAt), paint: paint.dim },
    { title: 'Took', text: tookOf, align: 'right' },
  ]
  return formatTable(tasks, columns, { width, paintTitle: paint.dim })
}

function tookOf({ createdAt, endedAt }: TaskListing): string {
  return endedAt === null ? '' : formatDuration(endedAt.getTime() - createdAt.getTime())
}
