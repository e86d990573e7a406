// When a failed export is tried again, and for how long values are kept for that. Pure.

/** Before the second try; twice as long before each one after it. */
const firstWaitMs = 15_000
const waitMaxMs = 600_000
const jitter = 0.1

export interface RetryOrder {
  /** The try that failed, from 1. */
  readonly attempt: number
  readonly retriesMax: number
  /** Asked for by the other side; null: nothing was. */
  readonly askedMs: number | null
  /** Until the export has failed for good. */
  readonly leftMs: number
  /** Uniform in [0, 1). */
  readonly random: number
}

/** Milliseconds; null: not again. A wait that was asked for is only ever lengthened: the other side said "not before". */
export function retryWaitMs({
  attempt,
  retriesMax,
  askedMs,
  leftMs,
  random,
}: RetryOrder): number | null {
  if (attempt > retriesMax) return null
  const baseMs = Math.min(waitMaxMs, firstWaitMs * 2 ** (attempt - 1))
  const waitMs =
    askedMs === null ? baseMs * (1 + jitter * (2 * random - 1)) : askedMs * (1 + jitter * random)
  return waitMs < leftMs ? Math.round(waitMs) : null
}

/**
 * By how many seconds shared values are kept longer, so that the try with this number (from 2) still finds them: 30 doubled each
 * time, at most 600, and a minute.
 */
export const extensionSeconds = (attempt: number): number =>
  Math.min(600, Math.max(30, 30 * 2 ** (attempt - 2))) + 60
