// What `tasker.exports` can do. Apart from what does it.
import type { MetricsScope } from '../metrics/tasker-metrics.ts'
import type { Exporter, RenderedMetrics } from './exporter.ts'
import type { ExportOperations } from './export-orders.ts'
import type { RegisteredExporter } from './registry.ts'

export interface RenderOrder {
  /** In any case. Default: as `accept` says, or else `telemetry.metricsFormat`. */
  readonly format?: string
  /** The header `accept` of a scraper: `prometheus` or `openmetrics`, whichever it names first. */
  readonly accept?: string
  /** Default `auto`: as `telemetry.distributedExport` says. */
  readonly scope?: MetricsScope | 'auto'
  /** Of the format. */
  readonly options?: Readonly<Record<string, unknown>>
  readonly signal?: AbortSignal
}

export interface Exports extends ExportOperations {
  /** What metrics can be rendered in, sorted. */
  formats(): readonly string[]
  /**
   * Several may make one format: they are tried in the order of registration, those given to `createTasker` first and those of
   * Tasker next, until one succeeds.
   * @throws {TaskerError} EXPORTER_INVALID with every fault; EXPORTER_CONFLICT when the name is taken and not to be replaced
   */
  register(exporter: Exporter, options?: { readonly replace?: boolean }): void
  /** False: there is none of the name. */
  unregister(name: string): boolean
  /** In the order in which they are tried. */
  list(): readonly RegisteredExporter[]
  /**
   * The metrics in a format, for whoever asks: no target, and no event.
   * @throws {TaskerError} METRICS_UNAVAILABLE when none are collected; EXPORT_UNSUPPORTED; REQUEST_INVALID with every fault of
   * the options; EXPORT_FAILED with what each exporter of the format said
   */
  render(order?: RenderOrder): Promise<RenderedMetrics>
}
