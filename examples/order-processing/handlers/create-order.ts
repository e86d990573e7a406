// Step 4: writes the order down. Its number follows from the idempotency key, so that a second
// attempt writes the same order.
import { callTakes, idFor, type Attempt } from '../attempt.ts'
import type { Order } from '../context.ts'
import type { InventoryUpdate } from './update-inventory.ts'

const deliveryDays = 7
const dayMs = 86_400_000

export async function createOrder(
  { customer_info }: Order,
  inventory: InventoryUpdate,
  { idempotencyKey, signal }: Attempt,
) {
  await callTakes(80, signal)
  const now = new Date()
  const day = now.toISOString().slice(0, 10).replaceAll('-', '')
  const order_id = idFor('order', idempotencyKey)
  return {
    order_id,
    order_number: `ORD-${day}-${order_id.slice(-8).toUpperCase()}`,
    status: 'confirmed',
    total_amount: inventory.total_paid,
    item_count: inventory.total_items_reserved,
    payment_id: inventory.payment_id,
    customer_email: customer_info.email,
    created_at: now.toISOString(),
    estimated_delivery: longDate(new Date(now.getTime() + deliveryDays * dayMs)),
  }
}

export type CreatedOrder = Awaited<ReturnType<typeof createOrder>>

function longDate(date: Date): string {
  return date.toLocaleDateString('en-US', { dateStyle: 'long', timeZone: 'UTC' })
}
