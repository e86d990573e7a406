// The last so many of something: what comes then takes the place of the oldest.

export class Ring<Sample> {
  readonly #samples: Sample[] = []
  readonly #max: number
  /** Where the next one goes, once it is full. */
  #next = 0

  constructor(max: number) {
    this.#max = max
  }

  keep(sample: Sample): void {
    this.#samples[this.#next] = sample
    this.#next = (this.#next + 1) % this.#max
  }

  /** Of those that are wanted the newest, oldest first. */
  newest(limit: number, isWanted: (sample: Sample) => boolean): readonly Sample[] {
    const inOrder = [...this.#samples.slice(this.#next), ...this.#samples.slice(0, this.#next)]
    const wanted = inOrder.filter(isWanted)
    return wanted.slice(Math.max(0, wanted.length - limit))
  }

  clear(): void {
    this.#samples.length = 0
    this.#next = 0
  }
}
