// A server program of the operating system, started for tests and measurements on a port of its own: it can be frozen, killed,
// and started again where it was.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { delimiter, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

export interface Service {
  readonly port: number
  /** It goes on holding its port and its connections, and answers nobody. */
  freeze(): void
  thaw(): void
  /** At once, as by an operator who pulls the plug. */
  kill(): Promise<void>
  /** On the same port, after `kill`. */
  restart(): Promise<void>
}

export interface ServiceProgram {
  readonly name: string
  /** How Debian calls what has it. */
  readonly debianPackage: string
  words(port: number): readonly string[]
  /** @throws while it does not answer yet */
  askWhetherReady(port: number): Promise<unknown>
}

/** First on PATH, then where Debian puts it. Null when it is not installed. */
export function findProgram(name: string): string | null {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/bin', '/usr/local/bin']
  return folders.map((folder) => join(folder, name)).find(isProgram) ?? null
}

export const howToGet = ({
  name,
  debianPackage,
}: Pick<ServiceProgram, 'name' | 'debianPackage'>): string =>
  `there is no ${name} on PATH; Debian has it as apt-get install ${debianPackage}`

/** @throws when the program is missing, with how to get it */
export async function startService(program: ServiceProgram): Promise<Service> {
  const path = findProgram(program.name)
  if (path === null) throw new Error(howToGet(program))
  const port = await freePort()
  const start = async (): Promise<ChildProcess> => {
    const child = spawn(path, program.words(port), { stdio: 'ignore' })
    await untilReady(child, program, port)
    return child
  }
  let child = await start()
  return {
    port,
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    },
    async restart() {
      child = await start()
    },
  }
}

async function untilReady(
  child: ChildProcess,
  program: ServiceProgram,
  port: number,
): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) {
      throw new Error(`${program.name} ended with ${child.exitCode} instead of starting`)
    }
    try {
      await program.askWhetherReady(port)
      return
    } catch {
      await pause(20) // a process of its own, which says nothing when it is ready
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // of a server on TCP
  server.close()
  await once(server, 'close')
  return port
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
