// The server of `tasker dev`: beside the worker, at a port that is free, with a browser at its documentation where a person
// sits. The server on its own is commands/server.ts.
import { spawn } from 'node:child_process'
import { TaskerError, type Tasker } from '@tasker/engine'
import type { Listening } from '@tasker/server'
import { environment } from './environment.ts'
import type { Terminal } from './terminal.ts'

export interface ServeOptions {
  /** Given on the command line: there or nowhere. */
  readonly port: number | null
  readonly opensBrowser: boolean
}

export async function serveBeside(
  tasker: Tasker,
  terminal: Terminal,
  { port, opensBrowser }: ServeOptions,
): Promise<Listening> {
  const { createServer, listen } = await import('@tasker/server')
  const server = createServer(tasker)
  const listening = await listen(tasker, server, port === null ? {} : { port }).catch(
    async (error: unknown) => {
      const isTaken = error instanceof TaskerError && error.code === 'SERVER_CANNOT_LISTEN'
      if (!isTaken || port !== null) throw error
      terminal.log(`Port ${tasker.config.server.port} is taken: the server takes another one.`)
      return listen(tasker, server, { port: 0 })
    },
  )
  terminal.print(`${terminal.paint.dim('Server'.padEnd(12))}${listening.url}`)
  if (opensBrowser && terminal.isLive) openBrowser(`${listening.url}/api-docs`)
  return listening
}

/** Nothing where there is no screen to open it on; that it fails is nobody's trouble. */
function openBrowser(url: string): void {
  const { DISPLAY, WAYLAND_DISPLAY } = environment()
  const hasScreen = [DISPLAY, WAYLAND_DISPLAY].some(Boolean)
  const programs: Readonly<Record<string, readonly [string, ...string[]]>> = {
    darwin: ['open', url],
    win32: ['cmd', '/c', 'start', '""', url],
    ...(hasScreen ? { linux: ['xdg-open', url] } : {}),
  }
  const [program, ...args] = programs[process.platform] ?? []
  if (program === undefined) return
  spawn(program, args, { stdio: 'ignore', detached: true })
    .on('error', () => undefined)
    .unref()
}
