// What the database says of the queue, for whoever scrapes: read no more often than every few seconds, and not waited for when
// the database is in trouble.
import type { Clock } from '../../clock.ts'

export interface QueueReading {
  readonly workersLive: number
  readonly namespaces: readonly {
    readonly namespace: string
    /** By state. */
    readonly tasks: Readonly<Record<string, number>>
    readonly blockedTasks: number
    readonly dueSteps: number
    readonly scheduledSteps: number
    readonly heldSteps: number
    readonly oldestDueSeconds: number
  }[]
}

/** Several scrapers, or a short interval, cost the database no more than one. */
const keptForMs = 5_000
/** Scrapers give up after ten seconds; by then the rest has to have been sent. */
const answerWithinMs = 3_000

export class QueueInTime {
  readonly #clock: Clock
  readonly #ask: () => Promise<QueueReading>
  #reading: { readonly atMs: number; readonly answer: Promise<QueueReading | null> } | null = null

  constructor(clock: Clock, ask: () => Promise<QueueReading>) {
    this.#clock = clock
    this.#ask = ask
  }

  /** One question at a time, whoever asks and however long it takes. Null: no answer in time. */
  read(): Promise<QueueReading | null> {
    const nowMs = this.#clock.monotonicMs()
    if (this.#reading === null || nowMs - this.#reading.atMs >= keptForMs)
      this.#reading = { atMs: nowMs, answer: this.#ask().catch(() => null) }
    const { promise, resolve } = Promise.withResolvers<null>()
    const cancel = this.#clock.schedule(answerWithinMs, () => resolve(null))
    return Promise.race([this.#reading.answer, promise]).finally(cancel)
  }
}
