// Result caching: a step whose answer is good for a while is asked once for all tasks that need the same. The key is
// everything that the answer depends on; null means "not this time".
import { defineTask } from '@tasker/engine'
import { z } from 'zod'
import { runAlone } from './run-alone.ts'

export interface Bank {
  /** What one euro costs. */
  rateOf(currency: string): Promise<number>
}

export const quoteWith = (bank: Bank) =>
  defineTask({
    namespace: 'patterns',
    name: 'quote',
    context: z.object({ currency: z.string(), amount: z.number() }),
  })
    .step(
      'rate',
      { cache: { key: ({ context }) => context.currency, ttlMs: 60_000 } },
      async ({ context }) => ({ rate: await bank.rateOf(context.currency) }),
    )
    .step(
      'price',
      { dependsOn: ['rate'] },
      async ({ context, results }) => context.amount * results.rate.rate,
    )

const asked: string[] = []
const bank: Bank = {
  async rateOf(currency) {
    asked.push(currency)
    return currency === 'USD' ? 1.25 : 0.75
  },
}
const quote = quoteWith(bank)

await runAlone(import.meta, { definitions: [quote] }, async (tasker) => {
  for (const [currency, amount] of [
    ['USD', 100],
    ['USD', 200],
    ['GBP', 100],
  ] as const) {
    const { taskId } = await tasker.tasks.create(quote, { context: { currency, amount } })
    const { results } = await tasker.tasks.waitFor(taskId, { of: quote })
    const history = await tasker.tasks.history(taskId)
    const rate = history.find(({ step, to }) => step === 'rate' && to === 'complete')
    console.log(amount, currency, results.price, rate?.reason)
  }
  // prints: 100 USD 125 complete
  // prints: 200 USD 250 cached
  // prints: 100 GBP 75 complete
  console.log('the bank was asked for', asked.join(' and ')) // prints: the bank was asked for USD and GBP
})
