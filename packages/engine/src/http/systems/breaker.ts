// The circuit breaker of one system: cockatiel decides when it opens and closes, the clock given here says how long it stays
// open, and nobody waits inside. Which answers count is answer-classes.ts.
import type { CircuitBreakerPolicy, CircuitState, IBackoff, IBreaker } from 'cockatiel'
import type { Clock } from '../../clock.ts'
import type { SystemHealth } from '../answer-classes.ts'
import type { BreakerLimits } from './limits.ts'

const windowMsDefault = 30_000
const minimumRequestsDefault = 10
const halfOpenAfterMsDefault = 30_000
/** While one request tries: its answer is near, and who comes back too early costs an entry of history. */
const trialMs = 5_000

/** What a call under the breaker tells it. */
export interface Told<T> {
  readonly health: SystemHealth
  /** `HTTP_503`, or the code of an error. */
  readonly said: string
  readonly value: T
}

/** Who is told of an outage, once each. */
export interface BreakerWatch {
  onOpen(failure: string): void
  onClose(): void
}

export class Breaker {
  readonly #clock: Clock
  readonly #policy: CircuitBreakerPolicy
  readonly #halfOpen: CircuitState
  readonly #halfOpenAfterMs: number
  /** Monotonic time before which nothing is sent; null: it is not open. */
  #opensAtMs: number | null = null
  #isProbeUnanswered = false
  #lastFailure = ''
  #isOutage = false

  /** Loads the library when the first system with a breaker is called. */
  static async make(limits: BreakerLimits, clock: Clock, watch: BreakerWatch): Promise<Breaker> {
    return new Breaker(await import('cockatiel'), limits, { clock, watch })
  }

  private constructor(
    library: typeof import('cockatiel'),
    limits: BreakerLimits,
    { clock, watch }: { readonly clock: Clock; readonly watch: BreakerWatch },
  ) {
    this.#clock = clock
    this.#halfOpen = library.CircuitState.HalfOpen
    this.#halfOpenAfterMs = limits.halfOpenAfterMs ?? halfOpenAfterMsDefault
    const fails = (told: unknown): boolean => this.#isFailure(told as Told<unknown>) // see `run`
    this.#policy = library.circuitBreaker(library.handleWhenResult(fails), {
      breaker: breakerOf(library, limits),
      halfOpenAfter: { next: () => this.#opened() },
    })
    // A trial that fails opens it again: still the same outage.
    this.#policy.onBreak(() => {
      if (!this.#isOutage) watch.onOpen(this.#lastFailure)
      this.#isOutage = true
    })
    this.#policy.onReset(() => {
      this.#opensAtMs = null
      this.#isOutage = false
      watch.onClose()
    })
  }

  /** What the system last failed with. */
  get lastFailure(): string {
    return this.#lastFailure
  }

  /** Milliseconds until a request may be tried; 0: now. One that is under way as the trial keeps the others away. */
  waitMs(): number {
    if (this.#opensAtMs === null) return 0
    if (this.#policy.state === this.#halfOpen) return Math.min(this.#halfOpenAfterMs, trialMs)
    return Math.max(0, this.#opensAtMs - this.#clock.monotonicMs())
  }

  /** Only after `waitMs() === 0`, in the same turn. */
  async run<T>(call: () => Promise<Told<T>>): Promise<T> {
    try {
      return (await this.#policy.execute(() => this.#counted(call))).value
    } catch (error) {
      if (error instanceof Uncounted) return error.value as T // what `call` told, see `#counted`
      throw error
    }
  }

  /** What says nothing must not count; the library counts whatever does not throw. */
  async #counted<T>(call: () => Promise<Told<T>>): Promise<Told<T>> {
    const isTrial = this.#policy.state === this.#halfOpen
    const told = await call()
    if (told.health === 'down') this.#lastFailure = told.said
    if (told.health !== 'unknown') return told
    // A trial has to be told: unanswered, it would leave the circuit half open. It opens again, for no time at all.
    if (!isTrial) throw new Uncounted(told.value)
    this.#isProbeUnanswered = true
    return told
  }

  #isFailure({ health }: Told<unknown>): boolean {
    return health !== 'up'
  }

  /** The library asks how long; what it reads is true as long as our clock says so. */
  #opened(): IBackoff<unknown> {
    const durationMs = this.#isProbeUnanswered ? 0 : this.#halfOpenAfterMs
    this.#isProbeUnanswered = false
    const opensAtMs = this.#clock.monotonicMs() + durationMs
    this.#opensAtMs = opensAtMs
    const isOver = (): boolean => this.#clock.monotonicMs() >= opensAtMs
    return {
      next: () => this.#opened(),
      get duration() {
        return isOver() ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
      },
    }
  }
}

/** Carries an answer past the library. */
class Uncounted extends Error {
  readonly value: unknown

  constructor(value: unknown) {
    super('says nothing about the system')
    this.value = value
  }
}

function breakerOf(library: typeof import('cockatiel'), limits: BreakerLimits): IBreaker {
  const { failures, threshold } = limits
  if (threshold === undefined) return new library.ConsecutiveBreaker(failures ?? 5)
  const windowMs = limits.windowMs ?? windowMsDefault
  const minimum = limits.minimumRequests ?? minimumRequestsDefault
  return new library.SamplingBreaker({
    threshold,
    duration: windowMs,
    minimumRps: (minimum * 1_000) / windowMs,
  })
}
