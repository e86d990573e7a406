// The message of Prometheus remote write 1.0: protobuf, compressed as one block of Snappy. The field numbers are those of
// prometheus.WriteRequest. Both libraries are loaded here, when the first message is made.
import type { MetricsData } from '../../metrics/tasker-metrics.ts'

/** A series with its one value. */
export interface Series {
  /** Sorted by name; `__name__` is among them. */
  readonly labels: readonly { readonly name: string; readonly value: string }[]
  readonly value: number
}

/** Makes the body of one request. */
export type Encode = (series: readonly Series[], at: Date) => Uint8Array

/** Series with the label `instance` where one is given and they have none, in the order in which they come. */
export function seriesOf({ families }: MetricsData, instance: string | null): readonly Series[] {
  return families.flatMap(({ values }) =>
    values.map(({ name, labels, value }) => {
      const all = { ...(instance !== null && { instance }), ...labels, __name__: name }
      return {
        labels: Object.entries(all)
          // An empty label is the same as none.
          .filter(([, text]) => text !== '')
          .map(([label, text]) => ({ name: label, value: text }))
          .toSorted((one, other) => (one.name < other.name ? -1 : 1)),
        value,
      }
    }),
  )
}

export async function loadEncoder(): Promise<Encode> {
  const [{ default: protobuf }, { default: snappy }] = await Promise.all([
    import('protobufjs/light.js'),
    import('snappyjs'),
  ])
  const { Field, Root, Type } = protobuf
  const label = new Type('Label')
    .add(new Field('name', 1, 'string'))
    .add(new Field('value', 2, 'string'))
  const sample = new Type('Sample')
    .add(new Field('value', 1, 'double'))
    .add(new Field('timestamp', 2, 'int64'))
  const timeSeries = new Type('TimeSeries')
    .add(new Field('labels', 1, 'Label', 'repeated'))
    .add(new Field('samples', 2, 'Sample', 'repeated'))
  const request = new Type('WriteRequest').add(new Field('timeseries', 1, 'TimeSeries', 'repeated'))
  const root = new Root()
  for (const type of [label, sample, timeSeries, request]) root.add(type)
  return (series, at) => {
    const timestamp = at.getTime()
    const message = {
      timeseries: series.map(({ labels, value }) => ({ labels, samples: [{ value, timestamp }] })),
    }
    return snappy.compress(Uint8Array.from(request.encode(message).finish()))
  }
}
