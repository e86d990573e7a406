// A wait with an end.
import type { Clock } from '../clock.ts'

/** Resolves when `done` has, or after so many milliseconds. Rejects as `done` does, when that comes first. */
export async function within(clock: Clock, done: Promise<void>, limitMs: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const cancel = clock.schedule(limitMs, resolve)
  await Promise.race([done, promise])
  cancel()
}
