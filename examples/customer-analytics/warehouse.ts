// Stands for the systems that the extracts read: orders, customers, products.
import type { OrderRecord, ProductRecord, UserRecord } from './shapes.ts'

const order = (
  id: number,
  [user_id, product_id]: readonly [number, number],
  cents: number,
  date: string,
  status: OrderRecord['status'] = 'completed',
): OrderRecord => ({ id, user_id, product_id, cents, date, status })

export const orders: readonly OrderRecord[] = [
  order(1, [101, 201], 8_999, '2024-01-15'),
  order(2, [102, 202], 14_950, '2024-01-16'),
  order(3, [103, 203], 29_999, '2024-01-17'),
  order(4, [101, 204], 4_999, '2024-01-18', 'refunded'),
  order(5, [104, 201], 8_999, '2024-01-19'),
  order(6, [105, 205], 19_999, '2024-01-20'),
]

export const users: readonly UserRecord[] = [
  { id: 101, name: 'Alice Johnson', segment: 'premium' },
  { id: 102, name: 'Bob Smith', segment: 'standard' },
  { id: 103, name: 'Carol Davis', segment: 'premium' },
  { id: 104, name: 'David Wilson', segment: 'standard' },
  { id: 105, name: 'Eve Brown', segment: 'premium' },
]

export const products: readonly ProductRecord[] = [
  { id: 201, name: 'Premium Widget', category: 'widgets' },
  { id: 202, name: 'Deluxe Gadget', category: 'gadgets' },
  { id: 203, name: 'Enterprise Tool', category: 'tools' },
  { id: 204, name: 'Basic Widget', category: 'widgets' },
  { id: 205, name: 'Pro Gadget', category: 'gadgets' },
]
