// Dynamic steps: how many there are, and what they wait for, is decided by the context when a task is created. `expand` makes
// one step for each item; `adjust` changes limits, priorities and dependencies of one task.
import { defineTask } from '@tasker/engine'
import { z } from 'zod'
import { runAlone } from './run-alone.ts'

export const orderByType = defineTask({
  namespace: 'patterns',
  name: 'order_by_type',
  context: z.object({ types: z.array(z.string()), isUrgent: z.boolean().default(false) }),
})
  .step('validate', async ({ context }) => ({ types: context.types.length }))
  .expand(
    'process',
    { dependsOn: ['validate'] },
    ({ types }) => types.map((type) => ({ key: type, inputs: { type } })),
    async ({ inputs }) => `${inputs.type} processed`,
  )
  .step('finalize', { dependsOn: ['process'] }, async ({ results }) =>
    Object.values(results.process),
  )
  .adjust(({ context }, steps) => {
    if (!context.isUrgent) return
    for (const step of steps) step.update({ priority: 'critical', retryLimit: 10 })
  })

await runAlone(import.meta, { definitions: [orderByType] }, async (tasker) => {
  for (const context of [{ types: ['book', 'toy'], isUrgent: true }, { types: [] }]) {
    const { taskId } = await tasker.tasks.create(orderByType, { context })
    const { steps, results } = await tasker.tasks.waitFor(taskId, { of: orderByType })
    console.log(steps.map(({ name, retryLimit }) => `${name} ${retryLimit}`).join(', '))
    console.log(JSON.stringify(results.finalize))
  }
  // prints: validate 10, process[book] 10, process[toy] 10, finalize 10
  // prints: ["book processed","toy processed"]
  // prints: validate 3, finalize 3
  // prints: []
})
