// Orders that run, fail and wait, on a server of their own, for the tests of tasks over REST.
import { defineTask, PermanentError } from '@tasker/engine'
import { expect } from 'vitest'
import { checked, type Checked } from '../support/checked.ts'
import { servedForFile, type CallOptions, type Served } from '../support/served.ts'

const order = defineTask({ name: 'order', namespace: 'shop' })
  .step('reserve', { skippable: true }, async () => ({ shelf: 3 }))
  .step('charge', { dependsOn: ['reserve'] }, async () => ({ receipt: 'r-1' }))
  .step('pack', { dependsOn: ['reserve'] }, async () => 'box')
  .step('ship', { dependsOn: ['charge', 'pack'] }, async () => null)
  .annotate(async ({ context }) => [
    { type: 'customer', annotation: { id: context['customer'] ?? 0 } },
  ])

const failing = defineTask({ name: 'failing', namespace: 'shop' })
  .step('charge', { retry: { limit: 1 } }, async () => {
    throw new PermanentError('declined', { code: 'CARD' })
  })
  .step('ship', { dependsOn: ['charge'] }, async () => null)

const idle = defineTask({ name: 'idle', namespace: 'other' }).step('only', async () => null)

export const hostile = '</title><script>alert(1)</script>"&\'][{"];-->'
const evil = defineTask({ name: 'evil', namespace: 'shop' }).step(hostile, async () => null)

export interface Shop {
  readonly served: Served
  /** Held to its documentation. */
  readonly call: (method: string, path: string, options?: CallOptions) => Promise<Checked>
  /** An order, of which `fields` change what is asked for; its id. */
  readonly create: (fields?: object) => Promise<string>
  /** The same, run to its end. */
  readonly run: (fields?: object) => Promise<string>
}

export function shopForFile(): Shop {
  const served = servedForFile(() => ({
    definitions: [order, failing, idle, evil],
    telemetry: { performanceMonitoringEnabled: true, slowQueryThresholdSeconds: 0 },
  }))
  const call = async (method: string, path: string, options?: CallOptions): Promise<Checked> =>
    checked(served, method, path, options)
  const create = async (fields: object = {}): Promise<string> => {
    const made = await call('POST', '/tasks', {
      body: { name: 'order', namespace: 'shop', context: { customer: 7 }, ...fields },
    })
    expect(made.status).toBe(201)
    return (made.json['task'] as { task_id: string }).task_id
  }
  const run = async (fields: object = {}): Promise<string> => {
    const taskId = await create(fields)
    await served.tasker.worker.start()
    await served.tasker.tasks.waitFor(taskId)
    served.tasker.worker.wake()
    await served.tasker.worker.idle() // annotations are made after the end
    await served.tasker.worker.stop()
    return taskId
  }
  return { served, call, create, run }
}
