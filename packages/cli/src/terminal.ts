// Where output goes: results to stdout, everything else to stderr, colours only for a person who
// can see them. With `--json`, stdout carries one document and what people read goes to stderr.
import type { LogDestination } from '@tasker/engine'
import pc from 'picocolors'
import { environment, type Environment } from './environment.ts'

/** The colours of picocolors; all of them plain text where colours are off. */
export type Paint = ReturnType<typeof pc.createColors>

export interface TerminalOptions {
  readonly json: boolean
  /** False: `--no-color`. */
  readonly color: boolean
  /** Also print stacks and the log's debug lines. */
  readonly debug: boolean
}

export interface Terminal {
  readonly isJson: boolean
  readonly isDebug: boolean
  /** A person watches stdout and the cursor can be moved: tables may be redrawn in place. */
  readonly isLive: boolean
  /** A person reads what is given to `log` as it comes. */
  readonly isLogWatched: boolean
  /** For text that is given to `print`. */
  readonly paint: Paint
  /** For text that is given to `log`. */
  readonly paintLog: Paint
  /** Columns of the screen that `print` writes to; without end where it is no screen. */
  readonly width: number
  /** What the command was asked for, as text for people. */
  print(text: string): void
  /** What another program is to read as it is, on stdout; not with `--json`. */
  write(body: string | Uint8Array): void
  /** Logs, notices, errors. */
  log(text: string): void
  /** The one JSON document of the command; nothing without `--json`. */
  document(value: unknown): void
  /** While a part of the screen is redrawn in place, logs must go above it. */
  logThrough(write: ((text: string) => void) | null): void
}

export function openTerminal(options: TerminalOptions): Terminal {
  const env = environment()
  const { stdout, stderr } = process
  const forPeople = options.json ? stderr : stdout
  const isColored = (stream: NodeJS.WriteStream): boolean =>
    options.color && wantsColor(env, stream.isTTY)
  let logThrough: ((text: string) => void) | null = null
  return {
    isJson: options.json,
    isDebug: options.debug,
    isLogWatched: stderr.isTTY,
    isLive: !options.json && stdout.isTTY && env['TERM'] !== 'dumb',
    paint: pc.createColors(isColored(forPeople)),
    paintLog: pc.createColors(isColored(stderr)),
    get width() {
      // A terminal that does not know its size says 0.
      return forPeople.isTTY && forPeople.columns > 0 ? forPeople.columns : Number.POSITIVE_INFINITY
    },
    print(text) {
      forPeople.write(`${text}\n`)
    },
    write(body) {
      stdout.write(body)
    },
    log(text) {
      if (logThrough === null) stderr.write(`${text}\n`)
      else logThrough(text)
    },
    document(value) {
      if (!options.json) return
      // One line for programs, which may have to skip what npm prints before it.
      stdout.write(`${JSON.stringify(value, null, stdout.isTTY ? 2 : 0)}\n`)
    },
    logThrough(write) {
      logThrough = write
    },
  }
}

/** Beside all other logs, for who writes very many: he is told when whoever reads cannot keep up. */
export const logLines = (): Required<Pick<LogDestination, 'write' | 'once'>> => ({
  write: (line) => process.stderr.write(line),
  once: (event, listener) => process.stderr.once(event, listener),
})

/** NO_COLOR and FORCE_COLOR as the ecosystem reads them: no-color.org, force-color.org. */
export function wantsColor(env: Environment, isTerminal: boolean): boolean {
  if (env['NO_COLOR']) return false
  const force = env['FORCE_COLOR']
  if (force !== undefined && force !== '') return force !== '0' && force !== 'false'
  return isTerminal && env['TERM'] !== 'dumb'
}
