// Where values are added up until a scrape: one cell for each label set of a metric. Who counts often keeps the cell. There
// are as many as a metric may have: beyond that, values count under `other`, so that no name that comes from outside can fill
// the memory here or at the scraper.

export type Labels = Readonly<Record<string, string>>

export class Count {
  value = 0
}

/** How many values lie at or below each bound, and their sum. */
export class Distribution {
  readonly #bounds: readonly number[]
  readonly #counts: number[]
  #count = 0
  #sum = 0

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds
    this.#counts = bounds.map(() => 0)
  }

  /** What is measured by two clocks may come out negative: as 0. */
  observe(measured: number): void {
    const value = Math.max(0, measured)
    this.#count += 1
    this.#sum += value
    const index = this.#bounds.findIndex((bound) => value <= bound)
    if (index !== -1) this.#counts[index] = (this.#counts[index] ?? 0) + 1
  }

  get count(): number {
    return this.#count
  }

  get sum(): number {
    return this.#sum
  }

  /** How many lie in each bucket, how many there are, and their sum. */
  values(): readonly number[] {
    return [...this.#counts, this.#count, this.#sum]
  }

  /** Bound and count, each with all below it; the last is of all values. */
  cumulative(): readonly (readonly [bound: number | '+Inf', count: number])[] {
    let total = 0
    const below = this.#bounds.map((bound, index) => {
      total += this.#counts[index] ?? 0
      return [bound, total] as const
    })
    return [...below, ['+Inf', this.#count]]
  }
}

export interface Bounds {
  /** Most label sets. */
  readonly seriesMax: number
  /** A value counts under `other`. */
  readonly overflowed: () => void
}

export class Cells<Cell> {
  readonly #labelNames: readonly string[]
  readonly #bounds: Bounds
  readonly #make: () => Cell
  readonly #cells = new Map<string, readonly [Labels, Cell]>()
  #other: Cell | null = null

  constructor(labelNames: readonly string[], bounds: Bounds, make: () => Cell) {
    this.#labelNames = labelNames
    this.#bounds = bounds
    this.#make = make
    // Without labels there is always a value.
    if (labelNames.length === 0) this.#cells.set('', [{}, make()])
  }

  of(labels: Labels): Cell {
    let key = ''
    for (const name of this.#labelNames) key += `${labels[name]}\n`
    const known = this.#cells.get(key)
    if (known !== undefined) return known[1]
    if (this.#cells.size >= this.#bounds.seriesMax) {
      this.#bounds.overflowed()
      this.#other ??= this.#make()
      return this.#other
    }
    const cell = this.#make()
    this.#cells.set(key, [labels, cell])
    return cell
  }

  all(): readonly (readonly [Labels, Cell])[] {
    if (this.#other === null) return [...this.#cells.values()]
    const other = Object.fromEntries(this.#labelNames.map((name) => [name, 'other']))
    return [...this.#cells.values(), [other, this.#other]]
  }

  clear(): void {
    this.#cells.clear()
    this.#other = null
  }
}
