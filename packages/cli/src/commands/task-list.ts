// `tasker task list`: tasks, newest first, one page.
import { formatAddress, formatDuration, type TaskListing } from '@tasker/engine'
import { formatTable, type Column } from '../columns.ts'
import type { ExitCode } from '../failure.ts'
import { commandLine } from '../invocation.ts'
import type { CommandContext } from '../program.ts'
import { filterWords, readFilter, type FilterOptions } from '../task-filter.ts'
import { withTasker } from '../with-tasker.ts'
import { formatTime, paintState } from '../wording.ts'

export interface TaskListOptions extends FilterOptions {
  readonly limit: number
  readonly after?: string
}

export async function taskList(
  command: CommandContext,
  options: TaskListOptions,
): Promise<ExitCode> {
  const { terminal } = command
  const { limit, after } = options
  const filter = readFilter(options)
  return withTasker(command, async (tasker, settings) => {
    const page = await tasker.tasks.find({
      ...filter,
      limit,
      ...(after === undefined ? {} : { after }),
    })
    terminal.document(page)
    if (terminal.isJson) return 0
    terminal.print(page.tasks.length === 0 ? 'No tasks.' : tableOf(page.tasks, command))
    if (page.nextCursor !== null) {
      const place = ['--limit', String(limit), '--after', page.nextCursor]
      const words = ['task', 'list', ...filterWords(filter), ...place]
      const next = commandLine(words, { options: command.options, settings })
      terminal.log(terminal.paintLog.dim(`\nThere are more:  ${next}`))
    }
    return 0
  })
}

function tableOf(tasks: readonly TaskListing[], { terminal }: CommandContext): string {
  const { paint, width } = terminal
  const columns: readonly Column<TaskListing>[] = [
    { title: 'Task', text: (task) => task.taskId },
    { title: 'Definition', text: formatAddress },
    {
      title: 'State',
      text: (task) => (task.isHeld ? `${task.state}, held` : task.state),
      paint: (text, task) => paintState(text, task.state, paint),
    },
    { title: 'Created', text: (task) => formatTime(task.createdAt), paint: paint.dim },
    { title: 'Took', text: tookOf, align: 'right' },
    ...(tasks.some(({ rerunOf }) => rerunOf !== null) ? [rerunColumn] : []),
  ]
  return formatTable(tasks, columns, { width, paintTitle: paint.dim })
}

/** Only where there is one: ids are wide. */
const rerunColumn: Column<TaskListing> = {
  title: 'Rerun of',
  text: ({ rerunOf }) => rerunOf ?? '',
}

function tookOf({ createdAt, endedAt }: TaskListing): string {
  return endedAt === null ? '' : formatDuration(endedAt.getTime() - createdAt.getTime())
}
