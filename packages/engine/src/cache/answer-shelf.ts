// Answers in a store: where each stands, what is believed of what comes back, and that a store that fails is as good as an empty
// one. Large answers are not read again and again: what a text says is remembered, within a bound.
import { createHash } from 'node:crypto'
import type { Clock } from '../clock.ts'
import { readAnswer, writeAnswer, type KeptAnswer, type Question } from './answer-text.ts'
import type { CacheStore } from './cache-store.ts'

export interface AnswerShelfOptions {
  readonly store: CacheStore
  readonly clock: Clock
  /** Whose answers they are, of all that use the store: a text that no other database has. */
  readonly owner: () => Promise<string>
}

/** Of one answer: some 10,000 steps of an analysis. */
const charactersMax = 8_388_608
/** Of the texts that are remembered, all together. */
const rememberedMax = 8_388_608
/** Wall clocks of machines differ; what was made further ahead than this is no answer. */
const clockSkewMaxMs = 60_000

interface Remembered {
  readonly text: string
  readonly version: string
  readonly answer: KeptAnswer
}

export class AnswerShelf {
  readonly #options: AnswerShelfOptions
  /** By place. The oldest use first. */
  readonly #remembered = new Map<string, Remembered>()
  #rememberedCharacters = 0
  #owner: string | null = null
  #errorCount = 0

  constructor(options: AnswerShelfOptions) {
    this.#options = options
  }

  get errorCount(): number {
    return this.#errorCount
  }

  failed(): void {
    this.#errorCount += 1
  }

  /** Where the answer to a question stands; digested: keys may be private, and of any length. Null: it cannot be said. */
  async placeOf(key: string): Promise<string | null> {
    try {
      this.#owner ??= await this.#options.owner()
    } catch {
      return null // the database does not answer: whoever asks hears so from what makes the answer
    }
    return createHash('sha256').update(`${this.#owner}\n${key}`).digest('base64url')
  }

  /** Null: there is none to this question, or the store did not say. */
  async read(place: string, question: Question): Promise<KeptAnswer | null> {
    const text = await this.#tried(() => this.#options.store.get(`answer/${place}`))
    // To read what nobody of us wrote would hold the process up.
    if (typeof text !== 'string' || text.length > charactersMax) return null
    const known = this.#remembered.get(place)
    const isKnown = known?.text === text && known.version === question.version
    const answer = isKnown ? known.answer : readAnswer(question, text)
    const latestMs = this.#options.clock.nowMs() + clockSkewMaxMs
    if (answer === null || answer.madeAtMs > latestMs) return null
    this.#remember(place, { text, version: question.version, answer })
    return answer
  }

  /** For `storedMs`. False: the store failed, or it is too large, or would not come back as it is; then nothing stands there. */
  async write(
    place: string,
    question: Question,
    answer: KeptAnswer,
    storedMs: number,
  ): Promise<boolean> {
    const text = writeAnswer(question, answer, charactersMax)
    if (text === null) {
      await this.delete(place)
      return false
    }
    const isDone = await this.#tried(async () => {
      await this.#options.store.set(`answer/${place}`, text, storedMs)
      return true
    })
    return isDone === true
  }

  /** False: the store did not do it. */
  async delete(place: string): Promise<boolean> {
    this.#drop(place)
    const isDone = await this.#tried(async () => {
      await this.#options.store.delete(`answer/${place}`)
      return true
    })
    return isDone === true
  }

  async #tried<Result>(ask: () => Promise<Result>): Promise<Result | null> {
    try {
      return await ask()
    } catch {
      this.failed()
      return null
    }
  }

  #remember(place: string, remembered: Remembered): void {
    this.#drop(place)
    this.#remembered.set(place, remembered)
    this.#rememberedCharacters += remembered.text.length
    for (const oldest of this.#remembered.keys()) {
      if (this.#rememberedCharacters <= rememberedMax) break
      this.#drop(oldest)
    }
  }

  #drop(place: string): void {
    this.#rememberedCharacters -= this.#remembered.get(place)?.text.length ?? 0
    this.#remembered.delete(place)
  }
}
