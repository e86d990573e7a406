// What one start of a process has counted, as plain values: families of one shape, whose values are added up and taken from
// one another. Pure. How they are written is snapshot.ts.
import type { MetricType } from '../metrics/catalogue.ts'

export interface FamilyShape {
  /** Without the prefix. */
  readonly name: string
  readonly type: MetricType
  readonly labels: readonly string[]
  /** Of a histogram; else none. */
  readonly bounds: readonly number[]
}

export interface Series {
  /** In the order of the family's labels. */
  readonly labels: readonly string[]
  /** One; of a histogram how many lie in each bucket, how many there are, and their sum. */
  readonly values: readonly number[]
}

export interface TotalsFamily extends FamilyShape {
  readonly series: readonly Series[]
}

export type Totals = readonly TotalsFamily[]

/** Families of other buckets or labels are others, although they have one name: each is kept by itself. */
export const shapeOf = ({ name, type, labels, bounds }: FamilyShape): string =>
  JSON.stringify([name, type, labels, bounds])

export const valueCountOf = ({ type, bounds }: FamilyShape): number =>
  type === 'histogram' ? bounds.length + 2 : 1

export const seriesCountOf = (totals: Totals): number =>
  totals.reduce((sum, { series }) => sum + series.length, 0)

/** Values come from outside: names of errors may hold anything. */
const keyOf = (labels: readonly string[]): string => JSON.stringify(labels)

// A cast: it was made by keyOf.
const labelsFrom = (key: string): readonly string[] => JSON.parse(key) as readonly string[]

interface Summed {
  readonly shape: FamilyShape
  readonly series: Map<string, { readonly labels: readonly string[]; readonly values: number[] }>
}

/** Adds totals up, in bounds: label sets beyond the most count as `other`. */
export class TotalsSum {
  readonly #families = new Map<string, Summed>()
  readonly #seriesMax: number
  readonly #overflowed: (name: string) => void

  constructor(seriesMax = Infinity, overflowed: (name: string) => void = () => undefined) {
    this.#seriesMax = seriesMax
    this.#overflowed = overflowed
  }

  add(totals: Totals): this {
    for (const family of totals) {
      const of = this.#family(family)
      for (const { labels, values } of family.series) {
        const own = this.#series(of, labels)
        values.forEach((value, index) => (own[index] = (own[index] ?? 0) + value))
      }
    }
    return this
  }

  get totals(): Totals {
    return [...this.#families.values()].map(({ shape, series }) => ({
      ...shape,
      series: [...series.values()],
    }))
  }

  #family({ name, type, labels, bounds }: FamilyShape): Summed {
    const shape = { name, type, labels, bounds }
    const key = shapeOf(shape)
    const known = this.#families.get(key)
    if (known !== undefined) return known
    const made = { shape, series: new Map() }
    this.#families.set(key, made)
    return made
  }

  #series({ shape, series }: Summed, labels: readonly string[]): number[] {
    const key = keyOf(labels)
    const known = series.get(key)
    if (known !== undefined) return known.values
    if (series.size < this.#seriesMax || isOther(labels)) {
      const values = Array.from({ length: valueCountOf(shape) }, () => 0)
      series.set(key, { labels, values })
      return values
    }
    this.#overflowed(shape.name)
    return this.#series(
      { shape, series },
      labels.map(() => 'other'),
    )
  }
}

const isOther = (labels: readonly string[]): boolean => labels.every((label) => label === 'other')

/** Counters and histograms: gauges are of the moment and end with their process. */
export const countedOf = (totals: Totals): Totals => totals.filter(({ type }) => type !== 'gauge')

/** What was counted after the base was taken. Never below nothing. */
export function without(totals: Totals, base: Totals): Totals {
  const taken = byKey(base)
  return totals.map((family) =>
    family.type === 'gauge'
      ? family
      : {
          ...family,
          series: family.series.map(({ labels, values }) => {
            const less = taken.get(shapeOf(family))?.get(keyOf(labels))
            return { labels, values: values.map((one, at) => Math.max(0, one - (less?.[at] ?? 0))) }
          }),
        },
  )
}

/** Keeps totals from falling: what a counter had counted before it began anew is added again. */
export class NeverFalling {
  #last: ByKey = new Map()
  #carried = new TotalsSum()

  next(totals: Totals): Totals {
    const counted = countedOf(totals)
    const now = byKey(counted)
    const lost = [...this.#lost(now)]
    if (lost.length > 0) this.#carried.add(lost)
    this.#last = now
    const gauges = totals.filter(({ type }) => type === 'gauge')
    const carried = this.#carried.totals
    if (carried.length === 0) return totals
    return [...new TotalsSum().add(counted).add(carried).totals, ...gauges]
  }

  *#lost(now: ByKey): Generator<TotalsFamily> {
    for (const [shape, series] of this.#last) {
      const present = now.get(shape)
      for (const [key, values] of series) {
        const value = present?.get(key)
        const isSame = value !== undefined && values.every((one, at) => (value[at] ?? 0) >= one)
        if (isSame || values.every((one) => one === 0)) continue
        yield { ...shapeFrom(shape), series: [{ labels: labelsFrom(key), values }] }
      }
    }
  }
}

type ByKey = ReadonlyMap<string, ReadonlyMap<string, readonly number[]>>

const byKey = (totals: Totals): ByKey =>
  new Map(
    totals.map((family) => [
      shapeOf(family),
      new Map(family.series.map(({ labels, values }) => [keyOf(labels), values])),
    ]),
  )

function shapeFrom(key: string): FamilyShape {
  // A cast: it was made by shapeOf.
  const [name, type, labels, bounds] = JSON.parse(key) as [
    string,
    MetricType,
    readonly string[],
    readonly number[],
  ]
  return { name, type, labels, bounds }
}
