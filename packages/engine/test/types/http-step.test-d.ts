// What the compiler knows of an API step: what its callbacks get, and what its children read.
import { z } from 'zod'
import { defineTask, httpStep } from '../../src/index.ts'
import type { Json } from '../../src/json.ts'
import type { HttpResponse } from '../../src/http/model.ts'

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const same = <A, B>(_same: Same<A, B>): void => undefined

const order = defineTask({
  name: 'order',
  context: z.object({ order_id: z.number().int(), tags: z.array(z.string()) }),
})
  .step('bare', httpStep({ baseUrl: 'https://shop.example.com', path: '/bare' }))
  .step(
    'cart',
    httpStep({
      baseUrl: 'https://shop.example.com',
      path: '/carts/{context.order_id}',
      response: z.object({ id: z.string(), total: z.number() }),
    }),
  )
  .step(
    'charge',
    { dependsOn: ['cart', 'bare'], retry: { limit: 5 }, dependentSystem: 'payment_gateway' },
    httpStep({
      baseUrl: '${PAYMENTS_URL}',
      method: 'POST',
      path: ({ results, context }) => {
        same<typeof results.cart, { id: string; total: number }>(true)
        same<typeof results.bare, Json>(true)
        return `/charges/${results.cart.id}/${context.order_id}`
      },
      query: ({ context }) => ({ tag: context.tags }),
      headers: async ({ secret }) => ({ authorization: `Bearer ${await secret('PAYMENTS')}` }),
      body: ({ context, results }) => ({ order: context.order_id, cents: results.cart.total }),
      response: z.object({ paid: z.boolean() }),
      processResults: (response, { context }) => {
        same<typeof response.body, { paid: boolean }>(true)
        same<typeof response.status, HttpResponse['status']>(true)
        return { order: context.order_id, isPaid: response.body.paid }
      },
    }),
  )
  .step('receipt', { dependsOn: ['charge'] }, async ({ results }) => {
    same<typeof results.charge, { order: number; isPaid: boolean }>(true)
    return results.charge.isPaid
  })
  .expand(
    'notify',
    { dependsOn: ['receipt'] },
    ({ tags }) => tags.map((tag) => ({ key: tag, inputs: { tag } })),
    httpStep({
      baseUrl: 'https://mail.example.com',
      body: ({ inputs, results }) => {
        same<typeof inputs, { tag: string }>(true)
        return { tag: inputs.tag, paid: results.receipt }
      },
    }),
  )

void order

defineTask({ name: 'x' }).step(
  'a',
  httpStep({
    baseUrl: 'https://a',
    // @ts-expect-error a step reads only what it depends on
    path: ({ results }) => results.b,
  }),
)

defineTask({ name: 'x' }).step(
  'a',
  // @ts-expect-error what processResults returns is stored
  httpStep({ baseUrl: 'https://a', processResults: () => new Date() }),
)

// @ts-expect-error an address is needed
httpStep({ path: '/x' })
