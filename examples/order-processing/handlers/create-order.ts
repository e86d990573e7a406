// Step 4: the shop writes the order down. A second attempt, under the same idempotency key, gets the same order.
import { expectOk, PermanentError } from '@tasker/engine'
import { z } from 'zod'
import type { Service } from '../../answers.ts'
import type { Order } from '../context.ts'
import type { Payment } from './process-payment.ts'
import type { InventoryUpdate } from './update-inventory.ts'
import type { ValidatedCart } from './validate-cart.ts'

const deliveryDays = 7
const dayMs = 86_400_000

const createdOrder = z.object({
  order_id: z.int(),
  order_number: z.string().regex(/^ORD-\d{8}-[0-9A-F]{8}$/),
  status: z.literal('confirmed'),
  created_at: z.iso.datetime(),
})

interface Parents {
  readonly validate_cart: ValidatedCart
  readonly process_payment: Payment
  readonly update_inventory: InventoryUpdate
}

export async function createOrder(
  { customer_info, ...order }: Order,
  done: Parents,
  shop: Service,
) {
  const total_amount = done.process_payment.amount_charged
  const response = await shop.http.post(`${shop.url}/orders`, {
    customer: {
      id: customer_info.id ?? null,
      name: customer_info.name,
      email: customer_info.email,
    },
    shipping: order.shipping_info ?? null,
    items: done.validate_cart.validated_items,
    total_amount,
    payment_id: done.process_payment.payment_id,
    payment_status: done.process_payment.status,
    reservations: done.update_inventory.updated_products.map((line) => line.reservation_id),
    workflow_version: '1.0.0',
  })
  const created = createdOrder.safeParse(expectOk(response).body)
  if (!created.success || total_amount <= 0) {
    throw new PermanentError('The shop made an order that is none.', {
      code: 'ORDER_VALIDATION_FAILED',
      context: { response: response.body },
    })
  }
  return {
    ...created.data,
    total_amount,
    customer_email: customer_info.email,
    estimated_delivery: longDate(
      new Date(Date.parse(created.data.created_at) + deliveryDays * dayMs),
    ),
  }
}

export type CreatedOrder = Awaited<ReturnType<typeof createOrder>>

function longDate(date: Date): string {
  return date.toLocaleDateString('en-US', { dateStyle: 'long', timeZone: 'UTC' })
}
