// The exporters that every Tasker has: one for each format.
import type { Config } from '../../config.ts'
import type { Exporter } from './exporter.ts'
import { csvExporter } from './formats/csv.ts'
import { jsonExporter } from './formats/json.ts'
import { openMetricsExporter, prometheusExporter } from './formats/exposition.ts'
import { otlpExporter } from './formats/otlp.ts'

export const builtInExporters = ({ telemetry }: Config): readonly Exporter[] => [
  prometheusExporter(),
  openMetricsExporter(),
  jsonExporter(),
  csvExporter(),
  otlpExporter(telemetry.serviceName),
]
