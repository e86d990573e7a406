// Step 1: prices the cart from the catalogue, not from the request, in whole cents.
import { PermanentError, RetryableError } from '@tasker/engine'
import { callTakes } from '../attempt.ts'
import { findProduct } from '../catalogue.ts'
import type { Order } from '../context.ts'

export interface CartLine {
  readonly product_id: number
  readonly name: string
  readonly price: number
  readonly quantity: number
  readonly line_total: number
}

const taxPercent = 8
const poundsPerPiece = 0.5

export async function validateCart({ cart_items }: Order, signal: AbortSignal) {
  await callTakes(60, signal)
  const lines = cart_items.map(({ product_id, quantity }) => {
    const product = findProduct(product_id)
    if (product === null) {
      throw new PermanentError(`Product ${product_id} does not exist.`, {
        code: 'PRODUCT_NOT_FOUND',
      })
    }
    if (product.stock < quantity) {
      throw new RetryableError(`${product.name}: ${product.stock} in stock, ${quantity} asked for.`)
    }
    return { product, quantity, cents: product.priceCents * quantity }
  })
  const subtotal = lines.reduce((sum, { cents }) => sum + cents, 0)
  const pieces = lines.reduce((sum, { quantity }) => sum + quantity, 0)
  const tax = Math.round((subtotal * taxPercent) / 100)
  const shipping = shippingCents(pieces * poundsPerPiece)
  const validated_items: CartLine[] = lines.map(({ product, quantity, cents }) => ({
    product_id: product.id,
    name: product.name,
    price: dollars(product.priceCents),
    quantity,
    line_total: dollars(cents),
  }))
  return {
    validated_items,
    subtotal: dollars(subtotal),
    tax: dollars(tax),
    shipping: dollars(shipping),
    total: dollars(subtotal + tax + shipping),
    item_count: validated_items.length,
    validated_at: new Date().toISOString(),
  }
}

export type ValidatedCart = Awaited<ReturnType<typeof validateCart>>

function shippingCents(pounds: number): number {
  if (pounds <= 2) return 599
  return pounds <= 10 ? 999 : 1_499
}

const dollars = (cents: number): number => cents / 100
