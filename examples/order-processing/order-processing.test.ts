// The order process with whole systems and with each of its faults: golden numbers, attempts, and what the systems saw.
import type { ContextInputOf } from '@tasker/engine'
import { describe, expect, test } from 'vitest'
import { faultOf } from '../example.ts'
import { openExample } from '../open-example.ts'
import { orderProcessing } from './example.ts'
import sample from './sample-cart.json' with { type: 'json' }

type Changes = Partial<Omit<typeof sample, 'customer_info'>> & {
  readonly customer_info?: object
  readonly priority?: string
}

/** The checkout, and the sample order with changes; nothing of it runs yet. */
async function order(changes: Changes = {}, options: Parameters<typeof openExample>[1] = {}) {
  const { kit, systems, definitions } = await openExample(orderProcessing, options)
  // A request is checked when the task is created; some of these are wrong on purpose.
  const context = { ...sample, ...changes } as ContextInputOf<typeof definitions.processOrder>
  const task = await kit.create(definitions.processOrder, { context })
  return { kit, task, ...systems, systems }
}

describe('an order', () => {
  test('of the sample cart costs 124.76, and every system is asked once', async () => {
    const { task, shop, payments, inventory, mail } = await order()
    const done = await task.runToEnd()
    await task.expectState('complete')
    expect(done.results.validate_cart).toMatchObject({
      subtotal: 109.97,
      tax: 8.8,
      shipping: 5.99,
      total: 124.76,
      item_count: 2,
    })
    expect(done.results.process_payment).toMatchObject({
      payment_id: expect.stringMatching(/^pay_[0-9a-f]{16}$/) as string,
      transaction_id: expect.stringMatching(/^txn_[0-9a-f]{16}$/) as string,
      amount_charged: 124.76,
      currency: 'USD',
      payment_method_type: 'credit_card',
      status: 'completed',
    })
    expect(done.results.update_inventory).toMatchObject({
      total_items_reserved: 3,
      updated_products: [
        { product_id: 1, previous_stock: 100, new_stock: 98, quantity_reserved: 2 },
        { product_id: 2, previous_stock: 100, new_stock: 99, quantity_reserved: 1 },
      ],
      inventory_changes: [{ quantity: -2, reason: 'order_checkout' }, { quantity: -1 }],
    })
    expect(done.results.create_order).toMatchObject({
      order_id: 1001,
      order_number: expect.stringMatching(/^ORD-\d{8}-[0-9A-F]{8}$/) as string,
      status: 'confirmed',
      total_amount: 124.76,
      customer_email: 'customer@example.com',
    })
    expect(done.results.send_confirmation).toMatchObject({
      email_sent: true,
      recipient: 'customer@example.com',
      message_id: expect.stringMatching(/^msg_[0-9a-f]{16}$/) as string,
    })
    expect(payments.calls()).toMatchObject([
      { body: { amount: 124.76, method: 'credit_card', token: 'tok_visa_valid' }, status: 201 },
    ])
    expect(payments.calls()[0]?.headers['idempotency-key']).toBe(`${task.taskId}:process_payment`)
    expect(mail.calls()).toMatchObject([{ body: { to: 'customer@example.com', order_id: 1001 } }])
    expect(shop.calls('POST /orders')).toHaveLength(1)
    expect(inventory.calls().map(({ method }) => method)).toEqual(['GET', 'PUT', 'GET', 'PUT'])
  })

  test('is priced from the shop, whatever the request says', async () => {
    const { task } = await order({
      cart_items: [{ product_id: 7, quantity: 5, price: 0.01, name: 'Bargain' }],
      payment_info: { ...sample.payment_info, amount: 171.94 },
    })
    const { results } = await task.runToEnd()
    // 5 × 29.99 = 149.95, tax 12.00, 2.5 lb 9.99
    expect(results.validate_cart).toMatchObject({ subtotal: 149.95, tax: 12, shipping: 9.99 })
    await task.expectState('complete')
  })

  test.for([
    ['no items', { cart_items: [] }, 'context/cart_items'],
    [
      'a quantity of 0',
      { cart_items: [{ product_id: 1, quantity: 0, price: 1, name: 'W' }] },
      'context/cart_items/0/quantity',
    ],
    [
      'an address that is none',
      { customer_info: { name: 'J', email: 'nowhere' } },
      'context/customer_info/email',
    ],
  ] as const)('with %s is refused before anything is stored', async ([, changes, path]) => {
    const refused = order(changes as unknown as Changes) // lists that cannot be changed
    await expect(refused).rejects.toMatchObject({
      code: 'CONTEXT_INVALID',
      details: { faults: [{ path }] },
    })
  })

  test('with priority express has fewer attempts and a shorter payment, as its context says', async () => {
    const { task } = await order({ priority: 'express' })
    await task.expectSteps({
      process_payment: { retryLimit: 2 },
      send_confirmation: { retryLimit: 3 },
      update_inventory: { retryLimit: 2 },
    })
    const done = await task.runToEnd()
    expect(done.state).toBe('complete')
    expect(done.context['express_processing']).toEqual({
      payment_timeout_ms: 15_000,
      payment_retries: 1,
      email_retries: 2,
    })
  })

  test('of an express customer gives up the payment after two attempts', async () => {
    const { task, payments } = await order({ priority: 'express' })
    payments.stub('POST /charges', { status: 503 })
    await task.runToEnd()
    await task.expectSteps({ process_payment: { state: 'error', attempts: 2 } })
    expect(payments.calls()).toHaveLength(2)
  })

  test('of a premium customer goes before those of others', async () => {
    const oneSlot = { execution: { minConcurrentSteps: 1, maxConcurrentStepsLimit: 1 } }
    const { kit, task } = await order({}, oneSlot)
    const premium = await kit.create('ecommerce/process_order', {
      context: { ...sample, customer_info: { ...sample.customer_info, tier: 'premium' } },
    })
    await kit.runNext()
    await premium.expectSteps({ validate_cart: 'complete' })
    await task.expectSteps({ validate_cart: 'pending' })
    expect((await premium.get()).context['premium_processing']).toEqual({
      priority: 'high',
      faster_processing: true,
    })
  })
})

describe('a payment', () => {
  test('whose answer is lost is asked for again, and charged once', async () => {
    const { task, payments, systems } = await order()
    faultOf(orderProcessing, 'payment-answer-lost').inject?.(systems)
    const done = await task.runToEnd()
    await task.expectState('complete')
    await task.expectSteps({ process_payment: { attempts: 2 } })
    const [lost, answered] = payments.calls()
    expect(payments.calls().map(({ status }) => status)).toEqual([null, 201])
    expect(lost?.headers['idempotency-key']).toBe(answered?.headers['idempotency-key'])
    expect(done.results.process_payment?.amount_charged).toBe(124.76)
  })

  test('that fails once is made at the second attempt, after the backoff', async () => {
    const { kit, task, payments, systems } = await order()
    faultOf(orderProcessing, 'payment-fails-once').inject?.(systems)
    await task.runUntil({ process_payment: 'error' })
    await task.expectBlocked({ process_payment: 'retry' })
    expect(await kit.runNext()).toEqual([])
    await task.runToEnd()
    await task.expectState('complete')
    expect(payments.calls().map(({ status }) => status)).toEqual([503, 201])
  })

  test('that is not answered in time is asked for again', async () => {
    const { task, payments, systems } = await order({}, { http: { totalTimeoutMs: 100 } })
    faultOf(orderProcessing, 'payment-times-out').inject?.(systems)
    const [failed] = [task.runUntil({ process_payment: 'error' })]
    const step = (await failed).steps.find(({ name }) => name === 'process_payment')
    expect(step?.error).toMatchObject({ message: expect.stringMatching(/^No answer/) as string })
    await task.runToEnd()
    await task.expectState('complete')
    expect(payments.calls()).toHaveLength(2)
  })

  test('that is limited waits as long as the gateway says', async () => {
    const { kit, task, payments } = await order()
    payments.inject('POST /charges', {
      answer: { status: 429, headers: { 'retry-after': '30' } },
      times: 1,
    })
    await task.runUntil({ process_payment: 'error' })
    await kit.clock.advance(29_000)
    expect(await kit.runNext()).toEqual([])
    await kit.clock.advance(1_000)
    expect(await kit.runNext()).toEqual(['process_payment'])
    const history = await kit.tasker.tasks.history(task.taskId)
    expect(history.map(({ reason }) => reason)).toContain('retry_after')
  })

  test.for([
    ['payment-declined', 'PAYMENT_DECLINED', 1],
    ['amount-mismatch', 'PAYMENT_AMOUNT_MISMATCH', 0],
    ['missing-token', 'MISSING_PAYMENT_TOKEN', 0],
  ] as const)('%s: ends for good with %s', async ([name, code, calls]) => {
    const fault = faultOf(orderProcessing, name)
    const changed = (fault.change?.(sample) ?? sample) as typeof sample // the sample, one field other
    const { task, payments, systems } = await order(changed)
    fault.inject?.(systems)
    const done = await task.runToEnd()
    const step = done.steps.find((each) => each.name === 'process_payment')
    expect(done.state).toBe('error')
    expect(step).toMatchObject({ state: 'error', attempts: 1, error: { code } })
    expect(payments.calls()).toHaveLength(calls)
  })

  test('whose answer makes no sense is not charged again', async () => {
    const { task, payments } = await order()
    payments.stub('POST /charges', { status: 201, body: { payment_id: 'pay_1', status: 'odd' } })
    const done = await task.runToEnd()
    const step = done.steps.find((each) => each.name === 'process_payment')
    expect(step).toMatchObject({
      state: 'error',
      attempts: 1,
      error: {
        code: 'RESULT_PROCESSING_FAILED',
        context: { response: { payment_id: 'pay_1', status: 'odd' } },
      },
    })
    expect(payments.calls()).toHaveLength(1)
  })
})

describe('a cart', () => {
  test.for([
    ['is not there', { status: 404 }, 'PRODUCT_NOT_FOUND'],
    [
      'is not sold any more',
      { body: { id: 1, name: 'Widget A', price: 29.99, stock: 10, is_active: false } },
      'PRODUCT_INACTIVE',
    ],
  ] as const)('with a product that %s ends for good', async ([, answer, code]) => {
    const { task, shop } = await order()
    shop.stub('GET /products/:id', answer)
    const done = await task.runToEnd()
    expect(done.steps[0]).toMatchObject({ state: 'error', attempts: 1, error: { code } })
  })

  test('with too little in stock is tried again', async () => {
    const { task, shop } = await order()
    const scarce = { id: 1, name: 'Widget A', price: 29.99, stock: 1, is_active: true }
    shop.inject('GET /products/:id', {
      answer: { body: scarce },
      when: ({ params }) => params['id'] === '1',
      times: 1,
    })
    await task.runToEnd()
    await task.expectSteps({ validate_cart: { state: 'complete', attempts: 2 } })
    expect(shop.calls('GET /products/:id')).toHaveLength(4)
  })
})

describe('an inventory that is short', () => {
  test('ends the step after its two attempts; the payment is not repeated', async () => {
    const { kit, task, payments, systems } = await order()
    faultOf(orderProcessing, 'inventory-short').inject?.(systems)
    await task.runToEnd()
    await task.expectState('error')
    await task.expectSteps({
      update_inventory: { state: 'error', attempts: 2, retryLimit: 2 },
      create_order: 'pending',
    })
    expect(payments.calls()).toHaveLength(1)
    await kit.tasker.tasks.resolve(task.taskId, {
      step: 'update_inventory',
      actor: 'ops',
      reason: 'reserved by telephone',
      result: { updated_products: [], total_items_reserved: 3, inventory_changes: [] },
    })
    await task.runToEnd()
    await task.expectState('complete')
    expect(payments.calls()).toHaveLength(1)
  })

  test('at the second line releases the first when no attempt is left, and a retry reserves both', async () => {
    const { kit, task, inventory } = await order()
    const route = 'PUT /reservations/:order/:line'
    const repair = inventory.inject(route, {
      answer: { status: 409 },
      when: ({ params }) => params['line'] === '2',
    })
    await task.runUntil({ update_inventory: { state: 'error', attempts: 1 } })
    expect(inventory.calls('DELETE /reservations/:order/:line')).toEqual([])
    await task.runToEnd()
    expect(inventory.calls('DELETE /reservations/:order/:line')).toMatchObject([
      { path: `/reservations/order_${task.taskId}/1`, status: 204 },
    ])
    repair()
    await kit.tasker.tasks.retry(task.taskId, { actor: 'ops', reason: 'restocked' })
    const done = await task.runToEnd()
    expect(done.state).toBe('complete')
    const stock = done.results.update_inventory?.updated_products.map((line) => line.new_stock)
    expect(stock).toEqual([98, 99]) // reserved once, however often it was asked for
  })
})

test('a mail service that is down costs five attempts; after the repair only the mail is sent', async () => {
  const { kit, task, systems, mail, payments, shop } = await order()
  faultOf(orderProcessing, 'mail-down').inject?.(systems)
  await task.runToEnd()
  await task.expectState('error')
  await task.expectSteps({
    validate_cart: 'complete',
    process_payment: 'complete',
    update_inventory: 'complete',
    create_order: 'complete',
    send_confirmation: { state: 'error', attempts: 5 },
  })
  expect(mail.calls()).toHaveLength(5)
  mail.repair()
  await kit.tasker.tasks.retry(task.taskId, { actor: 'ops', reason: 'mail is back' })
  await task.runToEnd()
  await task.expectState('complete')
  expect(mail.calls()).toHaveLength(6)
  expect([payments.calls().length, shop.calls('POST /orders').length]).toEqual([1, 1])
})
