// All lines of a Tasker, on their one way: is it written, which fields has it, without what must not be seen, and to whom: the
// host's logger, or a destination of our own through pino. Nothing here throws into who writes a line.
import type { Clock } from '../../clock.ts'
import type { Config } from '../../config.ts'
import { snakeCase } from '../../config/names.ts'
import { currentScope } from '../../correlation.ts'
import type { JsonObject } from '../../json.ts'
import { besideOwn, type LogComponent, type Logger, type LogLevel } from '../../log.ts'
import { packageVersion } from '../../version.ts'
import { createParameterFilter } from '../parameter-filter.ts'
import type { KeepLine } from '../recent/recent.ts'
import { remembered } from '../remembered.ts'
import type { RoutePriority } from '../router/router.ts'
import { lineFields, type Fields } from './line-fields.ts'
import type { LineForm } from './formats.ts'
import { pinoLogger } from './own-logger.ts'
import type { Pino } from './pino.ts'
import { createSink, type LogDestination } from './sink.ts'

export interface Line {
  readonly level: LogLevel
  readonly component: LogComponent
  readonly message: string
  readonly fields: Fields
  /** Which lines are dropped first when the destination cannot keep up. Default: by level. */
  readonly priority?: RoutePriority
  /** Its names become snake_case. */
  readonly isOfEngine?: boolean
  /** The same, and it says all of itself: the scope that it is told in may be that of another task. */
  readonly isEvent?: boolean
}

export interface Logs {
  /** Lines of the engine. */
  of(component: LogComponent): Logger
  /** Lines of the host and its handlers: their names stay as they are. */
  readonly handlers: Logger
  readonly application: Logger
  readonly isWritten: (component: LogComponent, level: LogLevel) => boolean
  readonly write: (line: Line) => void
  /** The fields of the request or step that runs here, for lines that the host writes itself. */
  context(): JsonObject
  close(): void
}

/** The trace that is active where a line is written. */
export interface ActiveSpan {
  readonly traceId: string
  readonly spanId: string
}

export interface LogParts {
  readonly config: Config
  readonly clock: Clock
  /** Null: what is written goes to `own`, or nowhere. */
  readonly logger: Logger | null
  /** Lines of our own: where they go, and what writes them. */
  readonly own: {
    readonly destination: LogDestination
    readonly pino: Pino
    readonly isTerminal: boolean
  } | null
  /** Keeps the last lines. Null: nobody asked for it. */
  readonly keepLine?: KeepLine | null
  readonly activeSpan: () => ActiveSpan | null
  /** Null: there is no worker, or it has not started. */
  readonly workerId: () => number | null
}

const asIs = (name: string): string => name

const ranks: Readonly<Record<LogLevel | 'fatal', number>> = {
  debug: 0,
  info: 1,
  warn: 2,
  error: 3,
  fatal: 4,
}

const priorities: Readonly<Record<LogLevel, RoutePriority>> = {
  debug: 'low',
  info: 'normal',
  warn: 'high',
  error: 'critical',
}

/** Of every line: no field of a host takes their places. */
const ownNames: ReadonlySet<string> = new Set([
  'timestamp',
  'level',
  'message',
  'component',
  'environment',
  'tasker_version',
  'process_id',
  'worker_id',
])

const identityNames: ReadonlySet<string> = new Set([
  'correlation_id',
  'task_id',
  'task_name',
  'namespace',
  'version',
  'step_id',
  'step_name',
  'attempt',
  'event',
  'event_id',
])

export function openLogs(parts: LogParts): Logs {
  const { config, own } = parts
  const { telemetry } = config
  const filter = createParameterFilter(telemetry)
  const nameOf = remembered(snakeCase)
  const about = {
    environment: config.engine.environment,
    tasker_version: packageVersion,
    process_id: process.pid,
  }
  const sink =
    own === null
      ? null
      : createSink(own.destination, (count) =>
          write({
            level: 'warn',
            component: 'application',
            message: 'Log lines were dropped: their destination could not keep up',
            fields: { count },
          }),
        )
  let priority: RoutePriority = 'normal'
  const target =
    parts.logger ??
    (own === null || sink === null
      ? null
      : pinoLogger(own.pino, {
          clock: parts.clock,
          form: formOf(telemetry, own.isTerminal),
          write: (line) => sink.write(line, priority),
        }))

  const { keepLine = null } = parts
  const isWritten = (component: LogComponent, level: LogLevel): boolean =>
    (target !== null || keepLine !== null) &&
    ranks[level] >= ranks[telemetry.logLevels[component] ?? telemetry.logLevel]

  const context = (): JsonObject => {
    const scope = currentScope()
    const span = parts.activeSpan()
    return filter.fields({
      ...(scope === undefined ? {} : { correlation_id: scope.correlationId, ...scope.fields?.() }),
      ...(span === null ? {} : { trace_id: span.traceId, span_id: span.spanId }),
    })
  }
  const readableContext = (): JsonObject => {
    try {
      return context()
    } catch {
      return { filter_error: true }
    }
  }
  const fieldsOf = ({ fields, isOfEngine = false, isEvent = false }: Line): JsonObject => {
    const workerId = parts.workerId()
    const worker = workerId === null ? {} : { worker_id: workerId }
    const isOurs = isOfEngine || isEvent
    const around = isEvent ? {} : readableContext()
    try {
      const named = isOurs ? fields : besideOwn(fields, (name) => ownNames.has(name))
      return {
        ...worker,
        ...around,
        ...filter.fields(lineFields(named, isOurs ? nameOf : asIs)),
      }
    } catch {
      return { ...worker, ...around, ...identityOf(fields), filter_error: true }
    }
  }
  /** What a line is about, when the rest of it cannot be read. */
  const identityOf = (fields: Fields): JsonObject => {
    try {
      const told = Object.entries(fields).filter(([name]) => identityNames.has(snakeCase(name)))
      return filter.fields(lineFields(Object.fromEntries(told), nameOf))
    } catch {
      return {}
    }
  }
  const write = (line: Line): void => {
    const { level, component } = line
    try {
      if (!isWritten(component, level)) return
      const message = filter.text(line.message)
      const fields = fieldsOf(line)
      keepLine?.({ level, component, message, fields })
      priority = line.priority ?? priorities[level]
      target?.[level]({ component, ...about, ...fields }, message)
    } catch {
      // Nowhere left to say it.
    }
  }
  const loggerOf = (component: LogComponent, isOfEngine: boolean): Logger => {
    const at =
      (level: LogLevel): Logger['info'] =>
      (fields, message) =>
        write({ level, component, fields, message, isOfEngine })
    return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
  }
  return {
    of: (component) => loggerOf(component, true),
    handlers: loggerOf('handler', false),
    application: loggerOf('application', false),
    isWritten,
    write,
    context: readableContext,
    close() {
      try {
        sink?.close()
      } catch {
        // The destination is gone, and what waited for it with it.
      }
    },
  }
}

/** A person at a terminal reads lines, a program objects; what is asked for by name is what is written. */
function formOf(
  { structuredLoggingEnabled, logFormat }: Config['telemetry'],
  isTerminal: boolean,
): LineForm {
  if (!structuredLoggingEnabled) return 'text'
  return isTerminal && logFormat === 'json' ? 'terminal' : logFormat
}
