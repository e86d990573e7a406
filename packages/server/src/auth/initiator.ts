// Who a task is said to be created by. It is the actor of its first entry in the history, so a caller who is known is it,
// and nobody else can be named.
import { TaskerError } from '@tasker/engine'
import type { Access } from './access.ts'

/** `given`: what the request says; undefined: nothing. @throws {TaskerError} REQUEST_INVALID */
export function initiatorOf(
  { caller }: Access,
  given: string | null | undefined,
): string | undefined {
  if (caller === null) return given ?? undefined
  if (typeof given === 'string' && given !== caller.id) {
    const faults = [{ path: 'initiator', message: 'is the caller, and nobody else; leave it out' }]
    throw new TaskerError('REQUEST_INVALID', 'The request names another initiator.', { faults })
  }
  return caller.id
}
