// The little the engine asks of a logger, which pino satisfies; and what the engine's own lines are called by. Level 0: imports
// nothing of ours.

export interface Logger {
  debug(fields: Readonly<Record<string, unknown>>, message: string): void
  info(fields: Readonly<Record<string, unknown>>, message: string): void
  warn(fields: Readonly<Record<string, unknown>>, message: string): void
  error(fields: Readonly<Record<string, unknown>>, message: string): void
}

export type LogLevel = keyof Logger

/** The parts that write lines. `telemetry.logLevels` names them. */
export const logComponents = [
  'task',
  'step',
  'workflow',
  'worker',
  'handler',
  'application',
  'registry',
  'events',
  'http',
  'cache',
  'database',
  'performance',
] as const

export type LogComponent = (typeof logComponents)[number]

const ignore = (): void => undefined

/** Says nothing: the default of a library. */
export const silentLogger: Logger = { debug: ignore, info: ignore, warn: ignore, error: ignore }
