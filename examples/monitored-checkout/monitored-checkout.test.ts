// What the subscribers of a monitored checkout see: exactly the numbers of one order, of one that failed, of slow ones.
import { expect, test } from 'vitest'
import { faultOf } from '../example.ts'
import { openExample } from '../open-example.ts'
import { monitoredCheckout } from './example.ts'
import { Observations } from './observations.ts'
import sample from './sample-checkout.json' with { type: 'json' }
import { watchCheckouts } from './watch.ts'

type Changes = Partial<Omit<typeof sample, 'customer_tier'>> & {
  readonly customer_tier?: 'premium'
}

async function checkout(changes: Changes = {}) {
  // Time that a test lets pass would otherwise be time in which a system said nothing.
  const http = { idleTimeoutMs: 60_000, totalTimeoutMs: 60_000 }
  const { kit, systems, definitions } = await openExample(monitoredCheckout, { http })
  const seen = new Observations()
  const watching = watchCheckouts(kit.tasker, seen)
  const context = { ...sample, customer_tier: 'standard' as const, ...changes }
  const task = await kit.create(definitions.monitoredCheckout, { context })
  return { kit, systems, seen, watching, task }
}

test('one order is one conversion of 129.97, one payment, five steps and no message', async () => {
  const { task, seen, watching } = await checkout()
  const { state, results } = await task.runToEnd()
  await watching.settled()
  expect(state).toBe('complete')
  expect(results.validate_cart).toMatchObject({ validated: true, cart_total: 129.97 })
  expect(results.create_order).toMatchObject({ order_created: true, order_value: 129.97 })
  expect(seen.total('checkout_conversions_total')).toBe(1)
  expect(seen.total('revenue_processed', { customer_tier: 'standard' })).toBe(129.97)
  expect(seen.total('payments_processed_total')).toBe(1)
  expect(seen.total('payment_volume')).toBe(129.97)
  expect(seen.of('step_execution_duration_seconds')).toHaveLength(5)
  expect(seen.of('task_execution_duration_seconds')).toHaveLength(1)
  expect(seen.total('sla_compliance_total', { sla_met: true })).toBe(1)
  expect(seen.messages).toEqual([])
})

test('a premium customer matters more, and correlation ids are made or kept', async () => {
  const item = { sku: 'PREMIUM-001', name: 'Premium', price: 99.99, quantity: 1 }
  const { task, watching } = await checkout({ customer_tier: 'premium', cart_items: [item] })
  const { state, context } = await task.runToEnd()
  await watching.settled()
  expect(state).toBe('complete')
  expect(context).toMatchObject({
    business_context: { domain: 'ecommerce', impact_level: 'high', sla_tier: 'premium' },
    monitoring_target: 'checkout_workflow',
    correlation_id: expect.stringMatching(/^checkout_[0-9a-f]{16}$/) as string,
  })
})

test('an inventory that fails for good is a loss of 129.97, told once, and no conversion', async () => {
  const { task, systems, seen, watching } = await checkout()
  faultOf(monitoredCheckout, 'inventory-conflict').inject?.(systems)
  const { state } = await task.runToEnd()
  await watching.settled()
  expect(state).toBe('error')
  const failed = { failed_step: 'update_inventory', error_type: 'inventory' }
  expect(seen.total('checkout_failures_total', failed)).toBe(1)
  expect(seen.total('revenue_loss')).toBe(129.97)
  expect(seen.total('checkout_conversions_total')).toBe(0)
  const oversell = seen.messages.filter(({ tags }) => tags['tag'] === 'inventory_oversell_risk')
  expect(oversell).toHaveLength(1)
})

test('a payment of 6 s is one bottleneck, 1.2 times what it may take', async () => {
  const { kit, task, systems, seen, watching } = await checkout()
  const held = systems.payments.hold('POST /charges')
  const running = task.runToEnd()
  await held.arrived
  await kit.clock.advance(6_000)
  held.release()
  await running
  await watching.settled()
  const bottlenecks = seen.log.filter(({ event }) => event === 'business.performance.bottleneck')
  expect(bottlenecks).toMatchObject([
    { fields: { stepName: 'process_payment', degradation_factor: 1.2 } },
  ])
  expect(seen.messages).toMatchObject([{ level: 'warning' }])
})

test('an order of 46 s violates the agreed 45 s, once', async () => {
  const { kit, task, systems, seen, watching } = await checkout()
  const holds = [
    [systems.payments.hold('POST /charges'), 24_000],
    [systems.inventory.hold('PUT /reservations/:order/:line'), 14_000],
    [systems.shop.hold('POST /orders'), 8_000],
  ] as const
  const running = task.runToEnd()
  for (const [held, ms] of holds) {
    await held.arrived
    await kit.clock.advance(ms)
    held.release()
  }
  expect((await running).state).toBe('complete')
  await watching.settled()
  expect(seen.total('sla_compliance_total', { sla_met: false })).toBe(1)
  const violations = seen.log.filter(({ event }) => event === 'performance.sla.violation')
  expect(violations).toMatchObject([{ fields: { seconds: 46 } }])
})

test('retries are counted, and attempts that are used up are told', async () => {
  const { task, systems, seen, watching } = await checkout()
  systems.shop.inject('POST /orders', { answer: { status: 503 }, times: 1 })
  faultOf(monitoredCheckout, 'mail-down').inject?.(systems)
  await task.runToEnd()
  await watching.settled()
  expect(seen.total('step_retries_total', { step_name: 'create_order' })).toBe(1)
  expect(seen.total('step_failures_total', { step_name: 'send_confirmation' })).toBe(3)
  const exhausted = seen.log.filter(({ event }) => event === 'performance.step.retry_exhausted')
  expect(exhausted).toMatchObject([{ fields: { stepName: 'send_confirmation', attempt: 3 } }])
  expect(seen.total('task_failures_total', { error_type: 'connection' })).toBe(1)
})

test('an empty cart ends for good', async () => {
  const { task, watching } = await checkout({ cart_items: [] })
  const { state, steps } = await task.runToEnd()
  await watching.settled()
  expect(state).toBe('error')
  expect(steps[0]).toMatchObject({ attempts: 1, error: { code: 'EMPTY_CART' } })
})
