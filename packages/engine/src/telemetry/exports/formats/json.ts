// Format `json`: one object, every label set under a key of its own, histograms whole.
import { z } from 'zod'
import type { Json, JsonObject } from '../../../json.ts'
import type { MetricFamily, MetricsData } from '../../metrics/tasker-metrics.ts'
import type { Exporter } from '../exporter.ts'
import { printedNumber, seriesKey, seriesOf, type Series } from '../series.ts'
import { readOptions } from './options.ts'

const newName = z.string().min(1).optional()

const optionsSchema = z
  .strictObject({
    /** Indented, for people. */
    pretty: z.boolean().default(false),
    includeMetadata: z.boolean().default(true),
    /** Other names for the fields of the object. */
    fieldMapping: z
      .strictObject({
        timestamp: newName,
        metrics: newName,
        total_metrics: newName,
        metadata: newName,
      })
      .default({}),
    /** Beside them. */
    additionalFields: z.record(z.string(), z.json()).default({}),
  })
  .superRefine((options, context) => {
    const names = [...Object.values(namesOf(options)), ...Object.keys(options.additionalFields)]
    for (const name of new Set(names.filter((each, index) => names.indexOf(each) !== index)))
      context.addIssue(`two fields would be called "${name}"`)
  })

type Options = z.output<typeof optionsSchema>

const exporter = { name: 'json', version: '1.0.0' } as const

export const jsonExporter = (): Exporter => ({
  ...exporter,
  description: 'One JSON object with every series of every metric',
  formats: ['json'],
  export(data, { options: given }) {
    const options = readOptions('json', optionsSchema, given)
    const object = objectOf(data, options)
    return {
      format: 'json',
      contentType: 'application/json; charset=utf-8',
      body: `${JSON.stringify(object, null, options.pretty ? 2 : undefined)}\n`,
      metricsCount: data.families.length,
    }
  },
})

function objectOf(data: MetricsData, options: Options): JsonObject {
  const names = namesOf(options)
  const isMapped = Object.keys(options.fieldMapping).length > 0
  const metadata = {
    exporter: exporter.name,
    version: exporter.version,
    exported_at: data.at.toISOString(),
    scope: data.scope,
    instances: data.instances.map(({ instance }) => instance),
    ...(isMapped && { field_mapping: names }),
  }
  return {
    [names.timestamp]: data.at.toISOString(),
    [names.metrics]: Object.fromEntries(data.families.flatMap(entriesOf)),
    [names.total_metrics]: data.families.length,
    ...(options.includeMetadata && { [names.metadata]: metadata }),
    ...options.additionalFields,
  }
}

const namesOf = ({ fieldMapping }: Pick<Options, 'fieldMapping'>) => ({
  timestamp: fieldMapping.timestamp ?? 'timestamp',
  metrics: fieldMapping.metrics ?? 'metrics',
  total_metrics: fieldMapping.total_metrics ?? 'total_metrics',
  metadata: fieldMapping.metadata ?? 'metadata',
})

const entriesOf = (family: MetricFamily): readonly (readonly [string, JsonObject])[] =>
  seriesOf(family).map((series) => [
    seriesKey(family.name, series.labels),
    {
      name: family.name,
      type: family.type,
      labels: series.labels,
      ...(family.help !== '' && { help: family.help }),
      ...valuesOf(series),
    },
  ])

function valuesOf({ value, buckets, quantiles, sum, count }: Series): Record<string, Json> {
  if (value !== null) return { value: printedNumber(value) }
  return {
    ...(count !== null && { count: printedNumber(count) }),
    ...(sum !== null && { sum: printedNumber(sum) }),
    ...(buckets.length > 0 && {
      buckets: Object.fromEntries(buckets.map((one) => [one.le, printedNumber(one.count)])),
    }),
    ...(quantiles.length > 0 && {
      quantiles: Object.fromEntries(
        quantiles.map((one) => [one.quantile, printedNumber(one.value)]),
      ),
    }),
  }
}
