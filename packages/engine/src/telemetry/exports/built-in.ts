// The exporters that every Tasker has: one for each format.
import type { Config } from '../../config.ts'
import type { Exporter } from './exporter.ts'
import { jsonExporter } from './formats/json.ts'
import { openMetricsExporter, prometheusExporter } from './formats/exposition.ts'

export const builtInExporters = (_config: Config): readonly Exporter[] => [
  prometheusExporter(),
  openMetricsExporter(),
  jsonExporter(),
]
