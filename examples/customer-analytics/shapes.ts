// What the systems answer and what the steps hand to each other. Results come back as JSON, so a class handler parses those of
// its parents; what does not fit fails the step with a clear message instead of a wrong number.
import { z } from 'zod'

const orderRecord = z.object({
  id: z.int(),
  user_id: z.int(),
  product_id: z.int(),
  amount: z.number(),
  date: z.iso.date(),
  status: z.enum(['completed', 'refunded']),
})
export const orderRecords = z.array(orderRecord)
export type OrderRecord = z.infer<typeof orderRecord>

const userRecord = z.object({
  id: z.int(),
  name: z.string(),
  email: z.string(),
  segment: z.enum(['premium', 'standard']),
})
export const userRecords = z.array(userRecord)
export type UserRecord = z.infer<typeof userRecord>

const productRecord = z.object({
  id: z.int(),
  name: z.string(),
  category: z.string(),
  price: z.number(),
  inventory: z.int(),
})
export const productRecords = z.array(productRecord)
export type ProductRecord = z.infer<typeof productRecord>

const summary = {
  name: z.string(),
  total_orders: z.int(),
  completed_orders: z.int(),
  /** Of completed orders, in dollars. */
  total_revenue: z.number(),
}
const customerMetric = z.object({
  user_id: z.int(),
  email: z.string(),
  segment: z.enum(['premium', 'standard']),
  ...summary,
  /** Of completed orders; 0 when there are none. */
  avg_order_value: z.number(),
})
export const customerMetrics = z.array(customerMetric)
export type CustomerMetric = z.infer<typeof customerMetric>

const productMetric = z.object({
  product_id: z.int(),
  category: z.string(),
  ...summary,
  /** Completed orders in a hundred. */
  conversion_rate: z.number(),
})
export const productMetrics = z.array(productMetric)
export type ProductMetric = z.infer<typeof productMetric>

export const insightsOf = z.object({
  top_customers: customerMetrics,
  top_products: productMetrics,
  segment_analysis: z.object({ premium_customers: z.int(), standard_customers: z.int() }),
  /** Revenue by category. */
  category_performance: z.record(z.string(), z.number()),
})

export const dateRange = z.object({ start_date: z.iso.date(), end_date: z.iso.date() })
export type DateRange = z.infer<typeof dateRange>

/** Money is added up in cents and written in dollars. */
export const dollars = (cents: number): number => cents / 100
export const cents = (amount: number): number => Math.round(amount * 100)
