// What can be asked of exports that go somewhere, and what is told of them: `tasker.exports.exportNow`, `schedule` and `status`.
// Apart from what does it, for programs that only ask.
import type { MetricsScope } from '../metrics/tasker-metrics.ts'

/** `auto`: as `telemetry.distributedExport` says. */
export type ExportScope = MetricsScope | 'auto'

/** What to export: to a target of the configuration, or in a format to a file in `telemetry.exports.storageRoot`. */
export type WhatToExport =
  | { readonly target: string; readonly format?: undefined }
  | { readonly format: string; readonly target?: undefined }

export type ExportNowOrder = WhatToExport & {
  /** Default `auto`. */
  readonly scope?: ExportScope
  readonly signal?: AbortSignal
}

export type ScheduleExportOrder = WhatToExport & {
  /** Default `auto`. */
  readonly scope?: ExportScope
  /** Default: `telemetry.prometheus.retentionWindow` less its `safetyMargin`. */
  readonly inMs?: number
}

export type ExportOutcome = 'done' | 'skipped' | 'failed'

/** What became of an export. */
export interface ExportReport {
  readonly exportId: string
  /** Of the configuration; `file:<format>`: a format was asked for. */
  readonly target: string
  readonly format: string
  readonly scope: MetricsScope
  readonly outcome: ExportOutcome
  /** Why it was skipped or failed: `lock timeout` where another process was exporting to the same target. */
  readonly fault: string | null
  readonly metricsCount: number
  readonly seriesCount: number
  /** Series that the other side refused for good. */
  readonly droppedCount: number
  /** As delivered. */
  readonly bytes: number
  /** Where it went: a path, or a URL without its password. Null: nowhere, or its exporter delivered by itself. */
  readonly destination: string | null
  readonly at: Date
  readonly seconds: number
}

export interface ScheduledExport {
  readonly exportId: string
  readonly target: string
  readonly format: string
  readonly dueAt: Date
}

/** A target, and how its last export went, whichever process did it. */
export interface ExportTargetStatus {
  readonly target: string
  readonly to: 'file' | 'http' | 'pushgateway' | 'remote_write' | 'otlp' | 'exporter'
  readonly format: string
  /** Null: by threshold, or only when asked for. */
  readonly everySeconds: number | null
  /** Updates after which it is due; null: by time. */
  readonly threshold: number | null
  /** Null: no worker with exports enabled has seen the target, or a threshold has not been reached. */
  readonly nextDueAt: Date | null
  /** Of the export that is under way or tried again; 0: none is. */
  readonly attempts: number
  /** A process is exporting now. */
  readonly isRunning: boolean
  readonly lastOutcome: ExportOutcome | null
  readonly lastFault: string | null
  readonly lastEndedAt: Date | null
  readonly lastSuccessAt: Date | null
}

export interface ExportsStatus {
  /** `telemetry.exports.enabled`: workers export what is due. */
  readonly isEnabled: boolean
  readonly targets: readonly ExportTargetStatus[]
  /** Ordered with `schedule` and not ended, the next one first; of more than 100 those that are due last. */
  readonly ordered: readonly (ScheduledExport & { readonly attempts: number })[]
}

/** The part of `tasker.exports` that delivers. */
export interface ExportOperations {
  /**
   * Exports at once, trying once. What fails outside is in the report.
   * @throws {TaskerError} METRICS_UNAVAILABLE when none are collected; REQUEST_INVALID when there is no such target or
   * format, with those that there are
   */
  exportNow(order: ExportNowOrder): Promise<ExportReport>
  /**
   * Has a worker with exports enabled export later, whichever it is, and try again when it fails. An order that none has
   * taken a day after its time is removed.
   * @throws {TaskerError} REQUEST_INVALID
   */
  schedule(order: ScheduleExportOrder): Promise<ScheduledExport>
  /** Read from the database: the same in every process. */
  status(): Promise<ExportsStatus>
}
