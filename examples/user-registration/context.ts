// The context of a registration: what the form sends, and what is settled once for the whole task: the plan, the source, and
// one correlation id, which every service and every result gets to see.
import { randomBytes } from 'node:crypto'
import { z } from 'zod'

const plans = ['free', 'pro', 'enterprise'] as const

const request = z.looseObject({
  user_info: z.object({
    email: z.email(),
    name: z.string().min(1),
    phone: z.string().optional(),
    plan: z.enum(plans).default('free'),
    referral_code: z.string().optional(),
    company: z.string().optional(),
    source: z.enum(['web', 'mobile', 'api']).default('web'),
    timezone: z.string().default('UTC'),
  }),
  billing_info: z
    .object({
      payment_method: z.string().optional(),
      /** Street, city, state, zip. */
      billing_address: z.record(z.string(), z.string()).default({}),
    })
    .prefault({}),
  preferences: z
    .object({
      marketing_emails: z.boolean().default(false),
      product_updates: z.boolean().default(false),
      newsletter: z.boolean().default(false),
    })
    .prefault({}),
  correlation_id: z.string().min(1).optional(),
})

/** What the schema returns is what is stored. A rerun sends it all again, so what is there already stays. */
export const registrationContext = request.transform(({ correlation_id, ...given }) => ({
  ...given,
  correlation_id: correlation_id ?? `reg_${Math.trunc(Date.now() / 1000)}_${randomHex(4)}`,
  plan_type: given.user_info.plan,
  registration_source: given.user_info.source,
}))

/** The same, as handlers read it. */
export type Registration = z.output<typeof registrationContext>
export type Plan = (typeof plans)[number]

const randomHex = (bytes: number): string => randomBytes(bytes).toString('hex')
