// Runs a command line in the process of the test, from the arguments to the exit code: a tenth of the work of a process of its
// own. For what commands do and say. What is about the process (signals, how code is loaded, streams that close), and `dev` and
// `worker`, which take it over, start one: run-cli.ts.
import type { EventEmitter } from 'node:events'
import { vi } from 'vitest'
import { main } from '../src/main.ts'
import { environmentOf, root, started, type CliOptions, type CliResult } from './run-cli.ts'

let last: Promise<unknown> = Promise.resolve()

/** Runs to the end. They take turns: a process has one environment, and one place where its output goes. */
export async function runCommand(
  args: readonly string[],
  options: CliOptions = {},
): Promise<CliResult> {
  const result = last.then(async () => runAlone(args, options))
  last = result.catch(() => undefined)
  return result
}

/** For this time the process is what run-cli.ts would have started. */
async function runAlone(args: readonly string[], options: CliOptions): Promise<CliResult> {
  const { env, argv, execArgv } = process
  const folder = process.cwd()
  const stdout = capture(process.stdout)
  const stderr = capture(process.stderr)
  const forgetListeners = noteListeners(process)
  try {
    process.chdir(options.cwd ?? root)
    process.env = environmentOf(options)
    process.argv = [process.execPath, started.program, ...args]
    process.execArgv = [...started.options]
    const exitCode = await main(args)
    return { exitCode, stdout: stdout.text(), stderr: stderr.text() }
  } finally {
    process.chdir(folder)
    Object.assign(process, { env, argv, execArgv })
    forgetListeners()
    stdout.release()
    stderr.release()
  }
}

interface Captured {
  readonly text: () => string
  readonly release: () => void
}

function capture(stream: NodeJS.WriteStream): Captured {
  let text = ''
  const write = vi.spyOn(stream, 'write').mockImplementation((chunk) => {
    text += String(chunk)
    return true
  })
  return { text: () => text, release: () => write.mockRestore() }
}

/** Commands that run handlers listen for stray errors until their process ends; the function returned ends that. */
function noteListeners(emitter: EventEmitter): () => void {
  const events = ['unhandledRejection', 'uncaughtException']
  const before = events.map((event) => emitter.listeners(event))
  return () => {
    for (const [index, event] of events.entries()) {
      emitter.removeAllListeners(event)
      for (const listener of before[index] ?? []) emitter.on(event, listener as () => void) // as it was
    }
  }
}
