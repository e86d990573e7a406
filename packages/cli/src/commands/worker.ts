// `tasker worker`: runs steps until it is told to stop, and logs how tasks fare.
import {
  count,
  createTasker,
  type LogDestination,
  type ResolvedConfig,
  type Tasker,
} from '@tasker/engine'
import { UsageError, type ExitCode } from '../failure.ts'
import { survivingStrayErrors } from '../keep-running.ts'
import { lineLogger, logEvents } from '../log-lines.ts'
import type { CommandContext } from '../program.ts'
import { loadSettings } from '../settings.ts'
import { listenForStop } from '../stop-signals.ts'
import { logLines } from '../terminal.ts'

export interface WorkerOptions {
  readonly verbose?: boolean
  readonly metricsPort?: number
  readonly metricsHost?: string
}

export async function worker(
  { terminal, options }: CommandContext,
  { verbose, metricsPort, metricsHost }: WorkerOptions,
): Promise<ExitCode> {
  const settings = await loadSettings(options)
  const { parts, configPath } = settings
  const resolved = verbose === true ? withSteps(settings.resolved) : settings.resolved
  const isForPeople = parts.logger !== undefined || terminal.isLogWatched
  let logger = parts.logger ?? lineLogger(terminal)
  const stop = listenForStop(() =>
    logger.info({}, 'stopping: nothing more is claimed, steps that run may end'),
  )
  try {
    const { telemetry } = resolved.config
    const isScraped =
      metricsPort !== undefined ||
      (telemetry.metricsPort !== null && telemetry.enabled && telemetry.metricsEnabled)
    const metrics = isScraped || parts.metrics === true
    const logging = isForPeople ? { logger } : { logs: linesTo(parts.logs) }
    const tasker = await createTasker({ ...parts, ...logging, resolved, metrics })
    if (!isForPeople) logger = tasker.log
    try {
      requireDefinitions(tasker, configPath)
      if (isScraped) {
        const { url } = await tasker.metrics.listen({
          port: metricsPort ?? telemetry.metricsPort ?? 0,
          host: metricsHost ?? telemetry.metricsHost,
        })
        logger.info({ url }, 'metrics')
      }
      if (isForPeople)
        logEvents(tasker, logger, { isVerbose: verbose === true, isShown: () => false })
      survivingStrayErrors(logger)
      // Told to stop while it starts, it does not wait for that: closing it claims nothing more.
      await Promise.race([tasker.worker.start(), stop.untilRequested()])
      if (!stop.requested.aborted) {
        logger.info(
          { database: tasker.database.url, schema: tasker.database.schema, pid: process.pid },
          `worker started, serves ${count(tasker.worker.serves.length, 'definition')}`,
        )
      }
      await stop.untilRequested()
    } finally {
      await tasker.close()
    }
    logger.info({}, 'worker stopped')
    terminal.document({ state: 'stopped' })
    return 0
  } finally {
    stop.dispose()
  }
}

/** Programs read these: where the configuration says, or beside all other logs. Stdout is for the command's own document. */
const linesTo = (asked: boolean | LogDestination = true): LogDestination =>
  typeof asked === 'object' ? asked : logLines()

/** The lines of steps that start and complete are debug. */
function withSteps(resolved: ResolvedConfig): ResolvedConfig {
  const { config } = resolved
  const logLevels = { ...config.telemetry.logLevels, step: 'debug' as const }
  return { ...resolved, config: { ...config, telemetry: { ...config.telemetry, logLevels } } }
}

function requireDefinitions(
  { definitions, worker: runner }: Tasker,
  configPath: string | null,
): void {
  if (definitions.list().length === 0) {
    const where =
      configPath === null ? 'there is no configuration file' : `${configPath} names none`
    throw new UsageError(`The worker has no definitions to run: ${where}.`)
  }
  if (runner.serves.length === 0) {
    throw new UsageError(
      'The worker has nothing to run: orchestration.namespaces and orchestration.versions leave none of its definitions.',
    )
  }
}
