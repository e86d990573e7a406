// The door to one dependent system in this process: lets a request through, or says until when the step had better wait.
// Nothing waits here, because who waits here holds a slot of the worker.
import type { Clock } from '../../clock.ts'
import type { Logger } from '../../log.ts'
import { Breaker, type BreakerWatch, type Told } from './breaker.ts'
import { SystemUnavailable, type RefusalCause, type SystemLimits } from './limits.ts'
import { RequestRate } from './request-rate.ts'

export interface GateOptions {
  readonly system: string
  readonly limits: SystemLimits
  readonly clock: Clock
  /** Uniform in [0, 1): those who wait for one instant are spread behind it. */
  readonly random: () => number
  readonly logger: Logger
}

/** A tenth, as for what a server asks for. */
const spread = 0.1
/** A wait shorter than this is made this long anyway (steps/backoff.ts). */
const waitMinMs = 1_000
/** An estimate that is wrong must not put a step off for long. */
const turnMaxMs = 30_000
const averageMsAtFirst = 200
/** Weight of the newest request in the average. */
const weight = 0.2

export class SystemGate {
  readonly #options: GateOptions
  #running = 0
  #averageMs = averageMsAtFirst
  /** Monotonic time at which the last one that was turned away should find a place. */
  #lastTurnMs = 0
  #parts: Promise<Parts> | null = null

  constructor(options: GateOptions) {
    this.#options = options
  }

  /** @throws {SystemUnavailable} without having called */
  async run<T>(call: () => Promise<Told<T>>): Promise<T> {
    this.#parts ??= makeParts(this.#options)
    const { breaker, rate } = await this.#parts
    // From here to the increment nothing is awaited, so that the count is true.
    this.#refuseWhileOpen(breaker)
    this.#refuseWhenFull()
    this.#running += 1
    try {
      await this.#refuseAboveRate(rate)
      this.#refuseWhileOpen(breaker) // another one may have opened it, or be the trial
      const timed = (): Promise<Told<T>> => this.#timed(call)
      return breaker === null ? (await timed()).value : await breaker.run(timed)
    } finally {
      this.#running -= 1
    }
  }

  async #timed<T>(call: () => Promise<Told<T>>): Promise<Told<T>> {
    const { clock } = this.#options
    const startedMs = clock.monotonicMs()
    const told = await call() // which never throws
    this.#averageMs += (clock.monotonicMs() - startedMs - this.#averageMs) * weight
    return told
  }

  #refuseWhileOpen(breaker: Breaker | null): void {
    const waitMs = breaker?.waitMs() ?? 0
    if (waitMs > 0) throw this.#refusal('circuit_open', waitMs, breaker?.lastFailure)
  }

  #refuseWhenFull(): void {
    const { limits, clock } = this.#options
    const most = limits.maxConcurrentRequests
    if (most === undefined || this.#running < most) return
    const nowMs = clock.monotonicMs()
    const turnMs = Math.max(nowMs + waitMinMs, this.#lastTurnMs + this.#averageMs / most)
    this.#lastTurnMs = Math.min(turnMs, nowMs + turnMaxMs)
    throw this.#refusal('concurrency_full', this.#lastTurnMs - nowMs)
  }

  async #refuseAboveRate(rate: RequestRate | null): Promise<void> {
    const waitMs = (await rate?.take()) ?? null
    if (waitMs !== null) throw this.#refusal('rate_limited', waitMs)
  }

  #refusal(cause: RefusalCause, waitMs: number, failure?: string): SystemUnavailable {
    const { system, clock, random } = this.#options
    const at = clock.nowMs() + waitMs * (1 + spread * random())
    return new SystemUnavailable(system, cause, new Date(Math.ceil(at)), failure)
  }
}

interface Parts {
  readonly breaker: Breaker | null
  readonly rate: RequestRate | null
}

async function makeParts({ system, limits, clock, logger }: GateOptions): Promise<Parts> {
  const { circuitBreaker, rateLimitPerSecond } = limits
  const watch: BreakerWatch = {
    onOpen: (failure) =>
      logger.warn({ system, failure }, 'its circuit opened; steps that call it wait'),
    onClose: () => logger.info({ system }, 'its circuit is closed again'),
  }
  return {
    breaker: circuitBreaker === undefined ? null : await Breaker.make(circuitBreaker, clock, watch),
    rate:
      rateLimitPerSecond === undefined ? null : await RequestRate.make(rateLimitPerSecond, clock),
  }
}
