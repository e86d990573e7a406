// The order process: five steps, one after the other. A step reads the results of the steps that it
// names in `dependsOn`, fully typed, so each hands on what the next one needs.
import { defineTask } from '@tasker/engine'
import { orderContext } from './context.ts'
import { createOrder } from './handlers/create-order.ts'
import { processPayment } from './handlers/process-payment.ts'
import { sendConfirmation } from './handlers/send-confirmation.ts'
import { updateInventory } from './handlers/update-inventory.ts'
import { validateCart } from './handlers/validate-cart.ts'

export const processOrder = defineTask({
  namespace: 'ecommerce',
  name: 'process_order',
  version: '1.0.0',
  description: 'From a cart to a confirmed order',
  context: orderContext,
})
  .step('validate_cart', { retry: { limit: 3 }, timeoutMs: 15_000 }, ({ context, signal }) =>
    validateCart(context, signal),
  )
  .step(
    'process_payment',
    { dependsOn: ['validate_cart'], retry: { limit: 3 }, timeoutMs: 30_000 },
    ({ context, results, attempt, idempotencyKey, signal }) =>
      processPayment(context, results.validate_cart, { attempt, idempotencyKey, signal }),
  )
  .step(
    'update_inventory',
    { dependsOn: ['process_payment'], retry: { limit: 2 }, timeoutMs: 20_000 },
    ({ results, idempotencyKey, signal }) =>
      updateInventory(results.process_payment, { idempotencyKey, signal }),
  )
  .step(
    'create_order',
    { dependsOn: ['update_inventory'], retry: { limit: 3 }, timeoutMs: 15_000 },
    ({ context, results, idempotencyKey, signal }) =>
      createOrder(context, results.update_inventory, { idempotencyKey, signal }),
  )
  .step(
    'send_confirmation',
    { dependsOn: ['create_order'], retry: { limit: 5 }, timeoutMs: 10_000 },
    ({ context, results, idempotencyKey, signal }) =>
      sendConfirmation(context, results.create_order, { idempotencyKey, signal }),
  )
