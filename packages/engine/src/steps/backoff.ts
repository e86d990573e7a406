// How long a failed step waits before it is tried again. Computed once, when it fails; nothing recomputes it.
// Source of the rule: the ladder of the first generation, without its second clock; jitter as decided in docs/decisions.
import type { Config } from '../config.ts'

/** Between two attempts of one step by itself: a retry whose ladder is not shorter, and a wait that was asked for. */
const floorMs = 1000

export interface RetryWait {
  /** The attempt that failed, from 1. */
  readonly attempt: number
  /** Milliseconds asked for by the handler or a server; null for the ladder. */
  readonly explicitMs: number | null
  /** Uniform in [0, 1). */
  readonly random: number
}

/**
 * Milliseconds until the next attempt.
 *
 * Ladder: `defaultBackoffSeconds[attempt - 1]`, beyond it the whole part of `attempt ^ backoffMultiplier` seconds; capped
 * at `maxBackoffSeconds`; then jitter of ± `jitterMaxPercentage`, never above the cap and never below 1 s unless the
 * ladder itself is. A wait asked for is capped too and is only ever lengthened: the server said "not before".
 */
export function retryDelayMs(wait: RetryWait, backoff: Config['backoff']): number {
  const capMs = backoff.maxBackoffSeconds * 1000
  const jitter = backoff.jitterEnabled ? backoff.jitterMaxPercentage : 0
  if (wait.explicitMs !== null) {
    return Math.round(Math.min(capMs, Math.max(0, wait.explicitMs) * (1 + jitter * wait.random)))
  }
  const baseMs = Math.min(capMs, ladderSeconds(wait.attempt, backoff) * 1000)
  const jittered = Math.min(capMs, baseMs * (1 + jitter * (2 * wait.random - 1)))
  return Math.round(baseMs >= floorMs ? Math.max(floorMs, jittered) : jittered)
}

/**
 * When a step that asked to wait runs again: at the time it named, and not within 1 s of the start of the attempt that
 * asked. So one that names the past runs again at once when it had taken that long, and never goes round in a tight
 * circle, with an entry of history for each turn. Counted from the start, because the database has said when that was.
 */
export const waitEndsAt = (asked: Date, startedAt: Date): Date =>
  new Date(Math.max(asked.getTime(), startedAt.getTime() + floorMs))

/** Seconds of the ladder for the given attempt, before cap and jitter. 0 for attempts below 1. */
export function ladderSeconds(attempt: number, backoff: Config['backoff']): number {
  if (attempt < 1) return 0
  return (
    backoff.defaultBackoffSeconds[attempt - 1] ?? Math.trunc(attempt ** backoff.backoffMultiplier)
  )
}
