// One process that runs steps for `tasker dev`: the same command line once more, with a channel to this one. What the two
// say stands in messages.ts, what the process does in supervised.ts.
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { ExitCode } from '../failure.ts'
import type { FromRunner, ToRunner } from './messages.ts'

/** The end of a process, as people say it. */
export interface Ended {
  readonly kind: 'ended'
  readonly exitCode: ExitCode
  /** `exit code 7`, `signal SIGKILL`. */
  readonly how: string
}

type Prepared = Extract<FromRunner, { kind: 'prepared' }>
type Failed = Extract<FromRunner, { kind: 'failed' }>

export interface RunnerProcess {
  readonly generation: number
  readonly prepared: Promise<Prepared | Failed | Ended>
  /** Resolves when it claims nothing more, or has ended. */
  readonly drained: Promise<unknown>
  readonly ended: Promise<Ended>
  readonly isServing: () => boolean
  readonly send: (message: ToRunner) => void
  readonly kill: () => void
}

export function startRunner(generation: number, { isJson }: { isJson: boolean }): RunnerProcess {
  const [, program = '', ...args] = process.argv
  // Stdout carries one document with --json, and that is the first one's.
  const stdout = isJson && generation > 1 ? 2 : 'inherit'
  const child = fork(program, [...args, '--generation', String(generation)], {
    stdio: ['ignore', stdout, 'inherit', 'ipc'],
  })
  const ended = endOf(child)
  let isServing = false
  const said = <Kind extends FromRunner['kind']>(
    kind: Kind,
  ): Promise<Extract<FromRunner, { kind: Kind }>> => {
    const { promise, resolve } = Promise.withResolvers<Extract<FromRunner, { kind: Kind }>>()
    child.on('message', (message) => {
      const told = message as FromRunner // both ends are this program
      // True by the comparison: TypeScript does not narrow by a type parameter.
      if (told.kind === kind) resolve(told as Extract<FromRunner, { kind: Kind }>)
    })
    return promise
  }
  void said('serving').then(() => {
    isServing = true
  })
  return {
    generation,
    prepared: Promise.race([said('prepared'), said('failed'), ended]),
    drained: Promise.race([said('draining'), ended]),
    ended,
    isServing: () => isServing,
    send(message) {
      if (child.connected) child.send(message, () => undefined) // it may end at any moment
    },
    kill: () => child.kill('SIGKILL'),
  }
}

async function endOf(child: ChildProcess): Promise<Ended> {
  // Node passes the exit code, or null and the signal.
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
  return {
    kind: 'ended',
    exitCode: code === 0 || code === 2 ? code : 1,
    how: code === null ? `signal ${String(signal)}` : `exit code ${code}`,
  }
}
