// Format `otlp`: the request of OpenTelemetry's protocol for metrics, as JSON or as protobuf. All totals are cumulative.
import { z } from 'zod'
import type { Json, JsonObject } from '../../../json.ts'
import { packageVersion } from '../../../version.ts'
import type { MetricFamily, MetricsData } from '../../metrics/tasker-metrics.ts'
import type { Exporter } from '../exporter.ts'
import { printedNumber, seriesOf, type Labels, type Series } from '../series.ts'
import { readOptions } from './options.ts'
import { encodeRequest } from './otlp-protobuf.ts'

const optionsSchema = z.strictObject({
  encoding: z.enum(['json', 'protobuf']).default('json'),
  pretty: z.boolean().default(false),
  /** Of the resource, beside `service.name` and `service.instance.id`, or in their place. */
  resourceAttributes: z.record(z.string().min(1), z.string()).default({}),
})

type Options = z.output<typeof optionsSchema>

export const otlpExporter = (serviceName: string): Exporter => ({
  name: 'otlp',
  description: 'ExportMetricsServiceRequest of OTLP, as JSON or protobuf',
  formats: ['otlp'],
  async export(data, { options: given }) {
    const options = readOptions('otlp', optionsSchema, given)
    const request = requestOf(data, serviceName, options)
    const isJson = options.encoding === 'json'
    return {
      format: 'otlp',
      contentType: isJson ? 'application/json' : 'application/x-protobuf',
      body: isJson
        ? JSON.stringify(request, null, options.pretty ? 2 : undefined)
        : await encodeRequest(request),
      metricsCount: data.families.length,
    }
  },
})

function requestOf(data: MetricsData, serviceName: string, options: Options): JsonObject {
  const [instance] = data.instances
  const attributes = {
    'service.name': serviceName,
    // What is of several processes is of none: their gauges say whose they are.
    ...(data.scope === 'process' &&
      instance !== undefined && { 'service.instance.id': instance.instance }),
    ...options.resourceAttributes,
  }
  const times = {
    ...(data.since !== undefined && { startTimeUnixNano: nanoseconds(data.since) }),
    timeUnixNano: nanoseconds(data.at),
  }
  const metrics = data.families.map((family) => metricOf(family, times))
  const scope = { name: '@tasker/engine', version: packageVersion }
  return {
    resourceMetrics: [
      { resource: { attributes: attributesOf(attributes) }, scopeMetrics: [{ scope, metrics }] },
    ],
  }
}

const cumulative = 2

function metricOf(family: MetricFamily, times: JsonObject): JsonObject {
  const about = { name: family.name, description: family.help }
  const points = seriesOf(family)
  const pointsOf = (valuesOf: (series: Series) => Record<string, Json>): JsonObject[] =>
    points.map((series) => ({
      attributes: attributesOf(series.labels),
      ...times,
      ...valuesOf(series),
    }))
  switch (family.type) {
    case 'counter':
      return {
        ...about,
        sum: {
          aggregationTemporality: cumulative,
          isMonotonic: true,
          dataPoints: pointsOf(numberOf),
        },
      }
    case 'gauge':
      return { ...about, gauge: { dataPoints: pointsOf(numberOf) } }
    case 'histogram':
      return {
        ...about,
        histogram: { aggregationTemporality: cumulative, dataPoints: pointsOf(distributionOf) },
      }
    case 'summary':
      return { ...about, summary: { dataPoints: pointsOf(quantilesOf) } }
    default:
      return family.type satisfies never
  }
}

const numberOf = ({ value }: Series): Record<string, Json> => ({
  asDouble: printedNumber(value ?? 0),
})

// Here each bucket holds its own values only, and the last, without a bound, all above.
function distributionOf({ buckets, count, sum }: Series): Record<string, Json> {
  const bounded = buckets.filter(({ bound }) => Number.isFinite(bound))
  const total = count ?? buckets.at(-1)?.count ?? 0
  const upTo = [...bounded.map((bucket) => bucket.count), total]
  return {
    count: String(total),
    ...(sum !== null && { sum: printedNumber(sum) }),
    bucketCounts: upTo.map((each, index) => String(Math.max(0, each - (upTo[index - 1] ?? 0)))),
    explicitBounds: bounded.map(({ bound }) => bound),
  }
}

const quantilesOf = ({ quantiles, count, sum }: Series): Record<string, Json> => ({
  count: String(count ?? 0),
  sum: printedNumber(sum ?? 0),
  quantileValues: quantiles.map(({ quantile, value }) => ({
    quantile: Number(quantile),
    value: printedNumber(value),
  })),
})

const attributesOf = (labels: Labels): JsonObject[] =>
  Object.entries(labels).map(([key, value]) => ({ key, value: { stringValue: value } }))

/** As text: JavaScript has no whole numbers of this size in JSON. */
const nanoseconds = (at: Date): string => String(BigInt(at.getTime()) * 1_000_000n)
