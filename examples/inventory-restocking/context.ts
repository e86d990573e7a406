// What a run of the restocking is asked to do. Checked when the task is created.
import { z } from 'zod'

const supplier = z.object({
  id: z.string().regex(/^[a-z][a-z0-9-]*$/),
  /** What is ordered from it. */
  categories: z.array(z.string()).min(1),
})

export const restockingContext = z.object({
  /** Products with this much in stock, or less, are low. */
  threshold: z.int().min(0).default(10),
  /** Only products of this category. */
  category: z.string().optional(),
  /** One step each. */
  suppliers: z.array(supplier).min(1),
  /** How often a supplier is asked whether it can deliver. */
  look_again_seconds: z.int().min(1).default(3_600),
})

export type Restocking = z.output<typeof restockingContext>
export type Supplier = z.output<typeof supplier>
