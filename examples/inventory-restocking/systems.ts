// Stands for the stock room with its products, and for the portal where all suppliers take orders.
import type { Json } from '@tasker/engine'
import { idFor, StubSystem } from '../stub-system.ts'
import type { Product } from './stock.ts'

/** A supplier has looked at an order when it is asked for the so-manieth time. */
const confirmsAtLook = 2

/** Fresh ones, not yet started. */
export function restockingSystems() {
  return { stock_room: stockRoom(), suppliers: suppliers() }
}

export type RestockingSystems = ReturnType<typeof restockingSystems>

function stockRoom(): StubSystem {
  return new StubSystem('stock_room', {
    'GET /products': ({ query: { limit = '30' } }) => {
      const found = products.slice(0, Number(limit))
      return { body: { products: found.map((each) => ({ ...each })), total: products.length } }
    },
    'PUT /expected-deliveries/:run': () => ({ status: 204 }),
  })
}

function suppliers(): StubSystem {
  const looks = new Map<string, number>()
  return new StubSystem('suppliers', {
    'POST /suppliers/:supplier/purchase-orders': (call) => ({
      status: 201,
      body: { order_id: idFor('po', call), status: 'received' },
    }),
    'GET /suppliers/:supplier/purchase-orders/:id': ({ params: { id = '' } }) => {
      const look = (looks.get(id) ?? 0) + 1
      looks.set(id, look)
      const confirmed: Json = { status: 'confirmed', delivery_date: '2026-12-01' }
      return { body: look < confirmsAtLook ? { status: 'received' } : confirmed }
    },
  })
}

const products: readonly Product[] = [
  { id: 1, title: 'Essence Mascara', category: 'beauty', price: 9.99, stock: 5 },
  { id: 2, title: 'Apple', category: 'groceries', price: 1.99, stock: 9 },
  { id: 3, title: 'Beef Steak', category: 'groceries', price: 12.99, stock: 0 },
  { id: 4, title: 'Annibale Bed', category: 'furniture', price: 1899.99, stock: 7 },
  { id: 5, title: 'Knoll Chair', category: 'furniture', price: 499.99, stock: 40 },
  { id: 6, title: 'CK One', category: 'fragrances', price: 49.99, stock: 3 },
  { id: 7, title: 'Decoration Swing', category: 'home-decoration', price: 59.99, stock: 10 },
  { id: 8, title: 'Smartphone', category: 'smartphones', price: 899.99, stock: 2 },
  { id: 9, title: 'Kiwi', category: 'groceries', price: 2.49, stock: 99 },
  { id: 10, title: 'Night Suit', category: 'dresses', price: 55, stock: 21 },
]
