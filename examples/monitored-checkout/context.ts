// The context of a monitored checkout, and what is added to it for those who watch: what it means for the business, and one
// correlation id for all that is told about it.
import { randomBytes } from 'node:crypto'
import { z } from 'zod'

const request = z.looseObject({
  customer_id: z.string(),
  customer_email: z.email(),
  customer_tier: z.enum(['standard', 'premium']).default('standard'),
  cart_items: z.array(
    z.object({
      sku: z.string(),
      name: z.string().optional(),
      price: z.number().min(0),
      quantity: z.int().min(1),
    }),
  ),
  payment_method: z.string().default('credit_card'),
  payment_token: z.string().default('tok_visa_valid'),
  order_value: z.number().optional(),
  correlation_id: z.string().optional(),
})

export const checkoutContext = request.transform(({ correlation_id, ...checkout }) => {
  const isPremium = checkout.customer_tier === 'premium'
  return {
    ...checkout,
    correlation_id: correlation_id ?? `checkout_${randomBytes(8).toString('hex')}`,
    monitoring_target: 'checkout_workflow',
    business_context: {
      domain: 'ecommerce',
      impact_level: isPremium ? 'high' : 'standard',
      sla_tier: isPremium ? 'premium' : 'standard',
    },
  }
})

export type Checkout = z.output<typeof checkoutContext>
