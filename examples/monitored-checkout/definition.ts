// A checkout that is watched: the shop's steps as API steps, and in its metadata what those who watch need to know. It tells
// nobody anything itself; business-metrics.ts and performance.ts listen to the events of every task.
import { defineTask, httpStep, PermanentError } from '@tasker/engine'
import { z } from 'zod'
import type { Addresses } from '../example.ts'
import type { CheckoutSystems } from '../order-processing/systems.ts'
import { checkoutContext } from './context.ts'
import { updateInventory } from './update-inventory.ts'

export const monitoring = { critical_workflow: true, sla_seconds: 45, alert_on_failure: true }

const charged = z.object({ payment_id: z.string(), processed_at: z.string() })
const ordered = z.object({ order_id: z.int(), created_at: z.string() })
const mailed = z.object({ message_id: z.string(), sent_at: z.string() })

export function defineMonitoredCheckout(addresses: Addresses<CheckoutSystems>) {
  const { SHOP_URL, PAYMENTS_URL, INVENTORY_URL, MAIL_URL } = addresses
  return defineTask({
    namespace: 'blog_examples',
    name: 'monitored_checkout',
    version: '1.0.0',
    description: 'A checkout that is watched',
    context: checkoutContext,
    metadata: {
      business_metrics: {
        track_revenue: true,
        track_conversion: true,
        customer_tier_tracking: true,
      },
      monitoring,
    },
  })
    .step('validate_cart', { retry: { limit: 2 }, timeoutMs: 10_000 }, ({ context }) => {
      const { cart_items } = context
      if (cart_items.length === 0) {
        throw new PermanentError('The cart is empty.', { code: 'EMPTY_CART' })
      }
      const cents = cart_items.map(({ price, quantity }) => Math.round(price * 100) * quantity)
      return {
        validated: true,
        item_count: cart_items.length,
        cart_total: cents.reduce((sum, line) => sum + line, 0) / 100,
        validated_at: new Date().toISOString(),
      }
    })
    .step(
      'process_payment',
      {
        dependsOn: ['validate_cart'],
        retry: { limit: 3 },
        timeoutMs: 30_000,
        dependentSystem: 'payments',
      },
      httpStep({
        baseUrl: PAYMENTS_URL,
        path: '/charges',
        body: ({ context, results }) => ({
          amount: results.validate_cart.cart_total,
          currency: 'USD',
          method: context.payment_method,
          token: context.payment_token,
        }),
        response: charged,
        processResults: ({ body }, { context, results }) => ({
          payment_successful: true,
          payment_id: body.payment_id,
          amount: results.validate_cart.cart_total,
          payment_method: context.payment_method,
          processed_at: body.processed_at,
        }),
      }),
    )
    .step(
      'update_inventory',
      {
        dependsOn: ['process_payment'],
        retry: { limit: 2 },
        timeoutMs: 15_000,
        dependentSystem: 'inventory',
      },
      ({ context, http, taskId }) =>
        updateInventory(context.cart_items, `order_${taskId}`, { http, url: INVENTORY_URL }),
    )
    .step(
      'create_order',
      {
        dependsOn: ['validate_cart', 'process_payment', 'update_inventory'],
        retry: { limit: 2 },
        timeoutMs: 10_000,
        dependentSystem: 'shop',
      },
      httpStep({
        baseUrl: SHOP_URL,
        path: '/orders',
        body: ({ context, results }) => ({
          customer_id: context.customer_id,
          items: results.update_inventory.updated_items,
          total_amount: results.process_payment.amount,
          payment_id: results.process_payment.payment_id,
        }),
        response: ordered,
        processResults: ({ body }, { context, results }) => ({
          order_created: true,
          order_id: `order_${body.order_id}`,
          payment_id: results.process_payment.payment_id,
          customer_id: context.customer_id,
          customer_tier: context.customer_tier,
          order_value: results.process_payment.amount,
          items_count: results.validate_cart.item_count,
          created_at: body.created_at,
        }),
      }),
    )
    .step(
      'send_confirmation',
      {
        dependsOn: ['create_order'],
        retry: { limit: 3 },
        timeoutMs: 20_000,
        dependentSystem: 'mail',
      },
      httpStep({
        baseUrl: MAIL_URL,
        path: '/mails',
        body: ({ context, results }) => ({
          to: context.customer_email,
          template: 'order_confirmation',
          order_id: results.create_order.order_id,
        }),
        response: mailed,
        processResults: ({ body }, { context, results }) => ({
          confirmation_sent: true,
          email_id: body.message_id,
          sent_to: context.customer_email,
          order_id: results.create_order.order_id,
          template: 'order_confirmation',
          sent_at: body.sent_at,
        }),
      }),
    )
}
