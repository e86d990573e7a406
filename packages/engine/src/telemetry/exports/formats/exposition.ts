// Formats `prometheus` and `openmetrics`: what scrapers read, written by prom-client.
import { loadClient } from '../../metrics/client.ts'
import { expositionOf, expositionTypes, type ExpositionForm } from '../../metrics/exposition.ts'
import type { Exporter } from '../exporter.ts'
import { readOptions } from './options.ts'
import { z } from 'zod'

export const prometheusExporter = (): Exporter =>
  exporterOf('prometheus', 'Text format of Prometheus, version 0.0.4')

export const openMetricsExporter = (): Exporter =>
  exporterOf('openmetrics', 'OpenMetrics text, version 1.0')

const noOptions = z.strictObject({})

const exporterOf = (form: ExpositionForm, description: string): Exporter => ({
  name: form,
  description,
  formats: [form],
  async export({ families }, { options }) {
    readOptions(form, noOptions, options)
    return {
      format: form,
      contentType: expositionTypes[form],
      body: await expositionOf(await loadClient(), families, form),
      metricsCount: families.length,
    }
  },
})
