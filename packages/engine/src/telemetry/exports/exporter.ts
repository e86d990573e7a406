// What makes something of metrics that another program takes: a format, or the way to a system of its own. Built-in ones and
// those of the host are of this one shape.
import type { Coordination } from '../../cache/capabilities.ts'
import type { MetricsData, MetricsScope } from '../metrics/tasker-metrics.ts'

/** Metrics in one format. */
export interface RenderedMetrics {
  readonly format: string
  readonly contentType: string
  readonly body: string | Uint8Array
  /** Families in it. */
  readonly metricsCount: number
}

export interface Exporter {
  /** Unique among those of a Tasker. Default: the name of its class, `StatsdExporter` as `statsd_exporter`. */
  readonly name?: string
  /** Default `1.0.0`. */
  readonly version?: string
  /** Default: its name and what it is. */
  readonly description?: string
  /** The formats that it makes, in any case. Of several exporters of one format the first that succeeds is taken. */
  readonly formats: readonly string[]
  /**
   * Null: it has delivered them by itself. What it throws is told as the reason. It must honour the signal: when it takes
   * longer than `telemetry.prometheus.exportTimeout`, nobody waits for it any more.
   */
  export(
    data: MetricsData,
    order: ExportOrder,
  ): RenderedMetrics | null | Promise<RenderedMetrics | null>
  /** The metrics of this process were written into the shared cache, or could not be. */
  onCacheSync?(sync: MetricsSync): void | Promise<void>
  onExportRequest?(request: ExportRequested): void | Promise<void>
  onExportComplete?(end: ExportEnded): void | Promise<void>
}

export interface ExportOrder {
  /** In lower case. */
  readonly format: string
  readonly signal: AbortSignal
  /** Of the target, for the exporter alone. */
  readonly options: Readonly<Record<string, unknown>>
}

/** What became of writing this process's metrics into the shared cache. */
export interface MetricsSync {
  readonly isSynced: boolean
  readonly strategy: Coordination
  readonly instance: string
  /** Families and label sets written. */
  readonly metricsCount: number
  readonly seriesCount: number
  /** Of the families. */
  readonly counters: number
  readonly gauges: number
  readonly histograms: number
  /** Metrics left out, since all together were too much for one entry: the largest go first. */
  readonly dropped: readonly string[]
  readonly bytes: number
  readonly at: Date
  readonly durationMs: number
  /** Why not. Null: it was. */
  readonly fault: string | null
}

export interface ExportRequested {
  readonly exportId: string
  readonly format: string
  /** Null: to whoever asked. */
  readonly target: string | null
  readonly scope: MetricsScope
  readonly at: Date
}

export interface ExportEnded extends ExportRequested {
  /** `skipped`: another process was exporting, or the endpoint was away and may be. */
  readonly outcome: 'done' | 'skipped' | 'failed'
  readonly metricsCount: number
  readonly bytes: number
  readonly durationMs: number
  /** Why it was skipped or failed. */
  readonly fault: string | null
}
