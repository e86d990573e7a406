// Catching a recoverable error as success: only what is thrown fails a step. A handler that can do without something catches
// that one error, returns what it does instead, and says so in its result; everything else it lets through.
import { defineTask } from '@tasker/engine'
import { z } from 'zod'
import { runAlone } from './run-alone.ts'

export class NoRecommendations extends Error {}

export const pageWith = (recommend: (customer: string) => Promise<readonly string[]>) =>
  defineTask({
    namespace: 'patterns',
    name: 'page',
    context: z.object({ customer: z.string() }),
  })
    .step('recommend', async ({ context }) => {
      try {
        return { items: await recommend(context.customer), source: 'personal' }
      } catch (error) {
        if (!(error instanceof NoRecommendations)) throw error
        return { items: ['bestseller'], source: 'fallback', why: error.message }
      }
    })
    .step('render', { dependsOn: ['recommend'] }, async ({ results }) => {
      const { items, source } = results.recommend
      return `${items.join(', ')} (${source})`
    })

const page = pageWith(async (customer) => {
  if (customer === 'new') throw new NoRecommendations('nothing is known of this customer')
  return ['what you bought last year']
})

await runAlone(import.meta, { definitions: [page] }, async (tasker) => {
  for (const customer of ['known', 'new']) {
    const { taskId } = await tasker.tasks.create(page, { context: { customer } })
    const { state, results } = await tasker.tasks.waitFor(taskId, { of: page })
    console.log(state, results.render)
  }
  // prints: complete what you bought last year (personal)
  // prints: complete bestseller (fallback)
})
