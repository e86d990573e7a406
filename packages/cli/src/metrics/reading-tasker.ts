// A Tasker that only looks at what others share: it runs nothing, migrates nothing, and has no metrics of its own, which
// would otherwise be left behind by every run of a scheduler.
import type { MetricsStatus, Tasker } from '@tasker/engine'
import { codeOf, WrongUse, type ExitCode } from '../failure.ts'
import { formatStacks } from '../format-failure.ts'
import type { CommandContext } from '../program.ts'
import type { Settings } from '../settings.ts'
import { withTasker } from '../with-tasker.ts'
import { inTime } from './in-time.ts'
import { isVerbose } from './metrics-arguments.ts'
import { MetricsFault } from './metrics-fault.ts'

export interface Shared {
  readonly tasker: Tasker
  readonly settings: Settings
  readonly signal: AbortSignal
}

/** @throws {MetricsFault} TIME_OVER */
export async function withShared(
  command: CommandContext,
  timeoutMs: number,
  use: (shared: Shared) => Promise<ExitCode>,
): Promise<ExitCode> {
  return verbosely(command, () =>
    inTime(timeoutMs, (signal) =>
      withTasker(command, (tasker, settings) => use({ tasker, settings, signal }), {
        definitions: false,
        onlyLooks: true,
      }),
    ),
  )
}

/** Trying again does not help: a scheduler need not. */
const wrongUse: readonly (string | null)[] = [
  'CACHE_CANNOT_LOCK',
  'CACHE_MISCONFIGURED',
  'CACHE_NOT_SHARED',
  'CONFIG_INVALID',
  'EXPORT_UNSUPPORTED',
  'REQUEST_INVALID',
]

/** With VERBOSE, what went wrong is told with where. */
export async function verbosely<Result>(
  { terminal }: CommandContext,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (isVerbose() && !terminal.isDebug) terminal.log(await formatStacks(error))
    throw error instanceof Error && wrongUse.includes(codeOf(error)) ? new WrongUse(error) : error
  }
}

/** @throws {MetricsFault} when nobody shares metrics, or the store does not answer */
export async function requireShared({ tasker }: Shared): Promise<MetricsStatus> {
  const status = await tasker.metrics.status()
  const { fault, isSharing, store, seriesCount } = status
  if (fault !== null) {
    throw new MetricsFault(
      'METRICS_UNREACHABLE',
      `The store ${store} cannot be read: ${fault.replace(/\.$/, '')}.`,
      `See whether cache.url is right and the store runs, or ask a worker: ${fromWorker}.`,
    )
  }
  if (!isSharing) {
    throw new MetricsFault(
      'METRICS_MISSING',
      `There are no metrics here: processes do not share theirs, since each has a ${store} of its own or telemetry.crossContainerCoordination is off.`,
      `Set cache.store to redis, memcached or postgres for all of them, or ask a worker: ${fromWorker}.`,
    )
  }
  if (seriesCount === 0) {
    throw new MetricsFault(
      'METRICS_MISSING',
      `There are no metrics in ${store}: no process that counts is running, and none that ended has left any.`,
      `Start workers with --metrics-port, see that they have the same cache.url and cache.namespace, or ask a worker: ${fromWorker}.`,
    )
  }
  return status
}

const fromWorker = '--from http://worker:9464'
