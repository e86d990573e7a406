// Restocking with whole systems and with each fault: golden numbers, one order per supplier, who keeps whom waiting.
import { describe, expect, test } from 'vitest'
import { faultOf } from '../example.ts'
import { openExample } from '../open-example.ts'
import { inventoryRestocking } from './example.ts'
import sample from './sample-run.json' with { type: 'json' }

const place = 'POST /suppliers/:supplier/purchase-orders'
const look = 'GET /suppliers/:supplier/purchase-orders/:id'

async function restocking(changes: object = {}) {
  const { kit, systems, definitions } = await openExample(inventoryRestocking)
  const task = await kit.create(definitions.restocking, { context: { ...sample, ...changes } })
  const stepOf = async (name: string) => (await task.get()).steps.find((step) => step.name === name)
  const ordersOf = (supplier: string) =>
    systems.suppliers.calls(place).filter(({ params }) => params['supplier'] === supplier)
  return { kit, task, stepOf, ordersOf, systems, ...systems }
}

async function underFault(name: string) {
  const fault = faultOf(inventoryRestocking, name)
  const opened = await restocking(fault.change?.(sample) ?? {})
  fault.inject?.(opened.systems)
  return { ...opened, done: await opened.task.runToEnd() }
}

describe('the sample run', () => {
  test('finds what is low, the most urgent first', async () => {
    const { task } = await restocking()
    const { results } = await task.runUntil({ identify_low_stock: 'complete' })
    expect(results.identify_low_stock).toMatchObject({
      total_products_analyzed: 10,
      low_stock_count: 7,
      threshold_used: 10,
    })
    const list = results.identify_low_stock?.priority_reorder_list.map((each) => [
      each.title,
      each.current_stock,
      each.suggested_quantity,
      each.estimated_cost,
      each.urgency,
    ])
    expect(list).toEqual([
      ['Beef Steak', 0, 100, 1_299, 'critical'], // 10 below, × 3.0
      ['CK One', 3, 50, 2_499.5, 'high'], // 7, × 2.0
      ['Smartphone', 2, 50, 44_999.5, 'high'], // 8, × 1.5
      ['Essence Mascara', 5, 50, 499.5, 'high'], // 5, × 2.0
      ['Apple', 9, 100, 199, 'medium'], // 1, × 3.0
      ['Annibale Bed', 7, 25, 47_499.75, 'medium'], // 3, × 1.0
      ['Decoration Swing', 10, 50, 2_999.5, 'medium'], // 0
    ])
  })

  test('orders from four suppliers, once each, for 99,995.75', async () => {
    const { task, suppliers, stock_room } = await restocking()
    const { state, results, steps } = await task.runToEnd()
    expect(state).toBe('complete')
    const { orders, estimated_cost, without_supplier } = results.calculate_restock_quantities ?? {}
    expect({ estimated_cost, without_supplier }).toEqual({
      estimated_cost: 99_995.75,
      without_supplier: [],
    })
    expect(orders?.map((order) => [order.supplier, order.estimated_cost])).toEqual([
      ['fresh-fields', 1_498],
      ['glow', 2_999],
      ['nordhaus', 50_499.25],
      ['voltline', 44_999.5],
    ])
    expect(results.order_from_supplier).toMatchObject({
      'fresh-fields': { is_ordered: true, delivery_date: '2026-12-01' },
      wardrobe: { is_ordered: false },
    })
    expect(results.expect_deliveries).toEqual({
      orders_confirmed: 4,
      updated_products: [
        { product_id: 3, previous_stock: 0, expected_stock: 100 },
        { product_id: 2, previous_stock: 9, expected_stock: 109 },
        { product_id: 6, previous_stock: 3, expected_stock: 53 },
        { product_id: 1, previous_stock: 5, expected_stock: 55 },
        { product_id: 4, previous_stock: 7, expected_stock: 32 },
        { product_id: 7, previous_stock: 10, expected_stock: 60 },
        { product_id: 8, previous_stock: 2, expected_stock: 52 },
      ],
    })
    const ids = suppliers.calls(look).map(({ params }) => params['id'])
    expect(new Set(ids).size).toBe(4)
    expect(stock_room.calls('PUT /expected-deliveries/:run')).toHaveLength(1)
    const waited = steps.filter(({ name }) => name.startsWith('order_from')).map((s) => s.waits)
    expect(waited).toEqual([1, 1, 1, 1, 0])
  })

  test('asks all suppliers at the same time', async () => {
    const { kit, task, suppliers } = await restocking()
    await task.runUntil({ calculate_restock_quantities: 'complete' })
    const held = [1, 2, 3, 4].map(() => suppliers.hold(place))
    const running = kit.runNext()
    await Promise.all(held.map(({ arrived }) => arrived)) // would never come if one waited for another
    for (const call of held) call.release()
    expect(await running).toHaveLength(5)
  })

  test('has a step for each supplier that the request names', async () => {
    const [first] = sample.suppliers
    const { task } = await restocking({ suppliers: [first] })
    const { state, results, steps } = await task.runToEnd()
    expect(state).toBe('complete')
    expect(steps.map(({ name }) => name)).toEqual([
      'monitor_stock_levels',
      'identify_low_stock',
      'calculate_restock_quantities',
      'order_from_supplier[fresh-fields]',
      'expect_deliveries',
    ])
    expect(results.calculate_restock_quantities?.without_supplier).toEqual([6, 8, 1, 4, 7])
  })
})

describe('when', () => {
  test('the answer about an order is lost, one order is placed', async () => {
    const { done, ordersOf, suppliers } = await underFault('order-answer-lost')
    expect(done.state).toBe('complete')
    expect(ordersOf('glow').map(({ status }) => status)).toEqual([null, 201, 201])
    const keys = ordersOf('glow').map(({ headers }) => headers['idempotency-key'])
    expect(new Set(keys).size).toBe(1)
    const asked = suppliers.calls(look).filter(({ params }) => params['supplier'] === 'glow')
    expect(new Set(asked.map(({ params }) => params['id'])).size).toBe(1)
  })

  test('a supplier is down, the others do not wait for it', async () => {
    const { kit, task, stepOf, systems } = await restocking()
    faultOf(inventoryRestocking, 'supplier-down').inject?.(systems)
    await task.runUntil({
      'order_from_supplier[glow]': 'complete',
      'order_from_supplier[voltline]': 'complete',
    })
    expect(await stepOf('order_from_supplier[nordhaus]')).toMatchObject({ state: 'error' })
    expect(kit.events.of('step.failed').map(({ stepName }) => stepName)).toContain(
      'order_from_supplier[nordhaus]',
    )
    const done = await task.runToEnd()
    expect(done.state).toBe('complete')
    expect(await stepOf('order_from_supplier[nordhaus]')).toMatchObject({ attempts: 3 })
  })

  test('a supplier rejects, the others are ordered, and an operator has the last word', async () => {
    const { kit, task, done, stepOf, stock_room } = await underFault('supplier-rejects')
    expect(done.state).toBe('error')
    expect(await stepOf('order_from_supplier[voltline]')).toMatchObject({
      state: 'error',
      attempts: 1,
      error: { code: 'SUPPLIER_REJECTED', message: 'voltline does not deliver: sold out.' },
    })
    expect(await stepOf('order_from_supplier[nordhaus]')).toMatchObject({ state: 'complete' })
    expect(stock_room.calls('PUT /expected-deliveries/:run')).toEqual([])
    await kit.tasker.tasks.resolve(task.taskId, {
      step: 'order_from_supplier[voltline]',
      actor: 'buyer',
      reason: 'bought elsewhere',
    })
    const { state, results } = await task.runToEnd()
    expect(state).toBe('complete')
    expect(results.expect_deliveries).toMatchObject({ orders_confirmed: 3 })
  })

  test('a supplier is slow, its step waits without an attempt', async () => {
    const { done, stepOf } = await underFault('supplier-slow')
    expect(done.state).toBe('complete')
    expect(await stepOf('order_from_supplier[fresh-fields]')).toMatchObject({
      attempts: 1,
      waits: 4,
    })
  })

  test('the stock room limits us, it is asked when it says', async () => {
    const { kit, task, systems } = await restocking()
    faultOf(inventoryRestocking, 'stock-room-limits').inject?.(systems)
    await task.runUntil({ monitor_stock_levels: 'error' })
    await kit.clock.advance(2_000)
    expect(await kit.runNext()).toEqual([])
    await task.runToEnd()
    await task.expectSteps({ monitor_stock_levels: { state: 'complete', attempts: 2 } })
  })

  test('the stock room makes no sense, nothing is ordered', async () => {
    const { done, suppliers } = await underFault('stock-makes-no-sense')
    expect(done.steps[0]).toMatchObject({ state: 'error', attempts: 3 })
    expect(suppliers.calls()).toEqual([])
  })

  test('only groceries are wanted, one supplier is asked', async () => {
    const { done, suppliers } = await underFault('only-groceries')
    expect(done.results.identify_low_stock).toMatchObject({
      total_products_analyzed: 3,
      low_stock_count: 2,
    })
    expect(done.results.calculate_restock_quantities).toMatchObject({ estimated_cost: 1_498 })
    expect(new Set(suppliers.calls().map(({ params }) => params['supplier']))).toEqual(
      new Set(['fresh-fields']),
    )
  })

  test('nothing is low, nobody is asked and the run is complete', async () => {
    const { task, suppliers } = await restocking({ threshold: 0, category: 'dresses' })
    const { state, results } = await task.runToEnd()
    expect(state).toBe('complete')
    expect(results.expect_deliveries).toEqual({ orders_confirmed: 0, updated_products: [] })
    expect(suppliers.calls()).toEqual([])
  })
})

test.for([
  ['no suppliers', { suppliers: [] }, 'context/suppliers'],
  ['a threshold below nothing', { threshold: -1 }, 'context/threshold'],
] as const)('a run with %s is refused', async ([, changes, path]) => {
  await expect(restocking(changes)).rejects.toMatchObject({
    code: 'CONTEXT_INVALID',
    details: { faults: [{ path }] },
  })
})
