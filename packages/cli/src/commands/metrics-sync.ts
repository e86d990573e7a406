// `tasker metrics sync`: brings the shared store up to date for those who cannot: the totals of processes that ended are folded,
// what would expire is kept, and with --from what a worker tells is put there.
import type { MetricsSync } from '@tasker/engine'
import type { ExitCode } from '../failure.ts'
import { workerAsked } from '../metrics/metrics-arguments.ts'
import { MetricsFault } from '../metrics/metrics-fault.ts'
import { withShared } from '../metrics/reading-tasker.ts'
import { readWorkerMetrics } from '../metrics/worker-metrics.ts'
import type { CommandContext } from '../program.ts'

export interface MetricsSyncOptions {
  readonly from?: string
  readonly token?: string
  /** Milliseconds. */
  readonly timeout: number
}

export async function metricsSync(
  command: CommandContext,
  options: MetricsSyncOptions,
): Promise<ExitCode> {
  const { terminal } = command
  const worker = workerAsked(options)
  return withShared(command, options.timeout, async ({ tasker }) => {
    const prefix = tasker.config.telemetry.prometheus.metricPrefix
    const told =
      worker === null
        ? null
        : await readWorkerMetrics({ ...worker, prefix, timeoutMs: options.timeout })
    const sync = await tasker.metrics.sync(told === null ? {} : { of: told })
    if (!sync.isSynced) throw notSynced(sync, worker !== null)
    terminal.document(sync)
    if (!terminal.isJson) {
      const { strategy, metricsCount, durationMs } = sync
      terminal.print(
        [
          `Strategy:       ${strategy}`,
          `Synced metrics: ${metricsCount}${told === null ? '' : ` of ${sync.instance}`}`,
          `Duration:       ${(durationMs / 1_000).toFixed(3)} s`,
        ].join('\n'),
      )
    }
    return 0
  })
}

const notSynced = ({ fault }: MetricsSync, isOfWorker: boolean): MetricsFault =>
  new MetricsFault(
    'SYNC_FAILED',
    `The shared store was not brought up to date: ${(fault ?? 'no reason was given').replace(/\.$/, '')}.`,
    isOfWorker
      ? 'Leave out --from for a worker that shares its metrics; for another, see whether the store runs: `tasker metrics status`.'
      : 'Set cache.store to redis, memcached or postgres, and see whether it runs: `tasker metrics status`.',
  )
