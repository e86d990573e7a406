// So many requests in a second. rate-limiter-flexible counts; the second is that of the clock given here, and is part of the
// key, so that a clock that a test sets counts too. Nobody waits inside.
import type { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import type { Clock } from '../../clock.ts'

const windowMs = 1_000

export class RequestRate {
  readonly #limiter: RateLimiterMemory
  readonly #perSecond: number
  readonly #clock: Clock

  /** Loads the library when the first system with a rate is called. */
  static async make(perSecond: number, clock: Clock): Promise<RequestRate> {
    const { RateLimiterMemory } = await import('rate-limiter-flexible')
    // Kept a little longer than the second lasts: the library's timers and our clock need not agree.
    const limiter = new RateLimiterMemory({ points: perSecond, duration: 2 })
    return new RequestRate(limiter, perSecond, clock)
  }

  private constructor(limiter: RateLimiterMemory, perSecond: number, clock: Clock) {
    this.#limiter = limiter
    this.#perSecond = perSecond
    this.#clock = clock
  }

  /**
   * Takes one request out of this second. Null: it is free; else milliseconds until a second in which it should be: those
   * refused within one second are sent to the next ones in order, so that they do not all come back at once.
   */
  async take(): Promise<number | null> {
    const nowMs = this.#clock.nowMs()
    const second = Math.floor(nowMs / windowMs)
    const count = await this.#countIn(second)
    if (count <= this.#perSecond) return null
    const seconds = Math.ceil(count / this.#perSecond) - 1
    return (second + seconds) * windowMs - nowMs
  }

  async #countIn(second: number): Promise<number> {
    try {
      return (await this.#limiter.consume(second)).consumedPoints
    } catch (refusal) {
      if (isRefusal(refusal)) return refusal.consumedPoints
      throw refusal
    }
  }
}

/** The library rejects with its result, which is no Error. */
const isRefusal = (refusal: unknown): refusal is RateLimiterRes =>
  typeof refusal === 'object' && refusal !== null && 'consumedPoints' in refusal
