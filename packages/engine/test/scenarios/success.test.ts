// Tasks whose every step succeeds (engine specification §9.3).
import { createServer, type Server } from 'node:http'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { RunStep } from '../../src/definitions/model.ts'
import { defineTask } from '../../src/definitions/builder.ts'
import { defineShape, shapes } from '../../src/testing/index.ts'
import { databaseForFile } from '../support/database.ts'
import { attemptsOf, gate, recordCalls, statesOf } from './handlers.ts'
import { stage } from './stage.ts'

const database = databaseForFile()

test('G: four steps complete, and the hook annotates each of them', async () => {
  const definition = defineTask({ name: 'dummy_task' })
    .step('step-one', async () => ({ dummy: true }))
    .step('step-two', async () => ({ dummy: true }))
    .step('step-three', { dependsOn: ['step-two'] }, async () => ({ dummy: true }))
    .step('step-four', { dependsOn: ['step-three'] }, async () => ({ dummy: true }))
    .annotate(async ({ steps }) =>
      steps.map(({ name, state }) => ({
        type: 'dummy_annotation',
        annotation: { step: name, state },
      })),
    )
  const { tasker, run } = await stage(database.url, { definitions: [definition] })
  const { taskId } = await tasker.tasks.create(definition, { context: { dummy: true } })
  const task = await run(taskId)
  expect(task.state).toBe('complete')
  expect(task.execution).toMatchObject({
    executionStatus: 'all_complete',
    recommendedAction: 'finalize_task',
    completionPercentage: 100,
  })
  expect(new Set(Object.values(statesOf(task)))).toEqual(new Set(['complete']))
  expect(new Set(task.annotations.map(({ annotation }) => annotation['step']))).toEqual(
    new Set(['step-one', 'step-two', 'step-three', 'step-four']),
  )
  expect(task.annotations).toHaveLength(4)
})

describe('H, against an HTTP server', () => {
  const json = (value: unknown) => JSON.stringify(value)

  async function listen(
    carts: Readonly<Record<string, unknown>>,
  ): Promise<{ url: string; server: Server }> {
    const server = createServer((request, response) => {
      const cart = carts[request.url ?? '']
      response.writeHead(cart === undefined ? 404 : 200, { 'content-type': 'application/json' })
      response.end(json(cart ?? { error: 'Cart not found' }))
    })
    const { promise, resolve } = Promise.withResolvers<void>()
    server.listen(0, '127.0.0.1', resolve)
    await promise
    onTestFinished(() => {
      server.closeAllConnections()
      server.close()
    })
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('the server has no port')
    return { url: `http://127.0.0.1:${address.port}`, server }
  }

  const handlersFor = (url: string): Readonly<Record<string, RunStep>> => {
    const load = async (path: string, signal: AbortSignal): Promise<unknown> => {
      const response = await fetch(`${url}${path}`, { signal })
      if (!response.ok) throw new Error(`Cart not found: the server answered ${response.status}`)
      return response.json()
    }
    return {
      fetch_cart: async ({ context, signal }) =>
        load(`/carts/${JSON.stringify(context['cart_id'])}`, signal),
      fetch_products: async ({ signal }) => load('/products', signal),
      validate_products: async ({ results }) => ({ valid_products: results['fetch_products'] }),
      create_order: async ({ results }) => ({
        order_id: 77,
        products: results['validate_products'],
      }),
      publish_event: async () => ({
        published: true,
        publish_results: { status: 'placed_pending_fulfillment' },
      }),
    }
  }

  test('data flows from the server through every step', async () => {
    const { url } = await listen({ '/carts/1': { cart: { id: 1 } }, '/products': [{ id: 5 }] })
    const handlers = handlersFor(url)
    const definition = defineShape(shapes.H, (name) => handlers[name] ?? (async () => null))
    const { tasker, run } = await stage(database.url, { definitions: [definition] })
    const { taskId } = await tasker.tasks.create(definition, { context: { cart_id: 1 } })
    const task = await run(taskId)
    expect(task.state).toBe('complete')
    expect(task.results).toMatchObject({
      fetch_cart: { cart: { id: 1 } },
      validate_products: { valid_products: [{ id: 5 }] },
      create_order: { order_id: 77 },
      publish_event: { published: true, publish_results: { status: 'placed_pending_fulfillment' } },
    })
  })

  test('a missing cart fails fetch_cart, which says so, and nothing downstream runs', async () => {
    const { url } = await listen({ '/products': [] })
    const handlers = handlersFor(url)
    const definition = defineShape(shapes.H, (name) => handlers[name] ?? (async () => null))
    const { tasker, run } = await stage(database.url, { definitions: [definition] })
    const { taskId } = await tasker.tasks.create(definition, { context: { cart_id: 2 } })
    const task = await run(taskId)
    expect(task.state).toBe('error')
    expect(statesOf(task)).toEqual({
      fetch_cart: 'error',
      fetch_products: 'complete',
      validate_products: 'pending',
      create_order: 'pending',
      publish_event: 'pending',
    })
    expect(task.steps.find(({ name }) => name === 'fetch_cart')?.error).toMatchObject({
      message: expect.stringContaining('Cart not found') as unknown, // what vitest calls any
    })
  })
})

test('K: one and two run at the same time, three starts after both have ended', async () => {
  const both = gate()
  let running = 0
  const calls = recordCalls((name) => async () => {
    if (name === 'step-three') return
    running += 1
    if (running === 2) both.open() // neither could get past the gate if they ran one after the other
    await both.opened
  })
  const definition = defineShape(shapes.K, calls.handlerOf)
  const { tasker, run } = await stage(database.url, { definitions: [definition], slots: 2 })
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  expect((await run(taskId)).state).toBe('complete')
  expect(calls.started).toHaveLength(3)
  expect(calls.started.at(-1)).toBe('step-three')
  expect(calls.ended.at(-1)).toBe('step-three')
})

test('L: an order is paid once, with its total', async () => {
  const payments: unknown[] = []
  const handlers: Readonly<Record<string, RunStep>> = {
    validate_cart: async () => ({ total: 124.76 }),
    process_payment: async ({ results }) => {
      payments.push(results['validate_cart'])
      return { paid: true }
    },
  }
  const definition = defineShape(shapes.L, (name) => handlers[name] ?? (async () => null))
  const { tasker, run } = await stage(database.url, { definitions: [definition] })
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  const task = await run(taskId)
  expect(task.state).toBe('complete')
  expect(task.execution.completedSteps).toBe(5)
  expect(payments).toEqual([{ total: 124.76 }])
})

test('M: eight steps complete, each extraction called exactly once', async () => {
  const calls = recordCalls()
  const definition = defineShape(shapes.M, calls.handlerOf)
  const { tasker, run } = await stage(database.url, { definitions: [definition] })
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  const task = await run(taskId)
  expect(task.state).toBe('complete')
  expect(task.execution.completedSteps).toBe(8)
  expect(calls.started.toSorted()).toEqual(shapes.M.steps.map(({ name }) => name).toSorted())
  expect(new Set(Object.values(attemptsOf(task)))).toEqual(new Set([1]))
})

test('O and P: one name in two namespaces, each with its own version and steps', async () => {
  const refund = defineShape(shapes.O)
  const escalation = defineShape(shapes.P)
  const { tasker, run } = await stage(database.url, { definitions: [refund, escalation] })
  const first = await tasker.tasks.create('payments/process_refund', { context: {} })
  const second = await tasker.tasks.create('customer_success/process_refund', { context: {} })
  const tasks = [await run(first.taskId), await run(second.taskId)]
  expect(
    tasks.map(({ namespace, version, state, steps }) => ({
      namespace,
      version,
      state,
      steps: steps.length,
    })),
  ).toEqual([
    { namespace: 'payments', version: '2.1.0', state: 'complete', steps: 4 },
    { namespace: 'customer_success', version: '1.3.0', state: 'complete', steps: 5 },
  ])
})

test('a child starts when its own parents are done, not when a wave is', async () => {
  const slow = gate()
  const definition = defineTask({ name: 'no_waves' })
    .step('slow', async () => slow.opened.then(() => null))
    .step('quick', async () => null)
    .step('child_of_quick', { dependsOn: ['quick'] }, async () => null)
    .step('grandchild', { dependsOn: ['child_of_quick'] }, async () => null)
  const { tasker, events } = await stage(database.url, { definitions: [definition], slots: 2 })
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  await events.until('step.completed', ({ stepName }) => stepName === 'grandchild')
  expect(statesOf(await tasker.tasks.get(taskId))).toEqual({
    slow: 'in_progress',
    quick: 'complete',
    child_of_quick: 'complete',
    grandchild: 'complete',
  })
  slow.open()
  expect((await tasker.tasks.waitFor(taskId)).state).toBe('complete')
})
