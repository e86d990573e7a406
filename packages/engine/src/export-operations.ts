// `tasker.exports`: who makes something of the metrics, and what they make of them.
import type { Clock } from './clock.ts'
import type { Config } from './config.ts'
import type { EventBus } from './events/bus.ts'
import type { Logger } from './log.ts'
import { builtInExporters } from './telemetry/exports/built-in.ts'
import type { ExportOperations } from './telemetry/exports/export-orders.ts'
import type { Exporter } from './telemetry/exports/exporter.ts'
import { formatAccepted } from './telemetry/exports/negotiation.ts'
import { ExporterRegistry } from './telemetry/exports/registry.ts'
import { renderWith, requireFormat } from './telemetry/exports/run-exporter.ts'
import type { Exports } from './telemetry/exports/tasker-exports.ts'
import type { Metrics } from './telemetry/metrics/tasker-metrics.ts'

interface Sources {
  readonly config: Config
  readonly clock: Clock
  readonly logger: Logger
}

export interface ExporterSources extends Sources {
  readonly bus: EventBus
  /** Of the host: they are tried before those of Tasker. */
  readonly given: readonly Exporter[]
}

/** @throws {TaskerError} EXPORTER_INVALID, EXPORTER_CONFLICT */
export function openExporters({ given, config, ...parts }: ExporterSources): ExporterRegistry {
  const registry = new ExporterRegistry(parts)
  for (const exporter of given) registry.register(exporter, { source: 'createTasker' })
  for (const exporter of builtInExporters(config)) registry.register(exporter, { source: 'Tasker' })
  return registry
}

export interface ExportParts extends Sources {
  readonly exporters: ExporterRegistry
  readonly metrics: Pick<Metrics, 'collect'>
}

export function exportOperations({
  exporters,
  metrics,
  ...parts
}: ExportParts): Omit<Exports, keyof ExportOperations> {
  const { telemetry } = parts.config
  const running = {
    ...parts,
    registry: exporters,
    timeoutMs: telemetry.prometheus.exportTimeout * 1_000,
  }
  return {
    formats: () => exporters.formats(),
    list: () => exporters.list(),
    register: (exporter, { replace = false } = {}) =>
      exporters.register(exporter, { source: 'tasker.exports.register', replace }),
    unregister: (name) => exporters.unregister(name),
    async render({ accept = '', scope = 'auto', ...order } = {}) {
      const format = order.format ?? formatAccepted(accept) ?? telemetry.metricsFormat
      requireFormat(exporters, format)
      return renderWith(running, await metrics.collect({ scope }), { ...order, format })
    },
  }
}
