// A clock that stands still until a test moves it. Pass it to createTasker: retries, waits, deadlines, leases and polls
// then happen when the test says so, and the database is told the same time.
import type { Clock } from '../clock.ts'

export interface TestClock extends Clock {
  /** The instant now. */
  now(): Date
  /**
   * Moves time forward. Timers on the way fire in order, each at its own time; time goes on when what a timer started
   * has ended (a heartbeat, for example).
   */
  advance(ms: number): Promise<void>
  /** Moves time forward to `instant`; stays where it is when that has passed. */
  advanceTo(instant: Date): Promise<void>
}

interface Timer {
  readonly atMs: number
  readonly run: () => unknown
}

/** `startsAt` is an ISO date. A start in the future keeps test times apart from real ones. */
export function testClock(startsAt = '2030-01-01T00:00:00.000Z'): TestClock {
  const startMs = Date.parse(startsAt)
  if (Number.isNaN(startMs)) throw new RangeError(`startsAt is not a date: ${startsAt}`)
  const timers = new Set<Timer>()
  let nowMs = startMs

  const advanceToMs = async (targetMs: number): Promise<void> => {
    for (;;) {
      const timer = earliest(timers)
      if (timer === null || timer.atMs > targetMs) break
      timers.delete(timer)
      nowMs = Math.max(nowMs, timer.atMs)
      await timer.run()
    }
    nowMs = Math.max(nowMs, targetMs)
  }

  return {
    now: () => new Date(nowMs),
    nowMs: () => nowMs,
    monotonicMs: () => nowMs - startMs,
    databaseNow: () => new Date(nowMs),
    schedule(delayMs, run) {
      const timer = { atMs: nowMs + Math.max(0, delayMs), run }
      timers.add(timer)
      // What is due already needs no time to pass.
      if (delayMs <= 0) queueMicrotask(() => void (timers.delete(timer) && timer.run()))
      return () => void timers.delete(timer)
    },
    advance: (ms) => advanceToMs(nowMs + ms),
    advanceTo: (instant) => advanceToMs(instant.getTime()),
  }
}

/** Of several at one time, the one scheduled first: a Set keeps the order of its entries. */
function earliest(timers: ReadonlySet<Timer>): Timer | null {
  let found: Timer | null = null
  for (const timer of timers) {
    if (found === null || timer.atMs < found.atMs) found = timer
  }
  return found
}
