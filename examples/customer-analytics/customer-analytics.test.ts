// The pipeline with whole systems and with each of its faults: golden numbers, what overlaps, how far it gets.
import { describe, expect, test } from 'vitest'
import { faultOf } from '../example.ts'
import { openExample } from '../open-example.ts'
import { customerAnalytics } from './example.ts'
import sample from './sample-period.json' with { type: 'json' }

async function pipeline(context: object = {}) {
  const { kit, systems, definitions } = await openExample(customerAnalytics)
  const definition = definitions.customerAnalytics
  const task = await kit.create(definition, { context: { ...sample, ...context } })
  return { kit, task, systems }
}

async function underFault(name: string) {
  const { kit, task, systems } = await pipeline()
  faultOf(customerAnalytics, name).inject?.(systems)
  const done = await task.runToEnd()
  const complete = done.steps.filter(({ state }) => state === 'complete').map((step) => step.name)
  const step = (wanted: string) => done.steps.find((each) => each.name === wanted)
  return { kit, task, systems, done, complete, step }
}

describe('the sample period', () => {
  test('has its golden numbers, and each system is asked once', async () => {
    const { kit, task, systems } = await pipeline()
    const { state, results } = await task.runToEnd()
    expect(state).toBe('complete')
    expect(results['extract_orders']).toMatchObject({
      extraction_metadata: { records_extracted: 6 },
    })
    expect(results['transform_customer_metrics']).toMatchObject({
      customer_metrics: expect.arrayContaining([
        {
          user_id: 101,
          name: 'Alice Johnson',
          email: 'alice@example.com',
          segment: 'premium',
          total_orders: 2,
          completed_orders: 1,
          total_revenue: 89.99,
          avg_order_value: 89.99,
        },
      ]) as unknown[],
    })
    expect(results['transform_product_metrics']).toMatchObject({
      product_metrics: expect.arrayContaining([
        expect.objectContaining({
          product_id: 204,
          total_orders: 1,
          completed_orders: 0,
          conversion_rate: 0,
        }),
      ]) as unknown[],
    })
    expect(results['generate_insights']).toMatchObject({
      insights: {
        top_customers: [
          { name: 'Carol Davis', total_revenue: 299.99 },
          { name: 'Eve Brown', total_revenue: 199.99 },
          { name: 'Bob Smith', total_revenue: 149.5 },
        ],
        top_products: [
          { product_id: 203, total_revenue: 299.99 },
          { product_id: 205, total_revenue: 199.99 },
          { product_id: 201, total_revenue: 179.98 },
        ],
        segment_analysis: { premium_customers: 3, standard_customers: 2 },
        category_performance: { widgets: 179.98, gadgets: 349.49, tools: 299.99 },
      },
      insights_metadata: { insights_count: 4 },
    })
    expect(results['update_dashboard']).toMatchObject({
      dashboard_update: {
        dashboard_id: 'executive_dashboard_2024_01',
        url: 'https://dashboard.company.com/executive',
        sections: [
          'customer_metrics',
          'product_performance',
          'revenue_insights',
          'segment_analysis',
        ],
      },
    })
    expect(results['send_notifications']).toMatchObject({
      notifications_sent: [
        { channel: '#data-team', status: 'delivered' },
        { channel: '#analytics', status: 'delivered' },
      ],
    })
    const { warehouse, crm, catalogue, dashboard, chat } = systems
    const counts = [warehouse, crm, catalogue, dashboard, chat].map((each) => each.calls().length)
    expect(counts).toEqual([3, 1, 1, 1, 1]) // of the warehouse: orders, and metrics twice
    expect(chat.calls()).toMatchObject([{ body: { channels: ['#data-team', '#analytics'] } }])
    expect(kit.events.of('step.execution_requested').map(({ stepName }) => stepName)).toHaveLength(
      8,
    )
    const told = kit.events.of('custom')
    expect(new Set(told.map(({ name }) => name))).toEqual(
      new Set(['pipeline.extraction_completed']),
    )
    expect(told.map(({ payload }) => payload['records_extracted'])).toEqual([6, 5, 5])
  })

  test('is extracted from three systems at the same time', async () => {
    const { kit, task, systems } = await pipeline()
    const held = [
      systems.warehouse.hold('GET /orders'),
      systems.crm.hold('GET /users'),
      systems.catalogue.hold('GET /products'),
    ]
    const running = kit.runNext()
    await Promise.all(held.map(({ arrived }) => arrived)) // would never come if one waited for another
    for (const call of held) call.release()
    expect((await running).toSorted()).toEqual([
      'extract_orders',
      'extract_products',
      'extract_users',
    ])
    await task.expectReady('transform_customer_metrics', 'transform_product_metrics')
  })
})

describe('when', () => {
  test('the orders cannot be read, the other extracts are made and no transform begins', async () => {
    const { complete, step, done } = await underFault('extract-times-out')
    expect(done.state).toBe('error')
    expect(complete).toEqual(['extract_users', 'extract_products'])
    expect(step('extract_orders')).toMatchObject({ state: 'error', attempts: 3 })
    expect(step('extract_orders')?.error?.['message']).toBe(
      'Data warehouse extraction timed out: Database connection timeout',
    )
    expect(step('transform_customer_metrics')?.attempts).toBe(0)
  })

  test('the CRM resets a connection, the extract is made at the second attempt', async () => {
    const { done, step } = await underFault('extract-fails-once')
    expect(done.state).toBe('complete')
    expect(step('extract_users')).toMatchObject({ attempts: 2 })
  })

  test('one transform fails, the other one is complete', async () => {
    const { complete, step } = await underFault('transform-fails')
    expect(complete).toEqual([
      'extract_orders',
      'extract_users',
      'extract_products',
      'transform_product_metrics',
    ])
    expect(step('transform_customer_metrics')).toMatchObject({ state: 'error', attempts: 2 })
    expect(step('transform_customer_metrics')?.error?.['message']).toContain(
      'Out of memory during transformation',
    )
  })

  test('the dashboard refuses, nobody is told, and it is not asked again', async () => {
    const { complete, step, systems } = await underFault('dashboard-refuses')
    expect(complete).toHaveLength(6)
    expect(step('update_dashboard')).toMatchObject({
      state: 'error',
      attempts: 1,
      error: { code: 'DASHBOARD_AUTH_FAILED' },
    })
    expect(step('update_dashboard')?.error?.['message']).toContain(
      'Dashboard API authentication failed',
    )
    expect(systems.chat.calls()).toEqual([])
  })

  test('the chat limits us, each attempt is as late as it says', async () => {
    const { kit, task, systems } = await pipeline()
    systems.chat.inject('POST /messages', {
      answer: {
        status: 429,
        headers: { 'retry-after': '60' },
        body: { error: 'Slack API rate limit exceeded' },
      },
      times: 1,
    })
    const failed = await task.runUntil({ send_notifications: 'error' })
    expect(failed.steps.at(-1)?.error?.['message']).toBe(
      'Notification sending failed: Slack API rate limit exceeded',
    )
    await kit.clock.advance(59_000)
    expect(await kit.runNext()).toEqual([])
    await task.runToEnd()
    await task.expectState('complete')
  })

  test('the chat limits us for good, seven steps are complete', async () => {
    const { complete, step } = await underFault('notifications-limited')
    expect(complete).toHaveLength(7)
    expect(step('send_notifications')).toMatchObject({ state: 'error', attempts: 5 })
  })
})

describe('a request', () => {
  test('without a period is refused, and nothing is stored', async () => {
    const { kit, definitions } = await openExample(customerAnalytics)
    const created = kit.create(definitions.customerAnalytics, { context: {} })
    await expect(created).rejects.toMatchObject({
      code: 'CONTEXT_INVALID',
      details: { faults: [{ path: 'context/date_range' }] },
    })
    expect((await kit.tasker.tasks.find({})).tasks).toEqual([])
  })

  test('of another mode is taken, and keeps its context', async () => {
    const wanted = { processing_mode: 'high_memory', quality_thresholds: { min_order_records: 6 } }
    const { task } = await pipeline(wanted)
    const { state, context } = await task.runToEnd()
    expect(state).toBe('complete')
    expect(context).toMatchObject({ ...wanted, force_refresh: false })
  })

  test.for([
    ['min_order_records', 7, 'transform_product_metrics'],
    ['min_customer_records', 6, 'transform_customer_metrics'],
  ] as const)('that wants more data than there is ends: %s %i', async ([key, least, name]) => {
    const { task } = await pipeline({ quality_thresholds: { [key]: least } })
    const done = await task.runToEnd()
    const step = done.steps.find((each) => each.name === name)
    expect(step).toMatchObject({ attempts: 1, error: { code: 'INSUFFICIENT_DATA' } })
  })

  test.for([
    ['2024-01-20', '2024-01-15', 'INVALID_DATE_RANGE'],
    ['2024-02-30', '2024-03-01', 'INVALID_DATE_FORMAT'],
  ] as const)('from %s to %s ends for good', async ([start_date, end_date, code]) => {
    const { task } = await pipeline({ date_range: { start_date, end_date } })
    const done = await task.runToEnd()
    expect(done.steps[0]).toMatchObject({ state: 'error', attempts: 1, error: { code } })
  })

  test.for([
    [[], 'MISSING_NOTIFICATION_CHANNELS'],
    [['data-team'], 'INVALID_NOTIFICATION_CHANNELS'],
  ] as const)('that tells %j ends at the notifications', async ([channels, code]) => {
    const { task } = await pipeline({ notification_channels: channels })
    const done = await task.runToEnd()
    expect(done.steps.at(-1)).toMatchObject({ state: 'error', attempts: 1, error: { code } })
  })
})
