// Custom events from a handler: declared with the step, published once its outcome has been recorded, and dropped when the
// attempt throws. Whoever listens in the worker's process hears them; their payload is yours.
import { defineTask } from '@tasker/engine'
import { runAlone } from './run-alone.ts'

export const packing = defineTask({ namespace: 'patterns', name: 'packing' }).step(
  'pack',
  {
    customEvents: [
      { name: 'parcel.opened', description: 'Somebody began to pack' },
      { name: 'parcel.packed', description: 'A parcel is ready to be fetched' },
    ],
  },
  async ({ attempt, publish }) => {
    publish('parcel.opened', { attempt })
    if (attempt === 1) throw new Error('the box broke')
    publish('parcel.packed', { weight_kg: 2 })
    return { packed: true }
  },
)

await runAlone(import.meta, { definitions: [packing] }, async (tasker) => {
  const packed = new Promise<void>((resolve) => {
    tasker.events.on('custom', ({ name, payload, attempt }) => {
      console.log(name, JSON.stringify(payload), 'at attempt', attempt)
      if (name === 'parcel.packed') resolve()
    })
  })
  await tasker.tasks.create(packing, { context: {} })
  await packed
  // prints: parcel.opened {"attempt":2} at attempt 2
  // prints: parcel.packed {"weight_kg":2} at attempt 2
})
