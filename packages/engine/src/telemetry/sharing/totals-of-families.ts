// From metrics as a scraper reads them back to totals as processes share them: what the catalogue has. Pure.
import { metricCatalogue, type MetricEntry } from '../metrics/catalogue.ts'
import type { MetricFamily, MetricValue } from '../metrics/tasker-metrics.ts'
import type { Series, Totals } from './totals.ts'

const catalogue: readonly (readonly [string, MetricEntry])[] = Object.entries(metricCatalogue)

/** What every process reads from the database is none of its totals; neither is what others put beside ours. */
export function totalsOfFamilies(families: readonly MetricFamily[], prefix: string): Totals {
  const byName = new Map(families.map((family) => [family.name, family]))
  return catalogue.flatMap(([name, { type, labels, buckets: bounds = [], isShared }]) => {
    const family = byName.get(`${prefix}_${name}`)
    if (family?.type !== type || isShared === true) return []
    return [{ name, type, labels, bounds, series: seriesOf(family, labels, bounds) }]
  })
}

function seriesOf(
  { name, type, values }: MetricFamily,
  labelNames: readonly string[],
  bounds: readonly number[],
): readonly Series[] {
  const keyOf = ({ labels }: MetricValue): string =>
    JSON.stringify(labelNames.map((label) => labels[label] ?? ''))
  return [...Map.groupBy(values, keyOf).values()].map((own) => ({
    labels: labelNames.map((label) => own[0]?.labels[label] ?? ''),
    values: type === 'histogram' ? distribution(name, own, bounds) : [own[0]?.value ?? 0],
  }))
}

/** A scraper is told of all at or below a bound; shared is how many lie in each bucket. */
function distribution(
  name: string,
  values: readonly MetricValue[],
  bounds: readonly number[],
): readonly number[] {
  const valueOf = (suffix: string, bound?: number): number =>
    values.find(
      (one) =>
        one.name === `${name}_${suffix}` &&
        (bound === undefined || Number(one.labels['le']) === bound),
    )?.value ?? 0
  let below = 0
  const counts = bounds.map((bound) => {
    const upTo = Math.max(below, valueOf('bucket', bound))
    const count = upTo - below
    below = upTo
    return count
  })
  return [...counts, valueOf('count'), valueOf('sum')]
}
