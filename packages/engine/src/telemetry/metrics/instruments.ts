// The metrics of the catalogue in the client's registry, with as many label sets as a metric may have: beyond that, values
// count under `other`, so that no name that comes from outside can fill the memory here or at the scraper.
import type { Counter, Gauge, Histogram, Registry } from 'prom-client'
import {
  legacyNames,
  metricCatalogue,
  type LabelsOf,
  type MetricEntry,
  type NameOf,
} from './catalogue.ts'
import type { PromClient } from './client.ts'

export interface InstrumentOptions {
  readonly client: PromClient
  /** What all names begin with, without the underscore. */
  readonly prefix: string
  /** Most label sets of one metric; all others are `other`. */
  readonly seriesMax: number
  readonly hasLegacyNames: boolean
}

type Labels = Readonly<Record<string, string>>
type Metrics<Metric> = ReadonlyMap<string, Metric>

export class Instruments {
  readonly registry: Registry
  readonly #counters: Metrics<Bounded<Counter>>
  readonly #gauges: Metrics<Bounded<Gauge>>
  readonly #histograms: Metrics<Bounded<Histogram>>

  constructor(options: InstrumentOptions) {
    const { client, prefix, seriesMax } = options
    this.registry = new client.Registry()
    const overflowed = (metric: string): void =>
      this.count('metrics_overflowed_total', { metric: `${prefix}_${metric}` })
    const made = <Metric>(
      type: MetricEntry['type'],
      make: (config: Configuration, entry: MetricEntry) => Metric,
    ): Metrics<Bounded<Metric>> =>
      new Map(
        entries
          .filter(([, entry]) => entry.type === type)
          .map(([name, entry]) => {
            const config = this.#configure(`${prefix}_${name}`, entry)
            // Its own label is a name of the catalogue: it needs no bounds, and could not count itself.
            const isBounded = name !== 'metrics_overflowed_total'
            const bounds = {
              seriesMax: isBounded ? seriesMax : Infinity,
              overflowed: () => overflowed(name),
            }
            return [name, new Bounded(make(config, entry), entry.labels, bounds)]
          }),
      )
    this.#counters = made('counter', (config) => new client.Counter(config))
    this.#gauges = made('gauge', (config) => new client.Gauge(config))
    this.#histograms = made(
      'histogram',
      (config, { buckets = [] }) => new client.Histogram({ ...config, buckets: [...buckets] }),
    )
    if (options.hasLegacyNames) this.#addLegacyNames(client)
  }

  count<Name extends NameOf<'counter'>>(name: Name, labels: LabelsOf<Name>, by = 1): void {
    this.#counters.get(name)?.with(labels, (counter, bounded) => counter.inc(bounded, by))
  }

  observe<Name extends NameOf<'histogram'>>(
    name: Name,
    labels: LabelsOf<Name>,
    value: number,
  ): void {
    this.#histograms.get(name)?.with(labels, (histogram, bounded) => {
      histogram.observe(bounded, Math.max(0, value))
    })
  }

  set<Name extends NameOf<'gauge'>>(name: Name, labels: LabelsOf<Name>, value: number): void {
    this.#gauges.get(name)?.with(labels, (gauge, bounded) => gauge.set(bounded, value))
  }

  /** Forgets all values of a gauge: those that are not set again are gone. */
  clear(name: NameOf<'gauge'>): void {
    this.#gauges.get(name)?.forget((gauge) => gauge.reset())
  }

  /** Of a counter that somebody else counts. */
  setCount(name: NameOf<'counter'>, total: number): void {
    this.#counters.get(name)?.forget((counter) => {
      counter.reset()
      counter.inc(total)
    })
  }

  #configure(name: string, entry: MetricEntry): Configuration {
    return { name, help: entry.help, labelNames: [...entry.labels], registers: [this.registry] }
  }

  // Summed up at a scrape: what counts pays nothing for them.
  #addLegacyNames(client: PromClient): void {
    for (const [legacyName, name] of Object.entries(legacyNames)) {
      const source = this.#counters.get(name)?.metric
      const alias = new client.Counter({
        name: legacyName,
        help: `As in the first generation: the sum of ${name}.`,
        registers: [this.registry],
        async collect() {
          const values = (await source?.get())?.values ?? []
          alias.reset()
          alias.inc(values.reduce((sum, { value }) => sum + value, 0))
        },
      })
    }
  }
}

interface Configuration {
  readonly name: string
  readonly help: string
  readonly labelNames: string[]
  readonly registers: Registry[]
}

const entries: readonly (readonly [string, MetricEntry])[] = Object.entries(metricCatalogue)

interface Bounds {
  readonly seriesMax: number
  readonly overflowed: () => void
}

class Bounded<Metric> {
  readonly metric: Metric
  readonly #labelNames: readonly string[]
  readonly #bounds: Bounds
  readonly #known = new Map<string, Labels>()
  readonly #other: Labels

  constructor(metric: Metric, labelNames: readonly string[], bounds: Bounds) {
    this.metric = metric
    this.#labelNames = labelNames
    this.#bounds = bounds
    this.#other = Object.fromEntries(labelNames.map((name) => [name, 'other']))
  }

  with(labels: Labels, update: (metric: Metric, labels: Labels) => void): void {
    update(this.metric, this.#labelNames.length === 0 ? labels : this.#bounded(labels))
  }

  forget(reset: (metric: Metric) => void): void {
    this.#known.clear()
    reset(this.metric)
  }

  #bounded(labels: Labels): Labels {
    let key = ''
    for (const name of this.#labelNames) key += `${labels[name]}\n`
    const known = this.#known.get(key)
    if (known !== undefined) return known
    if (this.#known.size >= this.#bounds.seriesMax) {
      this.#bounds.overflowed()
      return this.#other
    }
    this.#known.set(key, labels)
    return labels
  }
}
