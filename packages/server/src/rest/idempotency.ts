// The header Idempotency-Key: where it is kept, and where a request that brings it is refused, because it would promise what
// is not done.
import { z } from 'zod'
import { refused } from '../request-faults.ts'
import { text } from './schemas.ts'

export const idempotencyKey = z.strictObject({
  'idempotency-key': text(255).optional().meta({
    description:
      'The same key with the same request finds the task that the first one made; with another request it is refused (409). Kept for `engine.idempotencyKeyTtlHours`.',
    example: 'order-7-2026-11-21',
  }),
})

export const unkeyed =
  'Sent twice it may act twice, and no idempotency key is kept for it: send `if-match`, and the second one is refused.'

/** @throws {TaskerError} REQUEST_INVALID */
export function requireNoKey(request: Request): void {
  if (!request.headers.has('idempotency-key')) return
  throw refused([
    { path: 'header.idempotency-key', message: 'is not kept for this operation; send if-match' },
  ])
}
