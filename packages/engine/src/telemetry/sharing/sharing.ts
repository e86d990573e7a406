// Whether this process shares its metrics with others, and reads theirs: puts the parts together.
import type { CacheStrategy } from '../../cache/capabilities.ts'
import type { Sharing } from '../../cache/sharing.ts'
import type { PartOfCache } from '../../cache/part-of-database.ts'
import type { Clock } from '../../clock.ts'
import type { Config } from '../../config.ts'
import type { EventBus } from '../../events/bus.ts'
import type { Instance } from '../../instance.ts'
import type { Logger } from '../../log.ts'
import type { MetricsSync } from '../exports/exporter.ts'
import { QueueInTime, type QueueReading } from '../metrics/queue-in-time.ts'
import type { MetricFamily, Metrics } from '../metrics/tasker-metrics.ts'
import { Collector } from './collector.ts'
import { Ledger } from './ledger.ts'
import { Share } from './share.ts'
import type { Totals } from './totals.ts'

/** What is collected here. */
export interface SharedSource {
  /** When it began. */
  readonly since: Date
  families(): Promise<readonly MetricFamily[]>
  totals(): Totals
  /** Null: no answer in time. */
  readQueue(): Promise<QueueReading | null>
  /** Counts a metric that was left out of what was shared. */
  unshared(name: string): void
}

/** The cache that processes share things through. */
export interface SharedCache {
  readonly strategy: CacheStrategy
  readonly sharing: Sharing
  /** Metrics of other applications in the same store are none of ours. */
  readonly own: PartOfCache
}

export interface SharingParts {
  readonly config: Config
  readonly clock: Clock
  readonly instance: Instance
  readonly cache: SharedCache
  readonly events: Pick<EventBus, 'publish'>
  readonly logger: Logger
  /** Exporters that want to know. */
  readonly onCacheSync: (sync: MetricsSync) => void
  readonly readQueue: () => Promise<QueueReading>
  /** Null: this process collects nothing, and may still ask for all. */
  readonly source: SharedSource | null
  /** Why, if it does not. */
  readonly whyNotCollected: string
}

export interface MetricsSharing extends Pick<Metrics, 'collect' | 'sync' | 'status'> {
  /**
   * Gives the entries of all processes so much more time than a write gives them, from now on; returns how many there are. 0
   * where nothing is shared.
   */
  extend(moreMs: number): Promise<number>
  close(): Promise<void>
}

export function openSharing(parts: SharingParts): MetricsSharing {
  const { config, clock, instance, cache, logger, source } = parts
  const { telemetry } = config
  const whyNotShared = whyNot(config, cache)
  const staleAfterMs = staleAfterMsOf(config)
  const ledger =
    whyNotShared === null
      ? new Ledger({
          ...cache.own,
          ttlMs: Math.max(telemetry.metricsRetentionHours * 3_600_000, 2 * staleAfterMs),
          staleAfterMs,
          seriesMax: telemetry.metricsSeriesMax,
          prefix: telemetry.prometheus.metricPrefix,
        })
      : null
  const share =
    ledger === null || source === null
      ? null
      : new Share({
          ledger,
          clock,
          instance,
          logger,
          strategy: cache.strategy.coordination,
          intervalMs: telemetry.syncInterval * 1_000,
          staleAfterMs,
          read: () => source.totals(),
          dropped: (name) => source.unshared(name),
          synced: (sync) => tell(parts, sync),
        })
  const queue = new QueueInTime(clock, parts.readQueue)
  const collector = new Collector({
    clock,
    instance,
    strategy: cache.strategy,
    ledger,
    share,
    families: source === null ? null : () => source.families(),
    since: source?.since ?? null,
    readQueue: () => (source === null ? queue.read() : source.readQueue()),
    whyNotShared: `Processes do not share their metrics: ${whyNotShared}.`,
    whyNotCollected: `No metrics are collected: ${parts.whyNotCollected}.`,
    prefix: telemetry.prometheus.metricPrefix,
    seriesMax: telemetry.metricsSeriesMax,
    hasInstanceLabels: telemetry.prometheus.includeInstanceLabels,
    hasLegacyNames: telemetry.metricsLegacyNames,
  })
  share?.begin()
  return {
    collect: (order) => collector.collect(order),
    sync: (order) => collector.sync(order),
    status: () => collector.status(),
    extend: async (moreMs) => (await ledger?.extend(moreMs)) ?? 0,
    close: async () => share?.close(),
  }
}

/** So many writes in a row may fail before a process is taken for ended. */
const missedMax = 10
/** An event loop that is blocked for so long is no end. */
const staleAfterLeastMs = 60_000

const staleAfterMsOf = ({ telemetry: { syncInterval } }: Config): number =>
  Math.max(missedMax * syncInterval * 1_000, staleAfterLeastMs)

/** Null: they do. */
function whyNot({ telemetry }: Config, { sharing, strategy }: SharedCache): string | null {
  if (sharing.sharesMetrics) return null
  return telemetry.crossContainerCoordination === 'off'
    ? 'telemetry.crossContainerCoordination is off'
    : `each process has a ${strategy.storeClass} of its own`
}

function tell({ events, onCacheSync }: SharingParts, sync: MetricsSync): void {
  events.publish('telemetry.cache_synced', sync)
  onCacheSync(sync)
}
