// Step 5: tells the customer. The mail service drops a second mail with the same key.
import { callTakes, idFor, type Attempt } from '../attempt.ts'
import type { Order } from '../context.ts'
import type { CreatedOrder } from './create-order.ts'

export async function sendConfirmation(
  { customer_info }: Order,
  order: CreatedOrder,
  { idempotencyKey, signal }: Attempt,
) {
  await callTakes(50, signal)
  return {
    email_sent: true,
    recipient: customer_info.email,
    email_type: 'order_confirmation',
    subject: `Your order ${order.order_number} of $${order.total_amount.toFixed(2)}`,
    message_id: idFor('msg', idempotencyKey),
    sent_at: new Date().toISOString(),
  }
}
