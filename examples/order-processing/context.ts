// The context of an order: what a checkout sends, and what follows from it for urgent orders and premium customers. Checked
// when the task is created; a request that does not match is refused with every fault, and nothing is stored.
import { z } from 'zod'

const request = z.object({
  cart_items: z
    .array(
      z.object({
        product_id: z.int(),
        quantity: z.int().min(1),
        price: z.number().min(0),
        name: z.string().optional(),
      }),
    )
    .min(1),
  payment_info: z.object({
    method: z.enum(['credit_card', 'debit_card', 'paypal', 'bank_transfer']),
    amount: z.number().min(0),
    currency: z.enum(['USD', 'EUR', 'GBP']),
    card_last_four: z.string().optional(),
    token: z.string().optional(),
  }),
  customer_info: z.object({
    id: z.int().optional(),
    name: z.string().min(1),
    email: z.email(),
    tier: z.enum(['standard', 'premium', 'enterprise']).default('standard'),
    phone: z.string().optional(),
  }),
  shipping_info: z
    .object({ address: z.string(), city: z.string(), state: z.string(), zip: z.string() })
    .optional(),
  priority: z.enum(['standard', 'express', 'overnight']).default('standard'),
})

const express_processing = { payment_timeout_ms: 15_000, payment_retries: 1, email_retries: 2 }
const premium_processing = { priority: 'high', faster_processing: true } as const

/** What the schema returns is what is stored and what handlers get. definition.ts gives it effect. */
export const orderContext = request.transform((order) => ({
  ...order,
  ...(order.priority === 'express' ? { express_processing } : {}),
  ...(order.customer_info.tier === 'premium' ? { premium_processing } : {}),
}))

export type Order = z.output<typeof orderContext>
