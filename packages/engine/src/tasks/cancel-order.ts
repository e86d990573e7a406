// Who cancels a task and why, as it comes in: checked whole, defaults applied.
import { z } from 'zod'
import { faultsOf, refuseInput, text, type InputKind } from './check-input.ts'

export interface CancelOrder {
  /** Who, 1 to 128 characters; stands in the history. Default `code`. */
  readonly actor?: string | undefined
  /** Why, 1 to 2,000 characters; stands in the history. Default `cancelled`. */
  readonly reason?: string | undefined
}

const orderSchema = z.strictObject({
  actor: text(128).default('code'),
  reason: text(2000).default('cancelled'),
})

const order: InputKind = {
  keyIs: 'an option of a cancellation',
  knownKeys: Object.keys(orderSchema.shape),
}

/** @throws {TaskerError} REQUEST_INVALID with every fault. */
export function readCancelOrder(given: unknown): {
  readonly actor: string
  readonly reason: string
} {
  const reading = orderSchema.safeParse(given)
  if (!reading.success) throw refuseInput('The cancellation', faultsOf(reading.error, order))
  return reading.data
}
