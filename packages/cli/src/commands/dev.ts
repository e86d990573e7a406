// `tasker dev`: database, schema, definitions, a worker and the server in one command; with --run it also creates a task, shows it while
// it runs, and says what to try next. Unless --once ends it, this runs in a process that src/reload/ replaces when code changes.
import { relative } from 'node:path'
import {
  count,
  createTasker,
  formatAddress,
  formatDuration,
  isEnded,
  plainText,
  systemClock,
  type Tasker,
  type TaskView,
} from '@tasker/engine'
import { asContext, readContext } from '../context-argument.ts'
import { failureOf, UsageError, type ExitCode } from '../failure.ts'
import { formatStacks } from '../format-failure.ts'
import { followTask } from '../follow-task.ts'
import { commandLine } from '../invocation.ts'
import type { Listening } from '@tasker/server'
import { survivingStrayErrors } from '../keep-running.ts'
import { lineLogger, logEvents } from '../log-lines.ts'
import type { CommandContext } from '../program.ts'
import { serveBeside } from '../serve.ts'
import { loadSettings, type Settings } from '../settings.ts'
import { supervise } from '../reload/supervise.ts'
import { joinSupervisor, type SupervisorLink } from '../reload/supervised.ts'
import { listenForStop, untilAborted } from '../stop-signals.ts'
import { taskDocument } from '../task-document.ts'
import { formatHead, formatHistory, formatResults } from '../task-report.ts'
import { formatSteps } from '../task-table.ts'
import type { Terminal } from '../terminal.ts'
import { cliVersion } from '../version.ts'

export interface DevOptions {
  readonly run?: string
  readonly context?: string
  readonly once?: boolean
  readonly port?: number
  readonly open: boolean
  /** This process runs the steps for another one, which starts the next generation when files change. */
  readonly generation?: number
}

export async function dev(command: CommandContext, options: DevOptions): Promise<ExitCode> {
  const { terminal } = command
  checkOptions(options)
  if (options.generation === undefined) {
    return options.once === true ? runHere(command, options, null) : supervise(terminal)
  }
  const link = joinSupervisor()
  try {
    return await runHere(command, options, link)
  } catch (error) {
    if (link.hasPrepared()) throw error
    if (terminal.isDebug) terminal.log(await formatStacks(error))
    const failure = failureOf(error)
    await link.failed(failure)
    return failure.exitCode
  }
}

async function runHere(
  command: CommandContext,
  options: DevOptions,
  link: SupervisorLink | null,
): Promise<ExitCode> {
  const { terminal } = command
  const isFirst = (options.generation ?? 1) === 1
  const context = await readContext(options.context)
  const settings = await loadSettings(command.options)
  const stop = listenForStop(() => {
    if (link?.drain.aborted !== true)
      terminal.log('Stopping: steps that run may end. Press Ctrl-C again to stop at once.')
  })
  link?.onStop(() => stop.request())
  link?.onSay((text) => terminal.log(text))
  const end = link === null ? stop.requested : AbortSignal.any([stop.requested, link.drain])
  let tasker: Tasker | null = null
  let listening: Listening | null = null
  try {
    const shownOnce = isFirst ? terminal : { ...terminal, print: () => undefined }
    tasker = await start(settings, shownOnce)
    await link?.prepared(tasker.definitions.list().length, end)
    if (end.aborted) return options.once === true ? 1 : 0
    if (options.once !== true) {
      const opensBrowser = options.open && isFirst
      const port = options.port ?? null
      listening = await serveBeside(tasker, shownOnce, { port, opensBrowser })
    }
    const shown = new Set<string>()
    const logger = settings.parts.logger ?? lineLogger(terminal)
    logEvents(tasker, logger, { isVerbose: false, isShown: (taskId) => shown.has(taskId) })
    survivingStrayErrors(logger)
    return await work({ tasker, command, options, context, settings, end, link, isFirst, shown })
  } finally {
    const served = listening?.close() // the port is free at once, for the next generation
    const closed = tasker?.close()
    if (link?.drain.aborted === true) sayWhatRuns(tasker?.worker.runningCount ?? 0, terminal)
    link?.draining() // closing claims nothing more
    await served
    await closed
    stop.dispose()
  }
}

function sayWhatRuns(runningCount: number, terminal: Terminal): void {
  if (runningCount === 0) return
  terminal.log(`The old code ends what it runs: ${count(runningCount, 'step')}.`)
}

function checkOptions({ run, once, context }: DevOptions): void {
  if (run !== undefined) return
  if (once === true) throw new UsageError('--once ends with the task of --run, and there is none.')
  if (context !== undefined) throw new UsageError('--context belongs to --run, and there is none.')
}

async function start(settings: Settings, terminal: Terminal): Promise<Tasker> {
  const { paint } = terminal
  const { parts } = settings
  const resolved = settings.forDevelopment()
  const { database } = resolved.config
  terminal.print(`${paint.bold('Tasker')} ${cliVersion}`)
  if (database.url === null) {
    const folder = relative(process.cwd(), database.embedded) || '.'
    terminal.print(paint.dim(`Starting the embedded PostgreSQL in ${folder} …`))
  }
  const startedMs = systemClock.monotonicMs()
  const logger = parts.logger ?? lineLogger(terminal)
  const tasker = await createTasker({ ...parts, logger, logs: false, resolved })
  const took = formatDuration(systemClock.monotonicMs() - startedMs)
  const where = tasker.database.isEmbedded ? 'embedded PostgreSQL' : tasker.database.url
  const facts = [
    ['Database', `${where}, schema ${tasker.database.schema}, ready after ${took}`],
    ['Definitions', plainText(tasker.definitions.list().map(formatAddress).join(', ')) || 'none'],
  ]
  for (const [name = '', text = ''] of facts) {
    terminal.print(`${paint.dim(name.padEnd(12))}${text}`)
  }
  return tasker
}

interface Session {
  readonly tasker: Tasker
  readonly command: CommandContext
  readonly options: DevOptions
  readonly context: unknown
  readonly settings: Settings
  /** Aborted by a person, or when newer code takes over. */
  readonly end: AbortSignal
  readonly link: SupervisorLink | null
  /** Whose task is followed, and who says what to try. */
  readonly isFirst: boolean
  /** Tasks that are shown as tables, not logged. */
  readonly shown: Set<string>
}

async function work(session: Session): Promise<ExitCode> {
  const { options, end, link, isFirst, shown } = session
  const isRunning = isFirst && options.run !== undefined
  const task = isRunning ? await runTask(session, options.run) : null
  if (link?.drain.aborted === true) return 0
  if (task !== null && (options.once === true || !isEnded(task.state))) sayWhereItIs(session, task)
  if (options.once === true) return task?.state === 'complete' ? 0 : 1
  if (!isRunning) await startWorker(session)
  shown.clear() // should it go on after all, the log tells
  if (!end.aborted) {
    if (isFirst) sayWhatToTry(session, task)
    await untilAborted(end)
  }
  return 0
}

async function startWorker({ tasker, link }: Session): Promise<void> {
  await tasker.worker.start()
  link?.serving()
}

async function runTask(session: Session, address: string): Promise<TaskView> {
  const { tasker, command, context, end, link, shown } = session
  const { terminal } = command
  const { taskId } = await tasker.tasks.create(address, {
    context: asContext(context),
    initiator: 'cli',
    reason: 'tasker dev',
  })
  shown.add(taskId)
  terminal.print(`${terminal.paint.dim('Task'.padEnd(12))}${taskId}\n`)
  await startWorker(session)
  const task = await followTask(tasker, taskId, { terminal, stop: end })
  if (link?.drain.aborted === true && !isEnded(task.state)) {
    terminal.log(`Task ${taskId} goes on with the new code; the log says how it ends.`)
    return task
  }
  const history = await tasker.tasks.history(taskId)
  const { paint, width } = terminal
  const parts = [
    // On a screen the table is there already.
    ...(terminal.isLive ? [] : ['', formatSteps(task, { paint, width, hasMarks: false })]),
    '',
    formatHead(task, terminal),
    '',
    paint.bold('Results'),
    formatResults(task, terminal),
    '',
    paint.bold('History'),
    formatHistory(task, history, terminal),
    '',
  ]
  terminal.print(parts.join('\n'))
  terminal.document(taskDocument(task))
  return task
}

function sayWhereItIs({ command, settings }: Session, task: TaskView): void {
  const { terminal, options } = command
  const hasEnded = isEnded(task.state)
  const words = ['task', hasEnded ? 'show' : 'why', task.taskId]
  const what = hasEnded ? 'Look at it again' : 'It goes on when a worker runs again'
  terminal.print(`${what}:  ${commandLine(words, { options, settings })}`)
}

function sayWhatToTry(session: Session, task: TaskView | null): void {
  const { tasker, command, options, settings } = session
  const { terminal } = command
  const { paint } = terminal
  const line = (words: readonly string[]): string =>
    commandLine(words, { options: command.options, settings })
  const [first] = tasker.definitions.list()
  const address = options.run ?? (first === undefined ? null : `${first.namespace}/${first.name}`)
  const contextWords = options.context === undefined ? [] : ['--context', options.context]
  const proposals = [
    ...(task === null ? [] : [['Look at that task again', line(['task', 'show', task.taskId])]]),
    ...(address === null
      ? []
      : [['Run another', line(['task', 'run', address, ...contextWords, '--follow'])]]),
    ['List all tasks', line(['task', 'list'])],
    ['List what can run', line(['definitions'])],
  ]
  const served = count(tasker.definitions.list().length, 'definition')
  terminal.print(
    `The worker goes on and serves ${served}; Ctrl-C stops it. To try in another terminal:\n`,
  )
  for (const [what = '', text = ''] of proposals) {
    terminal.print(`  ${paint.dim(`# ${what}`)}\n  ${paint.cyan(text)}`)
  }
  terminal.print('')
}
