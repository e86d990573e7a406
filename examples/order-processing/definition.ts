// The order process: five steps, one after the other. A step reads the results of the steps that it names in `dependsOn`,
// fully typed, and calls other systems through `http`.
import { defineTask, type PlannedStep } from '@tasker/engine'
import type { Addresses } from '../example.ts'
import { orderContext, type Order } from './context.ts'
import { createOrder } from './handlers/create-order.ts'
import { processPayment } from './handlers/process-payment.ts'
import { sendConfirmation } from './handlers/send-confirmation.ts'
import { updateInventory } from './handlers/update-inventory.ts'
import { validateCart } from './handlers/validate-cart.ts'
import type { CheckoutSystems } from './systems.ts'

/** `addresses` are those of the systems: in production they come from the environment. */
export function defineProcessOrder(addresses: Addresses<CheckoutSystems>) {
  const { SHOP_URL, PAYMENTS_URL, INVENTORY_URL, MAIL_URL } = addresses
  return defineTask({
    namespace: 'ecommerce',
    name: 'process_order',
    version: '1.0.0',
    description: 'From a cart to a confirmed order',
    context: orderContext,
  })
    .step(
      'validate_cart',
      { retry: { limit: 3 }, timeoutMs: 15_000, dependentSystem: 'shop' },
      ({ context, http }) => validateCart(context, { http, url: SHOP_URL }),
    )
    .step(
      'process_payment',
      {
        dependsOn: ['validate_cart'],
        retry: { limit: 3 },
        timeoutMs: 30_000,
        dependentSystem: 'payments',
      },
      ({ context, results, http }) =>
        processPayment(context, results.validate_cart, { http, url: PAYMENTS_URL }),
    )
    .step(
      'update_inventory',
      {
        dependsOn: ['validate_cart', 'process_payment'],
        retry: { limit: 2 },
        timeoutMs: 20_000,
        dependentSystem: 'inventory',
      },
      ({ context, results, http, taskId, attempt, retryLimit }) =>
        updateInventory(
          {
            orderId: `order_${taskId}`,
            customerId: context.customer_info.id ?? null,
            lines: results.validate_cart.validated_items,
            isLastAttempt: attempt >= retryLimit,
          },
          { http, url: INVENTORY_URL },
        ),
    )
    .step(
      'create_order',
      {
        dependsOn: ['validate_cart', 'process_payment', 'update_inventory'],
        retry: { limit: 3 },
        timeoutMs: 15_000,
        dependentSystem: 'shop',
      },
      ({ context, results, http }) => createOrder(context, results, { http, url: SHOP_URL }),
    )
    .step(
      'send_confirmation',
      {
        dependsOn: ['validate_cart', 'create_order'],
        retry: { limit: 5 },
        timeoutMs: 10_000,
        dependentSystem: 'mail',
      },
      ({ context, results, http }) => sendConfirmation(context, results, { http, url: MAIL_URL }),
    )
    .adjust(({ context }, steps) => {
      for (const step of steps) tune(step, context)
    })
}

/** What urgent orders and premium customers are promised: context.ts. */
function tune(step: PlannedStep, order: Order): void {
  const { express_processing: express, premium_processing: premium } = order
  if (premium !== undefined) step.priority = premium.priority
  if (express === undefined) return
  if (step.name === 'process_payment') {
    step.update({
      timeoutMs: express.payment_timeout_ms,
      retryLimit: 1 + express.payment_retries,
    })
  }
  if (step.name === 'send_confirmation') step.update({ retryLimit: 1 + express.email_retries })
}
