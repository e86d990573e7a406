// The protobuf form of an OTLP metrics request: the messages of opentelemetry-proto 1.x that Tasker sends, with the numbers of
// their fields. Names are those of the JSON form, so one object is written in either.
import type { INamespace } from 'protobufjs'
import type { JsonObject } from '../../../json.ts'

/** @param request as JSON holds it: whole numbers of 64 bits are texts */
export async function encodeRequest(request: JsonObject): Promise<Uint8Array> {
  const { default: protobuf } = await import('protobufjs/light.js')
  const type = protobuf.Root.fromJSON({ nested: messages }).lookupType('Request')
  return type.encode(type.fromObject(request)).finish()
}

type Fields = Readonly<Record<string, readonly [type: string, id: number, rule?: 'repeated']>>

const message = (fields: Fields) => ({
  fields: Object.fromEntries(
    Object.entries(fields).map(([name, [type, id, rule]]) => [
      name,
      { type, id, ...(rule !== undefined && { rule }) },
    ]),
  ),
})

const point = {
  startTimeUnixNano: ['fixed64', 2],
  timeUnixNano: ['fixed64', 3],
} as const

const messages: NonNullable<INamespace['nested']> = {
  Request: message({ resourceMetrics: ['ResourceMetrics', 1, 'repeated'] }),
  ResourceMetrics: message({
    resource: ['Resource', 1],
    scopeMetrics: ['ScopeMetrics', 2, 'repeated'],
  }),
  Resource: message({ attributes: ['KeyValue', 1, 'repeated'] }),
  ScopeMetrics: message({ scope: ['Scope', 1], metrics: ['Metric', 2, 'repeated'] }),
  Scope: message({ name: ['string', 1], version: ['string', 2] }),
  KeyValue: message({ key: ['string', 1], value: ['AnyValue', 2] }),
  AnyValue: message({ stringValue: ['string', 1] }),
  Metric: message({
    name: ['string', 1],
    description: ['string', 2],
    gauge: ['Gauge', 5],
    sum: ['Sum', 7],
    histogram: ['Histogram', 9],
    summary: ['Summary', 11],
  }),
  Gauge: message({ dataPoints: ['NumberPoint', 1, 'repeated'] }),
  Sum: message({
    dataPoints: ['NumberPoint', 1, 'repeated'],
    aggregationTemporality: ['int32', 2],
    isMonotonic: ['bool', 3],
  }),
  Histogram: message({
    dataPoints: ['HistogramPoint', 1, 'repeated'],
    aggregationTemporality: ['int32', 2],
  }),
  Summary: message({ dataPoints: ['SummaryPoint', 1, 'repeated'] }),
  NumberPoint: message({
    ...point,
    asDouble: ['double', 4],
    attributes: ['KeyValue', 7, 'repeated'],
  }),
  HistogramPoint: message({
    ...point,
    count: ['fixed64', 4],
    sum: ['double', 5],
    bucketCounts: ['fixed64', 6, 'repeated'],
    explicitBounds: ['double', 7, 'repeated'],
    attributes: ['KeyValue', 9, 'repeated'],
  }),
  SummaryPoint: message({
    ...point,
    count: ['fixed64', 4],
    sum: ['double', 5],
    quantileValues: ['QuantileValue', 6, 'repeated'],
    attributes: ['KeyValue', 7, 'repeated'],
  }),
  QuantileValue: message({ quantile: ['double', 1], value: ['double', 2] }),
}
