// Step 3: reserves what was paid for, product by product. Each reservation has a key of its own, so a
// second attempt finds what the first one reserved.
import { PermanentError, RetryableError } from '@tasker/engine'
import { callTakes, idFor, type Attempt } from '../attempt.ts'
import { findProduct } from '../catalogue.ts'
import type { Payment } from './process-payment.ts'
import type { CartLine } from './validate-cart.ts'

export async function updateInventory(payment: Payment, call: Attempt) {
  const updated_products = []
  for (const line of payment.paid_items) updated_products.push(await reserve(line, call))
  return {
    updated_products,
    total_items_reserved: updated_products.reduce((sum, line) => sum + line.quantity_reserved, 0),
    payment_id: payment.payment_id,
    total_paid: payment.amount_charged,
    updated_at: new Date().toISOString(),
  }
}

export type InventoryUpdate = Awaited<ReturnType<typeof updateInventory>>

async function reserve(line: CartLine, { idempotencyKey, signal }: Attempt) {
  await callTakes(40, signal)
  const product = findProduct(line.product_id)
  if (product === null) {
    throw new PermanentError(`${line.name} is not sold any more.`, { code: 'PRODUCT_NOT_FOUND' })
  }
  if (product.stock < line.quantity) {
    throw new RetryableError(`${line.name}: ${product.stock} in stock, ${line.quantity} needed.`)
  }
  return {
    product_id: product.id,
    name: product.name,
    previous_stock: product.stock,
    new_stock: product.stock - line.quantity,
    quantity_reserved: line.quantity,
    reservation_id: idFor('res', `${idempotencyKey}:${product.id}`),
  }
}
