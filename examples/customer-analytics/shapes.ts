// What the steps hand to each other. Results come back as JSON, so a class handler parses those of
// its parents; what does not fit fails the step with a clear message instead of a wrong number.
import { z } from 'zod'

export const orderRecords = z.array(
  z.object({
    id: z.int(),
    user_id: z.int(),
    product_id: z.int(),
    cents: z.int(),
    date: z.iso.date(),
    status: z.enum(['completed', 'refunded']),
  }),
)
export type OrderRecord = z.infer<typeof orderRecords>[number]

export const userRecords = z.array(
  z.object({ id: z.int(), name: z.string(), segment: z.enum(['premium', 'standard']) }),
)
export type UserRecord = z.infer<typeof userRecords>[number]

export const productRecords = z.array(
  z.object({ id: z.int(), name: z.string(), category: z.string() }),
)
export type ProductRecord = z.infer<typeof productRecords>[number]

const summary = {
  name: z.string(),
  total_orders: z.int(),
  completed_orders: z.int(),
  /** Of completed orders, in dollars. */
  total_revenue: z.number(),
}
export const customerMetrics = z.array(
  z.object({ user_id: z.int(), segment: z.string(), ...summary }),
)
export type CustomerMetric = z.infer<typeof customerMetrics>[number]

export const productMetrics = z.array(
  z.object({
    product_id: z.int(),
    category: z.string(),
    ...summary,
    /** Completed orders in a hundred. */
    conversion_rate: z.number(),
  }),
)
export type ProductMetric = z.infer<typeof productMetrics>[number]

/** Money is added up in cents and written in dollars. */
export const dollars = (cents: number): number => cents / 100
