// Runs a program of the workspace to its end and keeps what it said. For tools/check.ts and the checks of the packages.
import { spawn } from 'node:child_process'
import { delimiter, dirname, join } from 'node:path'

export const root = join(import.meta.dirname, '..')

export interface RunOptions {
  /** Default: the root of the repository. */
  readonly folder?: string
  /** Default: this process's own. PATH is set in any case. */
  readonly environment?: NodeJS.ProcessEnv
  /** Milliseconds until the program is ended. Default: an hour. */
  readonly timeoutMs?: number
}

export interface Run {
  /** Null when the program was ended by a signal, as after `timeoutMs`. */
  readonly exitCode: number | null
  /** Standard output and errors, in the order they came. */
  readonly output: string
  readonly stdout: string
}

/** The pinned tools and the Node that runs this come first, npm from wherever this machine has it. */
const path = [
  join(root, 'node_modules', '.bin'),
  dirname(process.execPath),
  process.env['PATH'] ?? '',
].join(delimiter)

/** Children write into a pipe; whether to colour depends on who reads this process's output. */
const colours = process.stdout.isTTY ? { FORCE_COLOR: '1' } : { NO_COLOR: '1', FORCE_COLOR: '0' }

export async function run(
  program: string,
  parameters: readonly string[],
  options: RunOptions = {},
): Promise<Run> {
  const child = spawn(program, parameters, {
    cwd: options.folder ?? root,
    env: { ...(options.environment ?? process.env), ...colours, PATH: path },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: options.timeoutMs ?? 3_600_000,
    shell: process.platform === 'win32', // npm and the tools are .cmd files there
  })
  const output: string[] = []
  const stdout: string[] = []
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.push(text)
    stdout.push(text)
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => output.push(text))
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  })
  return { exitCode, output: output.join(''), stdout: stdout.join('') }
}
