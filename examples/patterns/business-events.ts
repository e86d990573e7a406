// Business events: a mixin gives every handler class the same way to say what happened in the business, in events of one
// form. They are declared beside the class, and published when the step's outcome has been recorded.
import { defineTask, StepHandler, type HandledTask, type JsonObject } from '@tasker/engine'
import { z } from 'zod'
import { runAlone } from './run-alone.ts'

// oxlint-disable-next-line typescript/no-explicit-any -- TypeScript asks for it: a mixin passes on what it is given
type Extendable = abstract new (...args: any[]) => StepHandler

/** Adds `publishBusinessEvent` to a class of step handlers. */
export function WithBusinessEvents<Base extends Extendable>(HandlerBase: Base) {
  abstract class Publishing extends HandlerBase {
    protected publishBusinessEvent(event: {
      readonly domain: string
      readonly action: string
      readonly entityId: string
      readonly data?: JsonObject
    }): void {
      const { domain, action, entityId, data = {} } = event
      this.publishCustomEvent(`${domain}.${action}`, {
        ...data,
        domain,
        action,
        entity_id: entityId,
      })
    }
  }
  return Publishing
}

class ProcessOrder extends WithBusinessEvents(StepHandler) {
  static override customEventConfiguration() {
    return [{ name: 'order.processed', description: 'An order is ready to be shipped' }]
  }

  override async process(task: HandledTask) {
    const orderId = task.context['orderId'] as string // checked by the definition
    const total = 42
    this.publishBusinessEvent({
      domain: 'order',
      action: 'processed',
      entityId: orderId,
      data: { total },
    })
    return { orderId, total }
  }
}

export const processing = defineTask({
  namespace: 'patterns',
  name: 'processing',
  context: z.object({ orderId: z.string() }),
}).step('process_order', {}, ProcessOrder)

await runAlone(import.meta, { definitions: [processing] }, async (tasker) => {
  const happened = new Promise<void>((resolve) => {
    tasker.events.on('custom', ({ name, payload, stepName }) => {
      console.log(name, JSON.stringify(payload), 'by', stepName)
      resolve()
    })
  })
  await tasker.tasks.create(processing, { context: { orderId: 'A-7' } })
  await happened
  // prints: order.processed {"total":42,"domain":"order","action":"processed","entity_id":"A-7"} by process_order
})
