// Time inside this process: durations, timers and deadlines. Stored times come from the database.
// Tests pass their own Clock to createTasker; nothing else in the engine reads the time.
// Level 0: imports nothing of ours.

/** What the engine needs of time. `systemClock` is the real one. */
export interface Clock {
  /** Wall time, milliseconds since 1970. For messages and for Retry-After dates. */
  nowMs(): number
  /** Monotonic time in milliseconds, for durations and deadlines. */
  monotonicMs(): number
  /**
   * Calls `run` once after `delayMs`; returns the way to call it off. What `run` returns is ignored, except by a test
   * clock: it waits for a promise before it lets time go on.
   */
  schedule(delayMs: number, run: () => unknown): () => void
  /**
   * The instant that SQL calls get as their time argument, or null to let the database say it.
   * Only a test clock returns an instant.
   */
  databaseNow(): Date | null
}

/** Longest delay a Node timer holds (2^31 - 1 ms); longer ones fire at once, so they are cut to it. */
const timerDelayMaxMs = 2_147_483_647

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  schedule(delayMs, run) {
    // Timers keep the process alive: a worker that waits for the next due step is at work.
    const timer = setTimeout(run, Math.min(Math.max(delayMs, 0), timerDelayMaxMs))
    return () => clearTimeout(timer)
  },
  databaseNow: () => null,
}
