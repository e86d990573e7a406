// The definitions of the tests of operator actions: an order that fails where it is told to, and steps that wait.
import { defineTask, PermanentError, RetryableError } from '@tasker/engine'
import { defineConfig } from '../src/index.ts'

/** load → charge → receipt; charge fails for good below zero. */
export const order = defineTask({
  namespace: 'shop',
  name: 'order',
  version: '1.0.0',
  context: {
    type: 'object',
    properties: { cents: { type: 'number' } },
    required: ['cents'],
  },
})
  .step('load', async () => ({ loaded: true }))
  .step('charge', { dependsOn: ['load'] }, async ({ context }) => {
    if (Number(context['cents']) < 0) throw new PermanentError('negative')
    return { charged: context['cents'] }
  })
  .step('receipt', { dependsOn: ['charge'] }, async () => null)

/** One step is told to come back in an hour, one waits for a day. */
export const patient = defineTask({ namespace: 'shop', name: 'patient', version: '1.0.0' })
  .step('call', async ({ attempt }) => {
    if (attempt === 1) throw new RetryableError('too many requests', { afterMs: 200_000 })
    return null
  })
  .step('approve', async (step) =>
    step.claimNo === 1 ? step.waitUntil(new Date('2099-01-01T00:00:00Z'), 'approval') : null,
  )

export default defineConfig({ definitions: [order, patient] })
