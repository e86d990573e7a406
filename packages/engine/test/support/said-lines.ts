// A logger that keeps what it is told, from information upwards, as `level: message`.
import type { Logger, LogLevel } from '../../src/log.ts'

export interface SaidLines {
  readonly logger: Logger
  readonly lines: () => readonly string[]
}

/** `about`: only lines with this in them. */
export function saidLines(about = ''): SaidLines {
  const said: string[] = []
  const keep =
    (level: LogLevel) =>
    (_fields: object, message: string): void =>
      void said.push(`${level}: ${message}`)
  return {
    logger: {
      debug: () => undefined,
      info: keep('info'),
      warn: keep('warn'),
      error: keep('error'),
    },
    lines: () => said.filter((line) => line.includes(about)),
  }
}
