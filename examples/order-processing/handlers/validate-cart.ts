// Step 1: prices the cart from the shop's products, not from the request, in whole cents.
import { expectOk, PermanentError, RetryableError } from '@tasker/engine'
import { z } from 'zod'
import { readAnswer, type Service } from '../../answers.ts'
import type { Order } from '../context.ts'

const product = z.object({
  id: z.int(),
  name: z.string(),
  price: z.number(),
  stock: z.int(),
  is_active: z.boolean(),
})

const taxPercent = 8
const poundsPerPiece = 0.5

export async function validateCart({ cart_items }: Order, shop: Service) {
  const lines = await Promise.all(cart_items.map((item) => priceLine(item, shop)))
  const subtotal = lines.reduce((sum, { cents }) => sum + cents, 0)
  const pieces = lines.reduce((sum, { item }) => sum + item.quantity, 0)
  const tax = Math.round((subtotal * taxPercent) / 100)
  const shipping = shippingCents(pieces * poundsPerPiece)
  return {
    validated_items: lines.map(({ item }) => item),
    subtotal: dollars(subtotal),
    tax: dollars(tax),
    shipping: dollars(shipping),
    total: dollars(subtotal + tax + shipping),
    item_count: lines.length,
    validated_at: new Date().toISOString(),
  }
}

export type ValidatedCart = Awaited<ReturnType<typeof validateCart>>
export type CartLine = ValidatedCart['validated_items'][number]

async function priceLine(
  { product_id, quantity }: Order['cart_items'][number],
  { http, url }: Service,
) {
  const response = await http.get(`${url}/products/${product_id}`)
  if (response.status === 404) {
    throw new PermanentError(`Product ${product_id} does not exist.`, { code: 'PRODUCT_NOT_FOUND' })
  }
  const { name, price, stock, is_active } = readAnswer(product, expectOk(response))
  if (!is_active) {
    throw new PermanentError(`${name} is not sold any more.`, { code: 'PRODUCT_INACTIVE' })
  }
  if (stock < quantity) {
    throw new RetryableError(`${name}: ${stock} in stock, ${quantity} asked for.`)
  }
  const cents = Math.round(price * 100) * quantity
  return { item: { product_id, name, price, quantity, line_total: dollars(cents) }, cents }
}

function shippingCents(pounds: number): number {
  if (pounds <= 2) return 599
  return pounds <= 10 ? 999 : 1_499
}

const dollars = (cents: number): number => cents / 100
