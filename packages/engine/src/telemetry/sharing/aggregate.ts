// Makes one set of metrics of what many processes wrote: counters and histograms added up over all that there are and were,
// gauges of those that are. Pure.
import {
  legacyNames,
  metricCatalogue,
  type MetricEntry,
  type MetricType,
} from '../metrics/catalogue.ts'
import type { MetricFamily, MetricValue } from '../metrics/tasker-metrics.ts'
import type { Snapshot } from './snapshot.ts'
import { TotalsSum, type Totals, type TotalsFamily } from './totals.ts'

export interface Aggregating {
  /** Of all starts that are not retired, in the order in which they came. */
  readonly snapshots: readonly Snapshot[]
  /** Those whose gauges are of now. */
  readonly live: readonly Snapshot[]
  readonly retired: Totals
  readonly prefix: string
  readonly seriesMax: number
  /** Gauges keep the process they come from as a label; else they are added up, or the greatest is taken. */
  readonly hasInstanceLabels: boolean
  readonly hasLegacyNames: boolean
}

export interface Aggregate {
  readonly families: readonly MetricFamily[]
  /** Metrics of other versions that are something else here. */
  readonly apart: readonly string[]
}

const catalogue: Readonly<Record<string, MetricEntry>> = metricCatalogue

export function aggregate(given: Aggregating): Aggregate {
  const { snapshots, live, retired, prefix, seriesMax } = given
  const sum = new TotalsSum(seriesMax).add(retired)
  for (const { totals } of snapshots) sum.add(totals.filter(({ type }) => type !== 'gauge'))
  const gauges = live.flatMap(({ instance, totals }) =>
    totals.filter(({ type }) => type === 'gauge').map((family) => ({ instance, family })),
  )
  const byName = Map.groupBy(sum.totals, ({ name }) => name)
  const gaugesByName = Map.groupBy(gauges, ({ family }) => family.name)
  const families: MetricFamily[] = []
  const apart: string[] = []
  for (const name of inOrder(new Set([...byName.keys(), ...gaugesByName.keys()]))) {
    const counted = byName.get(name) ?? []
    const type = catalogue[name]?.type ?? counted[0]?.type ?? 'gauge'
    const fitting = counted.filter((family) => family.type === type)
    const ofMoment = gaugesByName.get(name) ?? []
    if (fitting.length < counted.length || (type !== 'gauge' && ofMoment.length > 0))
      apart.push(name)
    const fullName = `${prefix}_${name}`
    const values =
      type === 'gauge'
        ? gaugeValues(fullName, ofMoment, given.hasInstanceLabels)
        : countedValues(fullName, type, fitting)
    const help = catalogue[name]?.help ?? 'Of another version of Tasker.'
    families.push({ name: fullName, help, type, values })
  }
  if (given.hasLegacyNames) families.push(...legacyFamilies(byName))
  return { families, apart }
}

/** Those of the catalogue as they stand there, then the others. */
function inOrder(names: ReadonlySet<string>): readonly string[] {
  const known = Object.keys(catalogue).filter((name) => names.has(name))
  const others = [...names].filter((name) => !(name in catalogue)).toSorted()
  return [...known, ...others]
}

const labelsOf = (
  { labels }: Pick<TotalsFamily, 'labels'>,
  values: readonly string[],
): Readonly<Record<string, string>> =>
  Object.fromEntries(labels.map((label, index) => [label, values[index] ?? '']))

const keyOf = (labels: Readonly<Record<string, string>>): string =>
  JSON.stringify(Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1)))

interface Gauge {
  readonly instance: string
  readonly family: TotalsFamily
}

// A later start of the same process id replaces the earlier one.
function gaugeValues(
  name: string,
  gauges: readonly Gauge[],
  hasInstanceLabels: boolean,
): readonly MetricValue[] {
  const perInstance = new Map<string, MetricValue>()
  for (const { instance, family } of gauges) {
    for (const series of family.series) {
      const labels = { ...labelsOf(family, series.labels), instance }
      perInstance.set(keyOf(labels), { name, labels, value: series.values[0] ?? 0 })
    }
  }
  if (hasInstanceLabels) return [...perInstance.values()]
  return together(name, [...perInstance.values()])
}

function together(fullName: string, values: readonly MetricValue[]): readonly MetricValue[] {
  const name = Object.keys(catalogue).find((one) => fullName.endsWith(`_${one}`)) ?? ''
  const isSum = catalogue[name]?.across === 'sum'
  const all = new Map<string, MetricValue>()
  for (const { labels: labelled, value } of values) {
    const { instance: _, ...labels } = labelled
    const key = keyOf(labels)
    const sofar = all.get(key)?.value
    const next = sofar === undefined ? value : isSum ? sofar + value : Math.max(sofar, value)
    all.set(key, { name: fullName, labels, value: next })
  }
  return [...all.values()]
}

function countedValues(
  name: string,
  type: MetricType,
  families: readonly TotalsFamily[],
): readonly MetricValue[] {
  const common = commonBounds(families)
  const all = new Map<
    string,
    { readonly labels: Readonly<Record<string, string>>; values: number[] }
  >()
  for (const family of families) {
    for (const series of family.series) {
      const labels = labelsOf(family, series.labels)
      const values =
        type === 'histogram' ? rebucketed(family, series.values, common) : series.values
      const key = keyOf(labels)
      const known = all.get(key)
      if (known === undefined) all.set(key, { labels, values: [...values] })
      else known.values = known.values.map((value, index) => value + (values[index] ?? 0))
    }
  }
  return [...all.values()].flatMap(({ labels, values }) =>
    type === 'histogram'
      ? histogramValues(name, labels, { bounds: common, values })
      : [{ name, labels, value: values[0] ?? 0 }],
  )
}

/** Counts up to bounds that all versions have are exact; in between nothing is known. */
function commonBounds(families: readonly TotalsFamily[]): readonly number[] {
  const [first, ...others] = families
  return (first?.bounds ?? []).filter((bound) =>
    others.every(({ bounds }) => bounds.includes(bound)),
  )
}

/** Cumulative counts at the bounds, then the count and the sum. */
function rebucketed(
  { bounds }: TotalsFamily,
  values: readonly number[],
  common: readonly number[],
): readonly number[] {
  let below = 0
  const cumulative = new Map(
    bounds.map((bound, index) => {
      below += values[index] ?? 0
      return [bound, below]
    }),
  )
  return [...common.map((bound) => cumulative.get(bound) ?? 0), ...values.slice(bounds.length)]
}

function histogramValues(
  name: string,
  labels: Readonly<Record<string, string>>,
  { bounds, values }: { readonly bounds: readonly number[]; readonly values: readonly number[] },
): readonly MetricValue[] {
  const [count = 0, sum = 0] = values.slice(bounds.length)
  const bucket = (le: string, value: number): MetricValue => ({
    name: `${name}_bucket`,
    labels: { ...labels, le },
    value,
  })
  return [
    ...bounds.map((bound, index) => bucket(String(bound), values[index] ?? 0)),
    bucket('+Inf', count),
    { name: `${name}_sum`, labels, value: sum },
    { name: `${name}_count`, labels, value: count },
  ]
}

const legacyFamilies = (byName: ReadonlyMap<string, Totals>): readonly MetricFamily[] =>
  Object.entries(legacyNames).map(([name, of]) => ({
    name,
    help: `As in the first generation: the sum of ${of}.`,
    type: 'counter',
    values: [{ name, labels: {}, value: totalOf(byName.get(of) ?? []) }],
  }))

const totalOf = (totals: Totals): number =>
  totals.reduce(
    (sum, { series }) => sum + series.reduce((of, { values }) => of + (values[0] ?? 0), 0),
    0,
  )
