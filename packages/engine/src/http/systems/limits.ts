// What may be said of a dependent system: how many requests at once, how many a second, and when to leave it alone. The
// option `dependentSystems` (config/sections/dependent-systems.ts) has this form; keeping to it is gate.ts.

export interface SystemLimits {
  /** Requests under way at once. */
  readonly maxConcurrentRequests?: number | undefined
  /** Requests begun in one second. */
  readonly rateLimitPerSecond?: number | undefined
  readonly circuitBreaker?: BreakerLimits | undefined
}

export interface BreakerLimits {
  /** Opens after this many failures in a row. */
  readonly failures?: number | undefined
  /** Opens when more than this share of the requests of `windowMs` failed. In place of `failures`. */
  readonly threshold?: number | undefined
  /** Default 30 s. */
  readonly windowMs?: number | undefined
  /** Requests of `windowMs` below which `threshold` says nothing. Default 10. */
  readonly minimumRequests?: number | undefined
  /** How long nothing is sent before one request tries again. Default 30 s. */
  readonly halfOpenAfterMs?: number | undefined
}

/** Why a request was not made. Each is the first word of the reason that the step waits for. */
export type RefusalCause = 'circuit_open' | 'concurrency_full' | 'rate_limited'

/**
 * Thrown in place of a request that a limit does not allow now. The step runner takes it for what it looks like, the outcome
 * "wait until": no attempt is spent. Code that catches errors of requests lets it pass.
 */
export class SystemUnavailable extends Error {
  override readonly name = 'SystemUnavailable'
  readonly kind = 'tasker.wait'
  readonly system: string
  readonly at: Date
  readonly reason: string

  /** `failure`: what the system last failed with, for who reads the reason. */
  constructor(system: string, cause: RefusalCause, at: Date, failure?: string) {
    const why = failure === undefined ? '' : ` (${failure})`
    const reason = `${cause}: ${system} until ${at.toISOString()}${why}`
    super(reason)
    this.system = system
    this.at = at
    this.reason = reason
  }
}
