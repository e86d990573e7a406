// Adding detail to an error, then failing: a handler that knows more than the error it met throws one of the two classes of the
// engine with that error as its cause. History keeps the code, the context, what was behind it and where it was.
import { defineTask, errorBrief, errorLine, PermanentError, RetryableError } from '@tasker/engine'
import { z } from 'zod'
import { runAlone } from './run-alone.ts'

export class GatewayError extends Error {
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

export const chargeThrough = (charge: (cents: number, attempt: number) => Promise<string>) =>
  defineTask({
    namespace: 'patterns',
    name: 'charge',
    context: z.object({ orderId: z.string(), cents: z.number().int() }),
  }).step('charge', async ({ context, attempt }) => {
    const { orderId, cents } = context
    try {
      return { id: await charge(cents, attempt) }
    } catch (cause) {
      if (!(cause instanceof GatewayError)) throw cause
      const detail = { context: { orderId, cents }, cause }
      throw cause.code === 'BUSY'
        ? new RetryableError('the gateway has no time', { afterMs: 50, ...detail })
        : new PermanentError('the gateway declines', { code: 'DECLINED', ...detail })
    }
  })

const charge = chargeThrough(async (_cents, attempt) => {
  if (attempt === 1) throw new GatewayError('BUSY', 'try later')
  throw new GatewayError('51', 'insufficient funds')
})

await runAlone(import.meta, { definitions: [charge] }, async (tasker) => {
  const { taskId } = await tasker.tasks.create(charge, { context: { orderId: 'A-7', cents: 250 } })
  await tasker.tasks.waitFor(taskId)
  for (const { metadata } of await tasker.tasks.history(taskId)) {
    const brief = errorBrief(metadata?.['error'])
    if (brief !== null) console.log(errorLine(brief))
  }
  // prints: RetryableError: the gateway has no time, caused by GatewayError BUSY: try later
  // prints: PermanentError DECLINED: the gateway declines, caused by GatewayError 51: insufficient funds
  const { steps } = await tasker.tasks.get(taskId)
  console.log(JSON.stringify(steps[0]?.error?.['context'])) // prints: {"cents":250,"orderId":"A-7"}
})
