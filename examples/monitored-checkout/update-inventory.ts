// Step 3: takes the items of the cart out of the stock, each under an address of its own, so that a repeat takes nothing twice.
import { expectOk, PermanentError } from '@tasker/engine'
import { z } from 'zod'
import { readAnswer, type Service } from '../answers.ts'
import type { Checkout } from './context.ts'

const reservation = z.object({ new_stock: z.int() })

export async function updateInventory(
  items: Checkout['cart_items'],
  orderId: string,
  { http, url }: Service,
) {
  const updated_items = []
  for (const [index, { sku, quantity }] of items.entries()) {
    const address = `${url}/reservations/${orderId}/${index + 1}`
    const response = await http.put(address, { product_id: sku, quantity })
    if (response.status === 409) {
      throw new PermanentError(`${sku} was paid for and is sold out.`, {
        code: 'INVENTORY_CONFLICT',
      })
    }
    const { new_stock } = readAnswer(reservation, expectOk(response))
    updated_items.push({ sku, quantity_deducted: quantity, new_stock_level: new_stock })
  }
  return {
    inventory_updated: true,
    items_updated: updated_items.length,
    updated_items,
    updated_at: new Date().toISOString(),
  }
}
