// What tells others of this process, opened and closed together: metrics when they are asked for, traces when the host has the
// OpenTelemetry API. Their packages are optional, and loaded here only.
import type { Config } from '../config.ts'
import type { Instrumentation } from '../instrumentation.ts'
import type { Logger } from '../log.ts'
import type { ReadingSources } from './metrics/at-scrape.ts'
import type { RenderScrape } from './metrics/listener.ts'
import { loadClient, type PromClient } from './metrics/client.ts'
import {
  closedMetrics,
  isWanted,
  openMetrics,
  whyNotCollected,
  type CallObserver,
} from './metrics/metrics.ts'
import type { Metrics } from './metrics/tasker-metrics.ts'
import { startMonitors, type MonitorParts } from './monitors.ts'
import { createParameterFilter } from './parameter-filter.ts'
import type { EventRouter } from './router/router.ts'
import { openSharing, type MetricsSharing, type SharingParts } from './sharing/sharing.ts'
import { loadTraceApi, type TraceApi } from './traces/api.ts'
import type { ReadLostAttempts } from './traces/lost-attempts.ts'
import type { ReadTraces } from './traces/tasks.ts'
import { openTraces } from './traces/traces.ts'

/** Null: not wanted, or, of the API, not installed. */
export interface TelemetryPackages {
  readonly promClient: PromClient | null
  readonly traceApi: TraceApi | null
}

/** @throws {TaskerError} METRICS_UNAVAILABLE */
export async function loadPackages(
  config: Config,
  hasMetrics: boolean,
): Promise<TelemetryPackages> {
  return {
    promClient: isWanted(config, hasMetrics) ? await loadClient() : null,
    traceApi: config.telemetry.enabled ? await loadTraceApi() : null,
  }
}

export interface TelemetryParts
  extends
    ReadingSources,
    Omit<MonitorParts, 'meter'>,
    Pick<SharingParts, 'instance' | 'cache' | 'onCacheSync'> {
  readonly packages: TelemetryPackages
  readonly logger: Logger
  /** For what becomes of metrics that are shared. */
  readonly sharingLogger: Logger
  readonly router: EventRouter
  readonly render: RenderScrape
  readonly readTraces: ReadTraces
  readonly readLostAttempts: ReadLostAttempts
}

export interface Telemetry {
  readonly metrics: Metrics
  /** How often counters of tasks, steps and requests were raised in this process. */
  readonly updates: () => number
  /** How metrics are shared with other processes. */
  readonly sharing: MetricsSharing
  /** Null: nobody counts. */
  readonly observer: CallObserver | null
  /** Null: nobody traces. */
  readonly instrumentation: Instrumentation | null
  close(): Promise<void>
}

export function openTelemetry(parts: TelemetryParts): Telemetry {
  const { config, packages } = parts
  const { promClient: client, traceApi: api } = packages
  const collect: Metrics['collect'] = (order) => sharing.collect(order)
  const metrics = client === null ? null : openMetrics({ ...parts, client, collect })
  const sharing = openSharing({
    ...parts,
    logger: parts.sharingLogger,
    source: metrics,
    whyNotCollected: whyNotCollected(config),
  })
  const { sync, status } = sharing
  const { text: filterText } = createParameterFilter(config.telemetry)
  const traces =
    api === null ? null : openTraces({ ...parts, ...config.telemetry, api, filterText })
  startMonitors({ ...parts, meter: metrics?.meter ?? null })
  return {
    updates: () => metrics?.updates() ?? 0,
    metrics: { ...(metrics ?? closedMetrics(config, collect)), collect, sync, status },
    sharing,
    observer: metrics?.observer ?? null,
    instrumentation: traces,
    async close() {
      await traces?.close()
      await sharing.close()
      await metrics?.close()
    },
  }
}
