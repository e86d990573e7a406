// The results that steps hand to each other. They were checked when they were made, by the handlers
// of this folder; reading one back names its shape.
import type { Json } from '@tasker/engine'

export interface CustomerMetric {
  readonly user_id: number
  readonly name: string
  readonly segment: string
  readonly total_orders: number
  readonly completed_orders: number
  readonly total_revenue: number
}

export interface ProductMetric {
  readonly product_id: number
  readonly name: string
  readonly category: string
  readonly total_orders: number
  readonly completed_orders: number
  readonly total_revenue: number
  readonly conversion_rate: number
}

/** A result of a parent as the handler that made it declared it. */
export function asMade<Shape>(result: Json): Shape {
  return result as Shape // what our own handler returned, stored as JSON and read back
}

/** Money is added up in cents and written in dollars. */
export const dollars = (cents: number): number => cents / 100
