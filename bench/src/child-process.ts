// A measured process as the benchmark sees it: started, spoken to, heard, and ended whatever happens.
import { fork } from 'node:child_process'
import { join } from 'node:path'
import type { OwnOrder, SaidByProcess, SaidToProcess, WorkOrder } from './work.ts'

export interface Child {
  send(word: SaidToProcess): void
  /** The next message of this kind. A process that ends or falls silent is a failure. */
  heard<K extends SaidByProcess['kind']>(kind: K): Promise<Extract<SaidByProcess, { kind: K }>>
  /** Calls `react` at each message of this kind. */
  on(kind: SaidByProcess['kind'], react: () => void): void
  /** When it has ended by itself. */
  ended(): Promise<void>
  kill(): void
}

/** After so long without an end a run has hung. */
const usualPatienceMs = 15 * 60_000

/** Half a second less until a process is up, and nothing that is measured. */
const compileCache = join(import.meta.dirname, '../../node_modules/.cache/bench/compiled')

/** @param program A file of this folder. */
export function startChild(
  program: 'subject-process.ts' | 'tasker-process.ts',
  order: WorkOrder | OwnOrder,
  patienceMs = usualPatienceMs,
): Child {
  const child = fork(join(import.meta.dirname, program), [JSON.stringify(order)], {
    execArgv: ['--conditions=@tasker/source'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { ...process.env, NODE_COMPILE_CACHE: compileCache },
  })
  const exit = Promise.withResolvers<string>()
  child.on('error', ({ message }) => exit.resolve(message))
  child.on('exit', (code, signal) => exit.resolve(String(signal ?? code)))
  const on = (kind: string, react: (message: SaidByProcess) => void): (() => void) => {
    const listener = (message: unknown): void => {
      const said = message as SaidByProcess // only our own programs speak on this channel
      if (said.kind === kind) react(said)
    }
    child.on('message', listener)
    return () => child.off('message', listener)
  }
  let why = ''
  on('failed', (said) => {
    if (said.kind === 'failed') why = `: ${said.message}`
  })
  const within = async <T>(what: string, awaited: readonly Promise<T>[]): Promise<T> => {
    const late = Promise.withResolvers<never>()
    const timer = setTimeout(
      () => late.reject(new Error(`the measured process was not ${what} in time`)),
      patienceMs,
    )
    try {
      return await Promise.race([...awaited, late.promise])
    } finally {
      clearTimeout(timer)
    }
  }
  return {
    send: (word) => void child.send(word),
    on,
    async heard<K extends SaidByProcess['kind']>(kind: K) {
      const said = Promise.withResolvers<Extract<SaidByProcess, { kind: K }>>()
      const off = on(kind, (message) => {
        said.resolve(message as Extract<SaidByProcess, { kind: K }>) // `on` compared the kind
      })
      const tooEarly = exit.promise.then((how) => {
        throw new Error(`the measured process ended (${how}) before it was ${kind}${why}`)
      })
      try {
        return await within(kind, [said.promise, tooEarly])
      } finally {
        off()
      }
    },
    ended: async () => void (await within('ended', [exit.promise])),
    kill: () => void child.kill('SIGKILL'),
  }
}
