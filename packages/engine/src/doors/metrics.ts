// What the public door says of metrics, their exports, traces and the validators’ queries.

export type {
  AnsweredRequest,
  CollectOrder,
  InstanceMetrics,
  MetricFamily,
  Metrics,
  MetricValue,
  MetricsData,
  MetricsInstance,
  MetricsScope,
  MetricsStatus,
  SyncOrder,
  TextOrder,
} from '../telemetry/metrics/tasker-metrics.ts'
export { renderMetrics } from '../render-metrics.ts'
export type { RenderSettings } from '../render-metrics.ts'
export type { Exports, RenderOrder } from '../telemetry/exports/tasker-exports.ts'
export type {
  ExportNowOrder,
  ExportOperations,
  ExportOutcome,
  ExportReport,
  ExportScope,
  ExportsStatus,
  ExportTargetStatus,
  ScheduledExport,
  ScheduleExportOrder,
  WhatToExport,
} from '../telemetry/exports/export-orders.ts'
export type { ExporterSource, RegisteredExporter } from '../telemetry/exports/registry.ts'
export type {
  ExportEnded,
  Exporter,
  ExportOrder,
  ExportRequested,
  MetricsSync,
  RenderedMetrics,
} from '../telemetry/exports/exporter.ts'
export { spanNames, spansOfTask, type ExpectedSpans } from '../telemetry/traces/hierarchy.ts'
export type { MetricsAddress, MetricsListener } from '../telemetry/metrics/listener.ts'
export { readObservabilityQueries } from '../telemetry/observability-queries.ts'
export type { ObservabilityQuery } from '../telemetry/observability-queries.ts'
