// Runs the real command line as a child process, as a person or a script would: no terminal, an
// environment of its own, a working directory of its own where asked for.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

const bin = fileURLToPath(new URL('../src/bin.ts', import.meta.url))
export const root = fileURLToPath(new URL('../../..', import.meta.url))

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

export interface RunningCli {
  readonly process: ChildProcess
  /** Resolves with the first match in what was written so far and from now on. */
  untilStdout(pattern: RegExp): Promise<RegExpExecArray>
  untilStderr(pattern: RegExp): Promise<RegExpExecArray>
  readonly ended: Promise<CliResult>
}

/** Starts it and leaves it running; it is killed when the test ends before it does. */
export function startCli(args: readonly string[], options: CliOptions = {}): RunningCli {
  const child = spawn(process.execPath, ['--conditions=@tasker/source', bin, ...args], {
    cwd: options.cwd ?? root,
    // Nothing of the environment that the tests themselves run in.
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...options.env },
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
  text(): string
  until(pattern: RegExp): Promise<RegExpExecArray>
}

function collect(stream: NodeJS.ReadableStream): Collected {
  let text = ''
  stream.setEncoding('utf8')
  stream.on('data', (part: string) => {
    text += part
  })
  return {
    text: () => text,
    async until(pattern) {
      for (;;) {
        const found = pattern.exec(text)
        if (found !== null) return found
        const more = await Promise.race([
          once(stream, 'data').then(() => true),
          once(stream, 'end').then(() => false),
        ])
        if (!more && !pattern.test(text)) {
          throw new Error(`The output ended without ${String(pattern)}:\n${text}`)
        }
      }
    },
  }
}
