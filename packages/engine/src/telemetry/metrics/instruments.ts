// The metrics of the catalogue: values are added up in cells of ours, which cost a tenth of the client's, and are handed to
// its registry at a scrape.
import type { Metric, Registry } from 'prom-client'
import {
  legacyNames,
  metricCatalogue,
  type LabelsOf,
  type MetricEntry,
  type NameOf,
} from './catalogue.ts'
import type { Series, Totals } from '../sharing/totals.ts'
import { Cells, Count, Distribution, type Bounds, type Labels } from './cells.ts'
import type { PromClient } from './client.ts'

export interface InstrumentOptions {
  readonly client: PromClient
  /** What all names begin with, without the underscore. */
  readonly prefix: string
  /** Most label sets of one metric; all others are `other`. */
  readonly seriesMax: number
  readonly hasLegacyNames: boolean
}

export class Instruments {
  readonly registry: Registry
  readonly #options: InstrumentOptions
  /** Counters and gauges. */
  readonly #numbers = new Map<string, Cells<Count>>()
  readonly #histograms = new Map<string, Cells<Distribution>>()

  constructor(options: InstrumentOptions) {
    this.#options = options
    this.registry = new options.client.Registry()
    for (const [name, entry] of entries) {
      if (entry.type === 'histogram') this.#addHistogram(name, entry)
      else this.#addNumber(name, entry)
    }
    if (options.hasLegacyNames) this.#addLegacyNames()
  }

  /** To be kept by who counts often. */
  counter<Name extends NameOf<'counter'>>(name: Name, labels: LabelsOf<Name>): Count {
    return this.#number(name).of(labels)
  }

  /** To be kept by who observes often. */
  histogram<Name extends NameOf<'histogram'>>(name: Name, labels: LabelsOf<Name>): Distribution {
    const cells = this.#histograms.get(name)
    if (cells === undefined) throw new Error(`${name} is no histogram`)
    return cells.of(labels)
  }

  count<Name extends NameOf<'counter'>>(name: Name, labels: LabelsOf<Name>, by = 1): void {
    this.#number(name).of(labels).value += by
  }

  set<Name extends NameOf<'gauge'>>(name: Name, labels: LabelsOf<Name>, value: number): void {
    this.#number(name).of(labels).value = value
  }

  /** Forgets all values of a gauge: those that are not set again are gone. */
  clear(name: NameOf<'gauge'>): void {
    this.#number(name).clear()
  }

  /** Of a counter that somebody else counts: all of its values. */
  setCounts<Name extends NameOf<'counter'>>(
    name: Name,
    counts: readonly (LabelsOf<Name> & { readonly count: number })[],
  ): void {
    const cells = this.#number(name)
    cells.clear()
    for (const { count, ...labels } of counts) cells.of(labels).value += count
  }

  /** How often counters of tasks, steps and requests were raised: what Tasker does for itself is not among them. */
  updates(): number {
    return ofWork
      .flatMap((name) => this.#number(name).all())
      .reduce((sum, [, { value }]) => sum + value, 0)
  }

  /** Of every metric but those that are read from the database. */
  totals(): Totals {
    return entries
      .filter(([, { isShared }]) => isShared !== true)
      .map(([name, { type, labels, buckets: bounds = [] }]) => ({
        name,
        type,
        labels,
        bounds,
        series: this.#seriesOf(name, labels),
      }))
  }

  #seriesOf(name: string, labelNames: readonly string[]): readonly Series[] {
    const labelled = (of: Labels): readonly string[] => labelNames.map((label) => of[label] ?? '')
    const histogram = this.#histograms.get(name)
    if (histogram !== undefined)
      return histogram.all().map(([of, cell]) => ({ labels: labelled(of), values: cell.values() }))
    return this.#number(name)
      .all()
      .map(([of, { value }]) => ({ labels: labelled(of), values: [value] }))
  }

  #number(name: string): Cells<Count> {
    const cells = this.#numbers.get(name)
    if (cells === undefined) throw new Error(`${name} is no counter or gauge`)
    return cells
  }

  #addNumber(name: string, { type, help, labels }: MetricEntry): void {
    const { client, prefix } = this.#options
    const cells = new Cells(labels, this.#boundsOf(name), () => new Count())
    this.#numbers.set(name, cells)
    const config = { name: `${prefix}_${name}`, help, labelNames: labels }
    const registers = [this.registry]
    if (type === 'counter') {
      const counter = new client.Counter({
        ...config,
        registers,
        collect() {
          counter.reset()
          for (const [of, { value }] of cells.all()) counter.inc(of, value)
        },
      })
      return
    }
    const gauge = new client.Gauge({
      ...config,
      registers,
      collect() {
        gauge.reset()
        for (const [of, { value }] of cells.all()) gauge.set(of, value)
      },
    })
  }

  // The client's histogram takes single values only. What the registry asks of any metric is its name and `get`.
  #addHistogram(name: string, { help, labels, buckets = [] }: MetricEntry): void {
    const cells = new Cells(labels, this.#boundsOf(name), () => new Distribution(buckets))
    this.#histograms.set(name, cells)
    const fullName = `${this.#options.prefix}_${name}`
    const metric = {
      name: fullName,
      get: async () => ({
        name: fullName,
        help,
        type: 'histogram',
        values: cells.all().flatMap(([of, cell]) => valuesOf(fullName, of, cell)),
      }),
    }
    // A cast: the type asks for the whole class, whose other methods nobody calls.
    this.registry.registerMetric(metric as unknown as Metric)
  }

  // Summed up at a scrape.
  #addLegacyNames(): void {
    for (const [legacyName, name] of Object.entries(legacyNames)) {
      const cells = this.#number(name)
      const alias = new this.#options.client.Counter({
        name: legacyName,
        help: `As in the first generation: the sum of ${name}.`,
        registers: [this.registry],
        collect() {
          alias.reset()
          alias.inc(cells.all().reduce((sum, [, { value }]) => sum + value, 0))
        },
      })
    }
  }

  #boundsOf(name: string): Bounds {
    const { prefix, seriesMax } = this.#options
    // Its own label is a name of the catalogue: it needs no bounds, and could not count itself.
    if (name === overflowed) return { seriesMax: Infinity, overflowed: () => undefined }
    const metric = `${prefix}_${name}`
    return { seriesMax, overflowed: () => this.count(overflowed, { metric }) }
  }
}

const overflowed = 'metrics_overflowed_total'

const entries: readonly (readonly [string, MetricEntry])[] = Object.entries(metricCatalogue)

const ofWork: readonly string[] = entries
  .filter(([name, { type }]) => type === 'counter' && /^(?:tasks|steps|http)_/.test(name))
  .map(([name]) => name)

interface Value {
  readonly metricName: string
  readonly labels: Readonly<Record<string, string | number>>
  readonly value: number
}

const valuesOf = (
  name: string,
  labels: Readonly<Record<string, string>>,
  cell: Distribution,
): Value[] => [
  ...cell.cumulative().map(([le, value]) => ({
    metricName: `${name}_bucket`,
    labels: { ...labels, le },
    value,
  })),
  { metricName: `${name}_sum`, labels, value: cell.sum },
  { metricName: `${name}_count`, labels, value: cell.count },
]
