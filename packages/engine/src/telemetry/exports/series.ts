// Values of a metric, one for each label set: what the values of one histogram say together. For formats that do not keep
// `_bucket`, `_sum` and `_count` apart.
import type { MetricFamily } from '../metrics/tasker-metrics.ts'

export type Labels = Readonly<Record<string, string>>

/** A number, or what a histogram or a summary holds. */
export interface Series {
  /** Sorted by name. */
  readonly labels: Labels
  /** Of a counter or a gauge. */
  readonly value: number | null
  /** Of a histogram: how many values lie at or below each bound, in the order of the bounds. `+Inf` is the last. */
  readonly buckets: readonly Bucket[]
  /** Of a summary. */
  readonly quantiles: readonly Quantile[]
  readonly sum: number | null
  readonly count: number | null
}

export interface Bucket {
  /** As it stands in the label `le`. */
  readonly le: string
  readonly bound: number
  readonly count: number
}

export interface Quantile {
  readonly quantile: string
  readonly value: number
}

/** Without what stands in every value of a family for itself: `le`, `quantile`. */
export function seriesOf({ name, type, values }: MetricFamily): readonly Series[] {
  if (type === 'counter' || type === 'gauge')
    return values.map(({ labels, value }) => ({ ...nothing, labels: sorted(labels), value }))
  const partLabel = type === 'histogram' ? 'le' : 'quantile'
  const groups = Map.groupBy(values, ({ labels: { [partLabel]: _part, ...own } }) =>
    JSON.stringify(Object.entries(sorted(own))),
  )
  return [...groups].map(([key, those]) => {
    const valueOf = (suffix: string): number | null =>
      those.find((one) => one.name === `${name}_${suffix}`)?.value ?? null
    const buckets = those
      .filter((one) => one.name === `${name}_bucket`)
      .map(({ labels, value }) => ({ le: labels['le'] ?? '', count: value }))
      .map(({ le, count }) => ({ le, bound: le === '+Inf' ? Infinity : Number(le), count }))
      .sort((a, b) => a.bound - b.bound)
    const quantiles = those
      .filter((one) => one.name === name)
      .map(({ labels, value }) => ({ quantile: labels['quantile'] ?? '', value }))
    return {
      // A cast: it was written some lines above.
      labels: Object.fromEntries(JSON.parse(key) as [string, string][]),
      value: null,
      buckets,
      quantiles,
      sum: valueOf('sum'),
      count: valueOf('count'),
    }
  })
}

/** `name{a="1",b="2"}`: the same text for the same series. */
export function seriesKey(name: string, labels: Labels): string {
  const pairs = Object.entries(sorted(labels)).map(([key, value]) => `${key}="${escaped(value)}"`)
  return pairs.length === 0 ? name : `${name}{${pairs.join(',')}}`
}

const nothing = { value: null, buckets: [], quantiles: [], sum: null, count: null }

const sorted = (labels: Labels): Labels =>
  Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))

const escaped = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')

/** JSON and tables have no numbers for these. */
export function printedNumber(value: number): number | 'NaN' | 'Infinity' | '-Infinity' {
  if (Number.isNaN(value)) return 'NaN'
  if (Number.isFinite(value)) return value
  return value > 0 ? 'Infinity' : '-Infinity'
}
