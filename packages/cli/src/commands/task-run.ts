// `tasker task run`: creates a task for whichever worker serves it, and follows it where asked to. With --file the
// definition comes from there, and a worker in this process runs what is followed.
import { createTasker, type DefinitionAddress, type Tasker } from '@tasker/engine'
import { asContext, readContext } from '../context-argument.ts'
import { UsageError, type ExitCode } from '../failure.ts'
import { followToEnd } from '../follow-to-end.ts'
import { commandLine } from '../invocation.ts'
import { survivingStrayErrors } from '../keep-running.ts'
import { lineLogger } from '../log-lines.ts'
import type { CommandContext } from '../program.ts'
import { loadSettings, withoutDefinitions, type Settings } from '../settings.ts'
import { readTaskFile } from '../task-file.ts'
import { readable } from '../why-report.ts'

export interface TaskRunOptions {
  readonly context?: string
  readonly key?: string
  readonly follow?: boolean
  readonly file?: string
  readonly once?: boolean
  readonly timeScale?: number
}

export async function taskRun(
  command: CommandContext,
  address: string | undefined,
  options: TaskRunOptions,
): Promise<ExitCode> {
  checkOptions(address, options)
  const context = await readContext(options.context)
  const settings = await loadSettings(command.options)
  const { tasker, asked } = await open(command, address, options, settings)
  try {
    return await run({ tasker, command, settings, options, asked, context })
  } finally {
    await tasker.close()
  }
}

function checkOptions(address: string | undefined, options: TaskRunOptions): void {
  const { file, once, timeScale } = options
  if (file !== undefined) {
    if (address === undefined) return
    throw new UsageError('Name a definition or a file, not both.')
  }
  if (address === undefined) throw new UsageError('Name a definition, or a file with --file.')
  if (once === true) throw new UsageError('--once belongs to --file, and there is none.')
  if (timeScale !== undefined) {
    throw new UsageError('--time-scale belongs to --file, and there is none.')
  }
}

interface Opened {
  readonly tasker: Tasker
  readonly asked: DefinitionAddress | string
}

async function open(
  { terminal }: CommandContext,
  address: string | undefined,
  { file, timeScale }: TaskRunOptions,
  settings: Settings,
): Promise<Opened> {
  const { parts, resolved } = settings
  const logger = parts.logger ?? lineLogger(terminal)
  if (file === undefined) {
    const tasker = await createTasker({ ...parts, logger, logs: false, resolved })
    return { tasker, asked: address ?? '' } // one of the two is given, see checkOptions
  }
  const definition = await readTaskFile(file, settings, timeScale)
  const given = { ...withoutDefinitions(settings), definitions: [definition] }
  const tasker = await createTasker({ ...given, logger, logs: false })
  survivingStrayErrors(logger)
  const { namespace, name, version } = definition
  return { tasker, asked: { namespace, name, version } }
}

interface Run extends Opened {
  readonly command: CommandContext
  readonly settings: Settings
  readonly options: TaskRunOptions
  readonly context: unknown
}

async function run({ tasker, asked, command, settings, options, context }: Run): Promise<ExitCode> {
  const { terminal } = command
  const { key, file } = options
  const isFollowed = options.follow === true || options.once === true
  const { taskId, created } = await tasker.tasks.create(asked, {
    context: asContext(context),
    initiator: 'cli',
    reason: 'tasker task run',
    ...(key === undefined ? {} : { idempotencyKey: key }),
  })
  terminal.print(`Task ${taskId}${created ? ' was created.' : ' exists already for this key.'}`)
  if (file !== undefined && isFollowed) {
    await tasker.worker.start()
    return followToEnd(tasker, taskId, terminal, {
      notice: 'Stopping: steps that run may end, and the task waits for another worker.',
    })
  }
  const why = await tasker.tasks.why(taskId)
  if (why.steps.some(({ reason }) => reason === 'no_worker')) terminal.log(readable(why.summary))
  if (isFollowed) return followToEnd(tasker, taskId, terminal)
  terminal.document({ taskId, created })
  const show = commandLine(['task', 'show', taskId], { options: command.options, settings })
  terminal.print(`Look at it:  ${show}`)
  return 0
}
