// Starts holder.ts as a process and talks to it.

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export interface HeldServer {
  readonly adopted: boolean
  readonly dataFolder: string
  readonly url: string
  readonly serverVersion: string
  readonly notices: readonly string[]
}

export interface Holder {
  readonly child: ChildProcess
  readonly held: HeldServer
  tell(word: 'release' | 'exit'): Promise<void>
  kill(): Promise<void>
}

interface HolderOptions {
  readonly uid?: number
  readonly path?: string
  readonly durability?: 'safe' | 'unsafe_for_tests'
}

/** Rejects with the program's own message when it could not get the server. */
export async function startHolder(folder: string, options: HolderOptions = {}): Promise<Holder> {
  const child = runHolder([folder, '0', options.durability ?? 'safe'], options)
  const ended = once(child, 'exit')
  const line = await firstLineOf(child)
  const answer: unknown = JSON.parse(line)
  if (!isHeldServer(answer)) throw new Error(`the holder failed: ${line}`)
  return {
    child,
    held: answer,
    async tell(word) {
      child.stdin?.end(`${word}\n`)
      await ended
    },
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

/**
 * Takes and releases the server `cycles` times; answers with what it printed, which is nothing when
 * all went well.
 */
export async function runCycles(folder: string, cycles: number): Promise<string> {
  const child = runHolder([folder, String(cycles)], {})
  let printed = ''
  child.stdout?.on('data', (chunk: Buffer) => (printed += chunk.toString()))
  await once(child, 'close')
  return printed
}

export function runHolder(args: readonly string[], { uid, path }: HolderOptions): ChildProcess {
  const program = fileURLToPath(new URL('./holder.ts', import.meta.url))
  return spawn(process.execPath, ['--conditions=@tasker/source', program, ...args], {
    cwd: '/',
    env: { ...process.env, ...(path === undefined ? {} : { PATH: path }) },
    stdio: ['pipe', 'pipe', 'inherit'],
    ...(uid === undefined ? {} : { uid, gid: uid }),
  })
}

async function firstLineOf(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('the holder has no output')
  for await (const line of createInterface({ input: child.stdout })) return line
  throw new Error('the holder ended without a word')
}

function isHeldServer(answer: unknown): answer is HeldServer {
  return typeof answer === 'object' && answer !== null && 'adopted' in answer
}
