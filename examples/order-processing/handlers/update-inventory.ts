// Step 3: reserves what was paid for, line by line. Each reservation is put at an address of its own, so that a second attempt
// finds what the first one reserved; when there will be no other attempt, what was reserved is released.
import { expectOk, PermanentError, RetryableError } from '@tasker/engine'
import { z } from 'zod'
import { readAnswer, type Service } from '../../answers.ts'
import type { CartLine } from './validate-cart.ts'

const availability = z.object({ available: z.boolean(), stock_level: z.int() })
const reservation = z.object({
  reservation_id: z.string(),
  status: z.literal('reserved'),
  previous_stock: z.int(),
  new_stock: z.int(),
})

export interface Reserving {
  readonly orderId: string
  readonly customerId: number | null
  readonly lines: readonly CartLine[]
  readonly isLastAttempt: boolean
}

export async function updateInventory(order: Reserving, inventory: Service) {
  const reserved: Reserved[] = []
  try {
    for (const index of order.lines.keys()) reserved.push(await reserve(order, index, inventory))
  } catch (error) {
    const isOver = order.isLastAttempt || error instanceof PermanentError
    if (isOver) await Promise.all(reserved.map(({ address }) => inventory.http.delete(address)))
    throw error
  }
  const updated_at = new Date().toISOString()
  const updated_products = reserved.map(({ product }) => product)
  return {
    updated_products,
    total_items_reserved: updated_products.reduce((sum, line) => sum + line.quantity_reserved, 0),
    inventory_changes: updated_products.map((line) => ({
      product_id: line.product_id,
      change_type: 'reservation',
      quantity: -line.quantity_reserved,
      reason: 'order_checkout',
      timestamp: updated_at,
      reservation_id: line.reservation_id,
    })),
    updated_at,
  }
}

export type InventoryUpdate = Awaited<ReturnType<typeof updateInventory>>
type Reserved = Awaited<ReturnType<typeof reserve>>

async function reserve(
  { orderId, customerId, lines }: Reserving,
  index: number,
  { http, url }: Service,
) {
  const line = lines[index]
  if (line === undefined) throw new RangeError(`The cart has no line ${index}.`)
  const { product_id, name, quantity } = line
  const asked = await http.get(`${url}/products/${product_id}/availability`, {
    query: { quantity },
  })
  const { available, stock_level } = readAnswer(availability, expectOk(asked))
  if (!available) throw new RetryableError(`${name}: ${stock_level} in stock, ${quantity} needed.`)
  const address = `${url}/reservations/${orderId}/${index + 1}`
  const response = await http.put(address, { product_id, quantity, customer_id: customerId })
  // Somebody was quicker; there may be more of it soon.
  if (response.status === 409) throw new RetryableError(`${name} was sold to somebody else.`)
  const { reservation_id, previous_stock, new_stock } = readAnswer(reservation, expectOk(response))
  return {
    address,
    product: {
      product_id,
      name,
      previous_stock,
      new_stock,
      quantity_reserved: quantity,
      reservation_id,
    },
  }
}
