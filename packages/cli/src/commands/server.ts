// `tasker server`: answers HTTP until it is told to stop. It runs no steps; workers do.
import { createTasker } from '@tasker/engine'
import { createServer, listen } from '@tasker/server'
import type { ExitCode } from '../failure.ts'
import { survivingStrayErrors } from '../keep-running.ts'
import { lineLogger } from '../log-lines.ts'
import type { CommandContext } from '../program.ts'
import { loadSettings } from '../settings.ts'
import { listenForStop } from '../stop-signals.ts'
import { logLines } from '../terminal.ts'

export interface ServerOptions {
  readonly host?: string
  readonly port?: number
}

export async function server(
  { terminal, options }: CommandContext,
  where: ServerOptions,
): Promise<ExitCode> {
  const { parts, resolved } = await loadSettings(options)
  const isForPeople = parts.logger !== undefined || terminal.isLogWatched
  let logger = parts.logger ?? lineLogger(terminal)
  const stop = listenForStop(() =>
    logger.info({}, 'stopping: no more connections are taken, requests under way are answered'),
  )
  try {
    const logging = isForPeople ? { logger } : { logs: parts.logs ?? logLines() }
    const tasker = await createTasker({ ...parts, ...logging, resolved })
    if (!isForPeople) logger = tasker.log
    try {
      const listening = await listen(tasker, createServer(tasker), where)
      survivingStrayErrors(logger)
      logger.info({ url: listening.url, pid: process.pid }, 'server started')
      terminal.print(listening.url)
      await stop.untilRequested()
      await listening.close()
    } finally {
      await tasker.close()
    }
    logger.info({}, 'server stopped')
    terminal.document({ state: 'stopped' })
    return 0
  } finally {
    stop.dispose()
  }
}
