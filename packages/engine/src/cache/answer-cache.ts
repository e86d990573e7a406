// Answers that cost something to make, kept in this process for a short time, within a bound; each says when it was made, and
// whether it was made for this caller. Who asks at the same time waits for the same answer.
import { systemClock, type Clock } from '../clock.ts'

/** When an answer was made, and until when it is given again. */
export interface Freshness {
  /** What it says was so then. */
  readonly generatedAt: Date
  /** True: it was made for an earlier caller. */
  readonly isCached: boolean
  /** From then on it is made anew. */
  readonly expiresAt: Date
}

export type Kept<Answer> = Answer & Freshness

/** What the answer depends on, part by part: no two questions have one key by chance. */
export type AnswerKey = readonly (string | number | boolean | null)[]

export interface AnswerCacheOptions {
  /** Most weight of all answers together. Default 100,000. What was not asked for the longest goes first. */
  readonly weightMax?: number
  /** For tests. Default: the system's. */
  readonly clock?: Pick<Clock, 'monotonicMs'>
}

export interface Making<Answer> {
  readonly ttlMs: number
  readonly make: () => Promise<Answer>
  /** How large an answer is, in whatever unit; an answer above the most is not kept. Default 100. */
  readonly weightOf?: (answer: Answer) => number
}

interface Entry {
  readonly answer: Kept<{ readonly generatedAt: Date }>
  readonly weight: number
  readonly endsMs: number
}

const weightMaxDefault = 100_000
const weightUsual = 100

export class AnswerCache {
  /** The oldest use first. */
  readonly #entries = new Map<string, Entry>()
  readonly #making = new Map<string, Promise<Entry['answer']>>()
  readonly #weightMax: number
  readonly #clock: Pick<Clock, 'monotonicMs'>
  #weight = 0

  constructor({ weightMax = weightMaxDefault, clock = systemClock }: AnswerCacheOptions = {}) {
    this.#weightMax = weightMax
    this.#clock = clock
  }

  /** Of all answers kept. */
  get weight(): number {
    return this.#weight
  }

  /** The kept answer, or a new one. One that fails is not kept. The first part of a key says what kind of answer it is. */
  async get<Answer extends { readonly generatedAt: Date }>(
    key: AnswerKey,
    making: Making<Answer>,
  ): Promise<Kept<Answer>> {
    const text = JSON.stringify(key)
    const kept = this.#find(text)
    // Casts: one key is asked for with one kind of answer, which its first part names.
    if (kept !== null) return { ...(kept as Kept<Answer>), isCached: true }
    const underWay = this.#making.get(text)
    if (underWay !== undefined) return underWay as Promise<Kept<Answer>>
    const answer = this.#make(text, making)
    this.#making.set(text, answer)
    try {
      return await answer
    } finally {
      this.#making.delete(text)
    }
  }

  async #make<Answer extends { readonly generatedAt: Date }>(
    key: string,
    { ttlMs, make, weightOf = () => weightUsual }: Making<Answer>,
  ): Promise<Kept<Answer>> {
    const endsMs = this.#clock.monotonicMs() + ttlMs // what it says is at least as old as that
    const made = await make()
    const expiresAt = new Date(made.generatedAt.getTime() + ttlMs)
    const answer = { ...made, isCached: false, expiresAt }
    this.#keep(key, { answer, weight: weightOf(made), endsMs })
    return answer
  }

  #find(key: string): Entry['answer'] | null {
    const entry = this.#entries.get(key)
    if (entry === undefined) return null
    this.#forget(key)
    if (entry.endsMs <= this.#clock.monotonicMs()) return null
    this.#keep(key, entry)
    return entry.answer
  }

  #keep(key: string, entry: Entry): void {
    this.#forget(key)
    if (entry.weight > this.#weightMax) return
    this.#entries.set(key, entry)
    this.#weight += entry.weight
    for (const oldest of this.#entries.keys()) {
      if (this.#weight <= this.#weightMax) break
      this.#forget(oldest)
    }
  }

  #forget(key: string): void {
    this.#weight -= this.#entries.get(key)?.weight ?? 0
    this.#entries.delete(key)
  }
}
