// The little the engine asks of a logger, which pino satisfies; and what the engine's own lines are called by. Level 0: imports
// nothing of ours.

export interface Logger {
  debug(fields: Readonly<Record<string, unknown>>, message: string): void
  info(fields: Readonly<Record<string, unknown>>, message: string): void
  warn(fields: Readonly<Record<string, unknown>>, message: string): void
  error(fields: Readonly<Record<string, unknown>>, message: string): void
}

/** The least first. */
export const logLevels = ['debug', 'info', 'warn', 'error'] as const satisfies (keyof Logger)[]
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

type Fields = Readonly<Record<string, unknown>>

/** Fields of somebody else beside our own, which nobody stands in for: `given_level` for a `level`. */
export const besideOwn = (given: Fields, isOwn: (name: string) => boolean): Fields =>
  Object.fromEntries(
    Object.entries(given).map(([name, value]) => [isOwn(name) ? `given_${name}` : name, value]),
  )

const ignore = (): void => undefined

/** Says nothing: the default of a library. */
export const silentLogger: Logger = { debug: ignore, info: ignore, warn: ignore, error: ignore }
