// Waiting for others: looks again and again until what is looked for is there, or the time is over.
import { setTimeout as later } from 'node:timers/promises'
import { systemClock } from '@tasker/engine'

export interface Deadline {
  readonly atMs: number
  readonly intervalMs: number
  /** Aborted: the time is over now. */
  readonly signal: AbortSignal
}

export function deadlineIn(
  timeoutMs: number,
  { intervalMs, signal }: Pick<Deadline, 'intervalMs' | 'signal'>,
): Deadline {
  return { atMs: systemClock.monotonicMs() + timeoutMs, intervalMs, signal }
}

/** What is left of it, in milliseconds. */
export const leftOf = ({ atMs }: Deadline): number => Math.max(0, atMs - systemClock.monotonicMs())

/** What `look` last said: the first that `isThere`, or that of the last look before the deadline. There is one at least. */
export async function lookUntil<Seen>(
  { atMs, intervalMs, signal }: Deadline,
  look: () => Promise<Seen>,
  isThere: (seen: Seen) => boolean,
): Promise<Seen> {
  for (;;) {
    const seen = await look()
    if (isThere(seen) || signal.aborted || systemClock.monotonicMs() + intervalMs > atMs)
      return seen
    // Aborted while it waits, it looks once more.
    await later(intervalMs, null, { signal }).catch(() => null)
  }
}
