// The little the engine asks of a logger; pino satisfies it. Level 0: imports nothing of ours.

export interface Logger {
  debug(fields: Readonly<Record<string, unknown>>, message: string): void
  info(fields: Readonly<Record<string, unknown>>, message: string): void
  warn(fields: Readonly<Record<string, unknown>>, message: string): void
  error(fields: Readonly<Record<string, unknown>>, message: string): void
}

const ignore = (): void => undefined

/** Says nothing: the default of a library. */
export const silentLogger: Logger = { debug: ignore, info: ignore, warn: ignore, error: ignore }
