// Stands for the systems of the pipeline: the warehouse with the orders, which also keeps the metrics; the CRM with the
// customers; the product catalogue; the dashboard; and the chat where people are told.
import { z } from 'zod'
import { idFor, StubSystem } from '../stub-system.ts'
import type { OrderRecord, ProductRecord, UserRecord } from './shapes.ts'

/** Fresh ones, not yet started. */
export function analyticsSystems() {
  return {
    warehouse: new StubSystem('warehouse', {
      'GET /orders': ({ query: { from = '', to = '' } }) => ({
        body: { orders: orders.filter(({ date }) => date >= from && date <= to) },
      }),
      'PUT /metrics/:of/:period': () => ({ status: 204 }),
    }),
    crm: new StubSystem('crm', { 'GET /users': () => ({ body: { users } }) }),
    catalogue: new StubSystem('catalogue', { 'GET /products': () => ({ body: { products } }) }),
    dashboard: new StubSystem('dashboard', {
      'PUT /dashboards/:id': ({ params, body }) => ({
        body: {
          dashboard_id: params['id'] ?? '',
          url: 'https://dashboard.company.com/executive',
          sections: Object.keys(z.object({ sections: z.looseObject({}) }).parse(body).sections),
        },
      }),
    }),
    chat: new StubSystem('chat', {
      'POST /messages': (call) => ({
        body: {
          messages: z
            .object({ channels: z.array(z.string()) })
            .parse(call.body)
            .channels.map((channel, index) => ({
              channel,
              message_id: `${idFor('msg', call)}_${index + 1}`,
              status: 'delivered',
              sent_at: call.at.toISOString(),
            })),
        },
      }),
    }),
  }
}

export type AnalyticsSystems = ReturnType<typeof analyticsSystems>

const order = (
  id: number,
  [user_id, product_id]: readonly [number, number],
  amount: number,
  date: string,
  status: OrderRecord['status'] = 'completed',
): OrderRecord => ({ id, user_id, product_id, amount, date, status })

const orders: OrderRecord[] = [
  order(1, [101, 201], 89.99, '2024-01-15'),
  order(2, [102, 202], 149.5, '2024-01-16'),
  order(3, [103, 203], 299.99, '2024-01-17'),
  order(4, [101, 204], 49.99, '2024-01-18', 'refunded'),
  order(5, [104, 201], 89.99, '2024-01-19'),
  order(6, [105, 205], 199.99, '2024-01-20'),
]

const user = (id: number, name: string, segment: UserRecord['segment']): UserRecord => {
  const [first = ''] = name.toLowerCase().split(' ')
  return { id, name, email: `${first}@example.com`, segment }
}

const users: UserRecord[] = [
  user(101, 'Alice Johnson', 'premium'),
  user(102, 'Bob Smith', 'standard'),
  user(103, 'Carol Davis', 'premium'),
  user(104, 'David Wilson', 'standard'),
  user(105, 'Eve Brown', 'premium'),
]

const products: ProductRecord[] = [
  { id: 201, name: 'Premium Widget', category: 'widgets', price: 89.99, inventory: 45 },
  { id: 202, name: 'Deluxe Gadget', category: 'gadgets', price: 149.5, inventory: 23 },
  { id: 203, name: 'Enterprise Tool', category: 'tools', price: 299.99, inventory: 12 },
  { id: 204, name: 'Basic Widget', category: 'widgets', price: 49.99, inventory: 78 },
  { id: 205, name: 'Pro Gadget', category: 'gadgets', price: 199.99, inventory: 34 },
]
