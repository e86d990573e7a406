// Step 5: tells the customer. The mail service sends one mail for one idempotency key.
import { expectOk, PermanentError } from '@tasker/engine'
import { z } from 'zod'
import { readAnswer, type Service } from '../../answers.ts'
import type { Order } from '../context.ts'
import type { CreatedOrder } from './create-order.ts'
import type { ValidatedCart } from './validate-cart.ts'

const accepted = z.object({
  message_id: z.string(),
  status: z.enum(['sent', 'delivered']),
  sent_at: z.string(),
})

interface Parents {
  readonly validate_cart: ValidatedCart
  readonly create_order: CreatedOrder
}

export async function sendConfirmation(
  { customer_info }: Order,
  { validate_cart: cart, create_order: order }: Parents,
  { http, url }: Service,
) {
  const response = await http.post(`${url}/mails`, {
    to: customer_info.email,
    template: 'order_confirmation',
    customer_name: customer_info.name,
    order_number: order.order_number,
    order_id: order.order_id,
    total_amount: order.total_amount,
    estimated_delivery: order.estimated_delivery,
    items: cart.validated_items,
    order_url: `https://example.com/orders/${order.order_id}`,
  })
  if (response.status === 422) {
    throw new PermanentError('The mail service does not know the address.', {
      code: 'INVALID_EMAIL',
    })
  }
  const { message_id, sent_at } = readAnswer(accepted, expectOk(response))
  return {
    email_sent: true,
    recipient: customer_info.email,
    email_type: 'order_confirmation',
    sent_at,
    message_id,
  }
}
