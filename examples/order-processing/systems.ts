// Stands for the systems that a checkout calls: the shop with its products and orders, the payment gateway, the inventory
// and the mail service. Each is a real HTTP server with a state of its own.
import type { Json } from '@tasker/engine'
import { z } from 'zod'
import { idFor, StubSystem, type StubAnswer, type StubCall } from '../stub-system.ts'

const minuteMs = 60_000
const reservedForMinutes = 15
const firstOrderId = 1001
const stockAtFirst = 100

/** Fresh ones, not yet started. */
export function checkoutSystems() {
  return {
    shop: shop(),
    payments: new StubSystem('payments', { 'POST /charges': charge }),
    inventory: inventory(),
    mail: new StubSystem('mail', { 'POST /mails': sendMail }),
  }
}

export type CheckoutSystems = ReturnType<typeof checkoutSystems>

const products: Readonly<Record<string, { readonly name: string; readonly price: number }>> = {
  '1': { name: 'Widget A', price: 29.99 },
  '2': { name: 'Widget B', price: 49.99 },
}

function shop(): StubSystem {
  let ordersTaken = 0
  return new StubSystem('shop', {
    'GET /products/:id': ({ params: { id = '' } }) => {
      const { name, price } = products[id] ?? { name: `Mock Product ${id}`, price: 29.99 }
      return { body: { id: Number(id), name, price, stock: 10, is_active: true } }
    },
    'POST /orders': (call) => {
      const created_at = call.at.toISOString()
      const day = created_at.slice(0, 10).replaceAll('-', '')
      const order_number = `ORD-${day}-${idFor('', call).slice(-8).toUpperCase()}`
      const order_id = firstOrderId + ordersTaken
      ordersTaken += 1
      return { status: 201, body: { order_id, order_number, status: 'confirmed', created_at } }
    },
  })
}

const chargeRequest = z.object({ amount: z.number(), currency: z.string(), method: z.string() })

function charge(call: StubCall): StubAnswer {
  const { amount, currency, method } = chargeRequest.parse(call.body)
  const processing_fee = Math.round(amount * 2.9) / 100
  const body = {
    payment_id: idFor('pay', call),
    status: 'succeeded',
    amount_charged: amount,
    currency,
    payment_method_type: method,
    transaction_id: idFor('txn', call),
    processed_at: call.at.toISOString(),
    fees: { processing_fee, fixed_fee: 0.3, total_fees: (processing_fee * 100 + 30) / 100 },
  }
  return { status: 201, body }
}

/** A reservation is put at an address of its own, so that it is made once however often it is asked for. */
function inventory(): StubSystem {
  const stock = new Map<string, number>()
  const reservations = new Map<string, { readonly product: string; readonly answer: Json }>()
  const left = (product: string): number => stock.get(product) ?? stockAtFirst
  const quantities = z.object({
    product_id: z.union([z.int(), z.string()]),
    quantity: z.int(),
  })
  return new StubSystem('inventory', {
    'GET /products/:id/availability': ({ params: { id = '' }, query }) => {
      const stock_level = left(id)
      return { body: { available: stock_level >= Number(query['quantity'] ?? 1), stock_level } }
    },
    'PUT /reservations/:order/:line': (call) => {
      const known = reservations.get(call.path)
      if (known !== undefined) return { body: known.answer }
      const { product_id, quantity } = quantities.parse(call.body)
      const product = String(product_id)
      const previous_stock = left(product)
      if (previous_stock < quantity) return { status: 409, body: { status: 'insufficient_stock' } }
      const answer = {
        reservation_id: idFor('res', call),
        status: 'reserved',
        previous_stock,
        new_stock: previous_stock - quantity,
        expires_at: new Date(call.at.getTime() + reservedForMinutes * minuteMs).toISOString(),
      }
      stock.set(product, answer.new_stock)
      reservations.set(call.path, { product, answer })
      return { status: 201, body: answer }
    },
    'DELETE /reservations/:order/:line': ({ path }) => {
      const known = reservations.get(path)
      if (known === undefined) return { status: 204 }
      const { previous_stock, new_stock } = z
        .object({ previous_stock: z.int(), new_stock: z.int() })
        .parse(known.answer)
      stock.set(known.product, left(known.product) + previous_stock - new_stock)
      reservations.delete(path)
      return { status: 204 }
    },
  })
}

function sendMail(call: StubCall): StubAnswer {
  const body = {
    message_id: idFor('msg', call),
    status: 'sent',
    subject: 'Your Order Confirmation',
    delivery_status: 'delivered',
    sent_at: call.at.toISOString(),
  }
  return { status: 202, body }
}
