// What a handler that calls another system needs to know of its attempt.
import { createHash } from 'node:crypto'
import { setTimeout as elapse } from 'node:timers/promises'

export interface Attempt {
  /** The same over all attempts of a step: a system that gets it twice acts once. */
  readonly idempotencyKey: string
  /** Aborted at the step's timeout and when the task is cancelled. */
  readonly signal: AbortSignal
}

/** Stands for the time that a call over the network takes. */
export async function callTakes(ms: number, signal: AbortSignal): Promise<void> {
  await elapse(ms, undefined, { signal })
}

/**
 * An id that another system would give. Made from the idempotency key, so that a repeated call gets
 * the id of the first one, as it would from a system that remembers its keys.
 */
export function idFor(prefix: string, idempotencyKey: string): string {
  return `${prefix}_${createHash('sha256').update(idempotencyKey).digest('hex').slice(0, 16)}`
}
