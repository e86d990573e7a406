// Makes a format of metrics that were read elsewhere, without a Tasker: for programs that ask a running process.
import type { Clock } from './clock.ts'
import type { ResolvedConfig } from './config.ts'
import { createEventBus } from './events/bus.ts'
import { openExporters } from './export-operations.ts'
import type { Logger } from './log.ts'
import type { Exporter, RenderedMetrics } from './telemetry/exports/exporter.ts'
import { renderWith, requireFormat } from './telemetry/exports/run-exporter.ts'
import type { MetricsData } from './telemetry/metrics/tasker-metrics.ts'

export interface RenderSettings {
  /** In any case. */
  readonly format: string
  readonly resolved: ResolvedConfig
  /** Of the host: they are tried before those of Tasker. */
  readonly exporters: readonly Exporter[]
  readonly logger: Logger
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** @throws {TaskerError} EXPORT_UNSUPPORTED, EXPORT_FAILED, EXPORTER_INVALID, EXPORTER_CONFLICT */
export async function renderMetrics(
  data: MetricsData,
  { format, resolved: { config }, exporters: given, logger, clock, signal }: RenderSettings,
): Promise<RenderedMetrics> {
  const bus = createEventBus(() => undefined) // nobody listens
  const parts = { logger, clock }
  const registry = openExporters({ ...parts, config, bus, given })
  requireFormat(registry, format)
  const timeoutMs = config.telemetry.prometheus.exportTimeout * 1_000
  return renderWith({ ...parts, registry, timeoutMs }, data, { format, signal })
}
