// A test clock of a process that can be suspended: then time passes and its timers come late, as after SIGSTOP, or in a
// machine that slept.
import { testClock, type TestClock } from '../../src/testing/index.ts'

export interface SuspendedClock extends TestClock {
  /** Time passes and nothing fires. `isAsleep`: with the whole machine, so that monotonic time stands still too. */
  suspend(ms: number, options?: { readonly isAsleep?: boolean }): void
}

export function suspendedClock(): SuspendedClock {
  const inner = testClock()
  let wallMs = 0
  let monotonicMs = 0
  const now = (): Date => new Date(inner.nowMs() + wallMs)
  return {
    ...inner,
    now,
    nowMs: () => inner.nowMs() + wallMs,
    monotonicMs: () => inner.monotonicMs() + monotonicMs,
    databaseNow: now,
    suspend(ms, { isAsleep = false } = {}) {
      wallMs += ms
      if (!isAsleep) monotonicMs += ms
    },
  }
}
