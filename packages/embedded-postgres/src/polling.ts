// Waiting with an end: tries something again and again until it answers or the time is up.
// Used where there is no event to wait for (another process's lock, a server that is starting).

import { setTimeout as delay } from 'node:timers/promises'

export interface PollLimits {
  readonly timeoutMs: number
  readonly everyMs: number
}

/**
 * The first answer of `attempt` that is not null, or null when the time is up. Tries at least once.
 */
export async function pollUntil<Answer>(
  attempt: () => Answer | null | Promise<Answer | null>,
  { timeoutMs, everyMs }: PollLimits,
): Promise<Answer | null> {
  const deadlineMs = performance.now() + timeoutMs
  for (;;) {
    const answer = await attempt()
    if (answer !== null) return answer
    if (performance.now() >= deadlineMs) return null
    await delay(everyMs)
  }
}
