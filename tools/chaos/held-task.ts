// The address of the task that casts/held.ts plays, and a definition of it for whoever only creates it.
import { defineTask, type GivenDefinition } from '@tasker/engine'

export const heldTask = { namespace: 'chaos', name: 'held', version: '1.0.0' } as const

export const heldToCreate: GivenDefinition = defineTask(heldTask)
  .step('slow', async () => null)
  .step('after', { dependsOn: ['slow'] }, async () => null)
