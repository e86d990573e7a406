// Metrics as text for scrapers, written by prom-client: the format of Prometheus and OpenMetrics.
import type { Metric, RegistryContentType } from 'prom-client'
import type { PromClient } from './client.ts'
import type { MetricFamily } from './tasker-metrics.ts'

export const expositionTypes = {
  prometheus: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
} as const
export type ExpositionForm = keyof typeof expositionTypes

/** @throws {Error} when two families would have one name: in OpenMetrics the counter `x_total` is called `x` */
export async function expositionOf(
  client: PromClient,
  families: readonly MetricFamily[],
  form: ExpositionForm,
): Promise<string> {
  // Of nothing, the client would write an empty line, which OpenMetrics forbids.
  if (families.length === 0) return form === 'openmetrics' ? '# EOF\n' : ''
  const registry = new client.Registry<RegistryContentType>()
  registry.setContentType(expositionTypes[form])
  for (const family of families) registry.registerMetric(metricOf(family, form))
  return registry.metrics()
}

// What the registry asks of any metric is its name and `get`.
function metricOf({ name, help, type, values }: MetricFamily, form: ExpositionForm): Metric {
  const isOpen = form === 'openmetrics'
  const isSuffixed = isOpen && type === 'counter' // the client puts `_total` behind it
  const familyName = isSuffixed ? name.replace(/_total$/, '') : name
  const metric = {
    name: familyName,
    get: async () => ({
      name: familyName,
      // OpenMetrics wants quotes escaped here too, and the client leaves them.
      help: isOpen ? help.replaceAll('"', "'") : help,
      type,
      values: values.map((one) => ({
        metricName: isSuffixed ? familyName : one.name,
        labels: one.labels,
        value: one.value,
      })),
    }),
  }
  // A cast: the type asks for the whole class, whose other methods nobody calls.
  return metric as unknown as Metric
}
