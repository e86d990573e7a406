// Listens for what a checkout means to the business: orders, revenue, payments, and what was lost. An event says which task it
// is about; what the task holds is read from the database.
import type { EventPayloads, Tasker } from '@tasker/engine'
import { z } from 'zod'
import { errorTypeOf } from './error-type.ts'
import type { Observations } from './observations.ts'
import type { Watch } from './watch.ts'

const highValue = 1_000
const significantLoss = 500
const secondsUntilSlow: Readonly<Record<string, number>> = {
  validate_cart: 2,
  process_payment: 5,
  update_inventory: 3,
  create_order: 2,
  send_confirmation: 4,
}
const secondsUntilSlowDefault = 5

const paymentOf = z.object({ amount: z.number(), payment_method: z.string() })
const cartOf = z.object({ cart_total: z.number() })
const orderOf = z.object({ order_value: z.number(), customer_tier: z.string() })

export function watchBusiness(tasker: Tasker, seen: Observations, watch: Watch): void {
  watch.on('task.completed', async ({ taskId, namespace, version }) => {
    const { results, context } = await tasker.tasks.get(taskId)
    const { order_value, customer_tier } = orderOf.parse(results['create_order'])
    seen.count('checkout_conversions_total', { namespace, version })
    seen.count('revenue_processed', { customer_tier }, order_value)
    if (order_value > highValue) seen.say('info', 'High-value checkout', { taskId })
    seen.note('business.checkout.completed', { taskId, order_value, ...correlationOf(context) })
  })

  watch.on('task.failed', async ({ taskId, namespace }) => {
    const { steps, results, context } = await tasker.tasks.get(taskId)
    const failed = steps.find(({ state }) => state === 'error')
    const failed_step = failed?.name ?? 'none'
    const error_type = errorTypeOf(failed_step, failed?.error ?? null)
    const loss = cartOf.safeParse(results['validate_cart']).data?.cart_total ?? 0
    seen.count('checkout_failures_total', { namespace, failed_step, error_type })
    seen.count('revenue_loss', {}, loss)
    seen.say('error', `Checkout failure: ${error_type}`, { taskId, failed_step })
    if (loss > significantLoss) seen.say('error', 'Significant revenue loss', { taskId, loss })
    seen.note('business.checkout.failed', { taskId, loss, ...correlationOf(context) })
  })

  watch.on('step.completed', async (step) => {
    const seconds = Math.round(step.durationMs) / 1000
    tellSlow(step, seconds, seen)
    if (step.stepName !== 'process_payment') return
    const { results } = await tasker.tasks.get(step.taskId)
    const { amount, payment_method } = paymentOf.parse(results['process_payment'])
    seen.count('payments_processed_total', { payment_method })
    seen.count('payment_volume', { payment_method }, amount)
    seen.observe('payment_processing_duration_seconds', seconds, { payment_method })
  })

  watch.on('step.failed', ({ stepName, taskId }) => {
    if (stepName !== 'update_inventory') return
    seen.note('business.inventory.failure', { taskId })
    seen.say('error', 'Paid for, and maybe not in stock', {
      tag: 'inventory_oversell_risk',
      taskId,
    })
  })
}

function tellSlow(
  { stepName, taskId, namespace }: EventPayloads['step.completed'],
  seconds: number,
  seen: Observations,
): void {
  seen.observe('step_execution_duration_seconds', seconds, { step_name: stepName, namespace })
  const limit = secondsUntilSlow[stepName] ?? secondsUntilSlowDefault
  if (seconds <= limit) return
  const degradation_factor = Math.round((seconds / limit) * 100) / 100
  seen.note('business.performance.bottleneck', { stepName, taskId, degradation_factor })
  seen.say('warning', `${stepName} is slow`, { taskId, degradation_factor })
}

const correlationOf = (context: { readonly [key: string]: unknown }) => ({
  correlation_id: String(context['correlation_id']),
})
