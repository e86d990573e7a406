// Runs the real command line as a child process, as a person or a script would: no terminal, an environment of its own, a
// working directory of its own where asked for. What needs no process of its own: run-command.ts.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

/** What Node is started with. */
export const started = {
  options: ['--conditions=@tasker/source'],
  program: fileURLToPath(new URL('../src/bin.ts', import.meta.url)),
} as const
export const root = fileURLToPath(new URL('../../..', import.meta.url))

/** Definitions and settings for tests: the one configuration file beside this one. */
export const testConfig = fileURLToPath(new URL('./worker.config.ts', import.meta.url))

export interface CliOptions {
  readonly env?: Readonly<Record<string, string>>
  /** Default: the root of the repository. */
  readonly cwd?: string
}

export interface CliResult {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs to the end. */
export async function runCli(
  args: readonly string[],
  options: CliOptions = {},
): Promise<CliResult> {
  return startCli(args, options).ended
}

/** Resolves with the first match in what was written so far and from now on. */
type Until = (pattern: Pattern) => Promise<RegExpExecArray>
/** A regular expression, or what looks like one. */
interface Pattern {
  readonly exec: (text: string) => RegExpExecArray | null
  readonly source: string
}

/** Matches where this is said for the so-manieth time. */
export const times = (count: number, phrase: string): Pattern => ({
  exec: (text) => [...text.matchAll(new RegExp(phrase, 'g'))][count - 1] ?? null,
  source: `${count} × ${phrase}`,
})

export interface RunningCli {
  readonly process: ChildProcess
  readonly untilStdout: Until
  readonly untilStderr: Until
  readonly ended: Promise<CliResult>
}

/** Nothing of the environment that the tests themselves run in. */
export function environmentOf({ env }: CliOptions): NodeJS.ProcessEnv {
  const kept = ['PATH', 'HOME', 'TMPDIR', 'NODE_COMPILE_CACHE']
  return { ...Object.fromEntries(kept.map((name) => [name, process.env[name]])), ...env }
}

/** Starts it and leaves it running; it is killed when the test ends before it does. */
export function startCli(args: readonly string[], options: CliOptions = {}): RunningCli {
  const child = spawn(process.execPath, [...started.options, started.program, ...args], {
    cwd: options.cwd ?? root,
    env: environmentOf(options),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => {
    if (child.exitCode === null) child.kill('SIGKILL')
  })
  const stdout = collect(child.stdout)
  const stderr = collect(child.stderr)
  const close = once(child, 'close')
  return {
    process: child,
    untilStdout: stdout.until,
    untilStderr: stderr.until,
    ended: close.then(() => ({
      exitCode: child.exitCode,
      stdout: stdout.text(),
      stderr: stderr.text(),
    })),
  }
}

interface Collected {
  readonly text: () => string
  readonly until: Until
}

function collect(stream: NodeJS.ReadableStream): Collected {
  let text = ''
  let hasEnded = false
  const waiting = new Set<() => void>()
  const look = (): void => {
    for (const check of waiting) check()
  }
  stream.setEncoding('utf8')
  stream.on('data', (part: string) => {
    text += part
    look()
  })
  stream.on('end', () => {
    hasEnded = true
    look()
  })
  const until: Until = async (pattern) => {
    const { promise, resolve, reject } = Promise.withResolvers<RegExpExecArray>()
    const check = (): void => {
      const found = pattern.exec(text)
      if (found !== null) resolve(found)
      else if (hasEnded) reject(new Error(`It ended without ${pattern.source}:\n${text}`))
    }
    waiting.add(check)
    check()
    return promise.finally(() => waiting.delete(check))
  }
  return { text: () => text, until }
}
