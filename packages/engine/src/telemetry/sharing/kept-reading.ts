// A reading that costs much, for many who ask: who asks while one goes on gets that one or, when it began too long ago, the next;
// and what was read is kept for a moment.
import type { Clock } from '../../clock.ts'

/** From when a reading began: whoever asks two processes one after the other, so far apart, is never told less. */
const keptForMs = 1_000

export class KeptReading<Result> {
  readonly #clock: Pick<Clock, 'monotonicMs'>
  readonly #read: () => Promise<Result>
  #last: { readonly atMs: number; readonly answer: Promise<Result> } | null = null
  #running: Promise<Result> | null = null
  #next: Promise<Result> | null = null

  constructor(clock: Pick<Clock, 'monotonicMs'>, read: () => Promise<Result>) {
    this.#clock = clock
    this.#read = read
  }

  get(): Promise<Result> {
    const last = this.#last
    if (last !== null && this.#clock.monotonicMs() - last.atMs < keptForMs) return last.answer
    if (this.#running === null) return this.#begin()
    const begin = (): Promise<Result> => {
      this.#next = null
      return this.#begin()
    }
    this.#next ??= this.#running.then(begin, begin)
    return this.#next
  }

  /** Something has changed: who asks from now on is told of it. */
  forget(): void {
    this.#last = null
  }

  #begin(): Promise<Result> {
    const answer: Promise<Result> = this.#read().then(
      (result) => {
        this.#ended(answer)
        return result
      },
      (error: unknown) => {
        this.#ended(answer)
        if (this.#last?.answer === answer) this.#last = null
        throw error
      },
    )
    this.#running = answer
    this.#last = { atMs: this.#clock.monotonicMs(), answer }
    return answer
  }

  #ended(answer: Promise<Result>): void {
    if (this.#running === answer) this.#running = null
  }
}
