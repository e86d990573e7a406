// The engine's log and the events of tasks as lines for people, on stderr.
import {
  formatDuration,
  plainLines,
  plainText,
  systemClock,
  type Logger,
  type Tasker,
} from '@tasker/engine'
import type { Terminal } from './terminal.ts'

/** Of no use in each line. */
const hidden: ReadonlySet<string> = new Set([
  'backtrace', // below the line, with --debug
  'component',
  'environment',
  'tasker_version',
  'process_id',
])

type Fields = Readonly<Record<string, unknown>>

/** `03:10:39 warn  message  key=value` */
export function lineLogger(terminal: Terminal): Logger {
  const { paintLog: paint } = terminal
  const line = (level: string, fields: Fields, message: string): void => {
    const time = new Date(systemClock.nowMs()).toISOString().slice(11, 19)
    const shown = Object.entries(fields)
      .filter(([key]) => !hidden.has(key))
      .map(([key, value]) => `${key}=${shownField(value)}`)
    const said = [
      `${level} ${plainText(message)}`,
      ...shown.map((field) => paint.dim(plainText(field))),
    ]
    const text = `${paint.dim(time)} ${said.join('  ')}`
    terminal.log(text)
    if (terminal.isDebug) {
      for (const frame of framesOf(fields)) terminal.log(plainLines(frame))
    }
  }
  return {
    debug: (fields, message) => {
      if (terminal.isDebug) line(paint.dim('debug'), fields, message)
    },
    info: (fields, message) => line(paint.green('info '), fields, message),
    warn: (fields, message) => line(paint.yellow('warn '), fields, message),
    error: (fields, message) => line(paint.red('error'), fields, message),
  }
}

/** Of an error that was given as it is, or that the engine has described. */
function framesOf({ error, backtrace }: Fields): readonly string[] {
  if (error instanceof Error) return [error.stack ?? '']
  return Array.isArray(backtrace) ? backtrace.map((frame) => `    at ${String(frame)}`) : []
}

function shownField(value: unknown): string {
  if (value instanceof Error) return JSON.stringify(value.message)
  if (value instanceof Date) return value.toISOString()
  return typeof value === 'string' && /^[\w./:@+-]+$/.test(value) ? value : JSON.stringify(value)
}

export interface EventLogging {
  /** Also each attempt that starts and each step that completes. */
  readonly isVerbose: boolean
  /** Tasks that are shown in another way. */
  readonly isShown: (taskId: string) => boolean
}

/** Logs how tasks end and what fails in between. */
export function logEvents(tasker: Tasker, logger: Logger, options: EventLogging): void {
  const { events } = tasker
  const stepFields = (event: { taskId: string; stepName: string; attempt: number }): Fields => ({
    taskId: event.taskId,
    step: event.stepName,
    attempt: event.attempt,
  })
  for (const name of ['task.completed', 'task.failed', 'task.cancelled'] as const) {
    events.on(name, (task) => {
      if (options.isShown(task.taskId)) return
      const ms = task.endedAt === null ? 0 : task.endedAt.getTime() - task.createdAt.getTime()
      const text = `${task.namespace}/${task.taskName} is ${task.state} after ${formatDuration(ms)}`
      logger[name === 'task.failed' ? 'error' : 'info']({ taskId: task.taskId }, text)
    })
  }
  events.on('step.failed', (step) => {
    if (options.isShown(step.taskId)) return
    const next = step.retryAt === null ? 'it is not tried again' : 'it will be tried again'
    logger.warn(
      { ...stepFields(step), of: step.retryLimit, message: step.error['message'] },
      `step failed, ${next}`,
    )
  })
  if (!options.isVerbose) return
  events.on('step.execution_requested', (step) => {
    if (!options.isShown(step.taskId)) logger.info(stepFields(step), 'step started')
  })
  events.on('step.completed', (step) => {
    if (options.isShown(step.taskId)) return
    logger.info(stepFields(step), `step complete after ${formatDuration(step.durationMs)}`)
  })
}
