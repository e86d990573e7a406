// The logger of our own: pino makes the lines, their form is ours to choose.
import type { Clock } from '../../clock.ts'
import type { JsonObject } from '../../json.ts'
import type { Logger } from '../../log.ts'
import { lineForms, type LineForm } from './formats.ts'
import type { Pino } from './pino.ts'

export function pinoLogger(
  pino: Pino,
  {
    clock,
    form,
    write,
  }: {
    readonly clock: Clock
    readonly form: LineForm
    readonly write: (line: string) => void
  },
): Logger {
  const formed = lineForms[form]
  return pino(
    {
      level: 'debug', // what is written was decided before
      base: null,
      messageKey: 'message',
      timestamp: () => `,"timestamp":"${new Date(clock.nowMs()).toISOString()}"`,
      formatters: { level: (level) => ({ level }) },
    },
    {
      // What pino writes is JSON.
      write: (line) =>
        write(form === 'json' ? line : `${formed(JSON.parse(line) as JsonObject)}\n`),
    },
  )
}
