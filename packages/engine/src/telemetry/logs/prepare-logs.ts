// What the logs of a Tasker need before it can say anything: pino, when lines are of our own, and where those go.
import type { Clock } from '../../clock.ts'
import type { Config } from '../../config.ts'
import type { Logger } from '../../log.ts'
import type { KeepLine } from '../recent/recent.ts'
import { openLogs, type ActiveSpan, type Logs } from './logs.ts'
import { loadPino } from './pino.ts'
import type { LogDestination } from './sink.ts'

/**
 * With a logger of the host, lines go there; else to the destination given, or stdout, when they were asked for.
 * @throws {TaskerError} LOGS_UNAVAILABLE when lines of our own are asked for and pino is not installed
 */
export async function prepareLogs(given: {
  readonly config: Config
  readonly clock: Clock
  readonly logger: Logger | null
  readonly logs: boolean | LogDestination
  readonly keepLine: KeepLine | null
  readonly activeSpan: () => ActiveSpan | null
  readonly workerId: () => number | null
}): Promise<Logs> {
  const { logger, logs } = given
  if (logger !== null || logs === false) return openLogs({ ...given, own: null })
  const pino = await loadPino()
  if (logs !== true)
    return openLogs({ ...given, own: { pino, destination: logs, isTerminal: false } })
  const stdout = pino.destination({ dest: 1, sync: false })
  stdout.on('error', () => undefined) // whoever read has gone
  const isTerminal = process.stdout.isTTY
  return openLogs({ ...given, own: { pino, destination: stdout, isTerminal } })
}
