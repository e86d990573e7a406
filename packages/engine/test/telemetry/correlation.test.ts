// The correlation id: its form, where it is read from, and its way from a request through tasks, steps, events and calls of
// other systems. That it is in every log line is logs.test.ts.
import type { IncomingHttpHeaders } from 'node:http'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  correlationIdFromHeaders,
  currentScope,
  isCorrelationId,
  newCorrelationId,
  withCorrelationId,
} from '../../src/correlation.ts'
import { defineTask } from '../../src/definitions/builder.ts'
import { databaseForFile } from '../support/database.ts'
import { stage } from '../scenarios/stage.ts'
import { httpServer } from '../http/stage.ts'

const database = databaseForFile()

test('a new id is valid, sorts by time, and is never the same twice', () => {
  expect(newCorrelationId()).toMatch(/^tsk_[0-9a-z]+_[A-Za-z0-9]{6}$/)
  expect(newCorrelationId(1_700_000_000_000)).toMatch(/^tsk_loyw3v28_/)
  const ids = Array.from({ length: 1_000 }, () => newCorrelationId())
  expect(new Set(ids).size).toBe(1_000)
  expect(ids.every(isCorrelationId)).toBe(true)
  const inOrder = [1, 2, 3].map((day) => newCorrelationId(day * 864e5 + 1.7e12))
  expect(inOrder.toSorted()).toEqual(inOrder)
})

test.for([
  ['a', true],
  ['order-7_b', true],
  ['0'.repeat(100), true],
  ['0'.repeat(101), false],
  ['', false],
  ['-a', false],
  ['_a', false],
  ['a b', false],
  ['a/b', false],
  ['a\n', false],
  ['größe', false],
] as const)('%j is an id: %j', ([id, isOne]) => {
  expect(isCorrelationId(id)).toBe(isOne)
})

test('headers bring it in any spelling; one that is none is replaced', () => {
  const id = 'order-7'
  for (const headers of [
    { 'X-Correlation-ID': id },
    { 'x-correlation-id': id },
    { HTTP_X_CORRELATION_ID: id },
    { 'x-correlation-id': [id, 'second'] },
    new Headers({ 'x-correlation-id': ` ${id} ` }),
  ]) {
    expect(correlationIdFromHeaders(headers)).toBe(id)
  }
  expect(correlationIdFromHeaders({ 'request-id': id }, 'Request-Id')).toBe(id)
  for (const headers of [{}, { 'x-correlation-id': 'x\ny' }, { 'x-correlation-id': undefined }]) {
    expect(correlationIdFromHeaders(headers)).toMatch(/^tsk_/)
  }
  fc.assert(
    fc.property(fc.string(), (given) =>
      isCorrelationId(correlationIdFromHeaders({ 'x-correlation-id': given })),
    ),
  )
})

test('a scope holds for what is awaited in it, and ends with it', async () => {
  const turn = Promise.withResolvers<void>()
  const inside = withCorrelationId('one', async () => {
    await turn.promise
    return withCorrelationId('two', () => currentScope()?.correlationId)
  })
  expect(currentScope()).toBeUndefined()
  turn.resolve()
  await expect(inside).resolves.toBe('two')
  expect(() => withCorrelationId('no id', () => null)).toThrow('begins with a letter or digit')
})

// Every task here is given one.
const urlOf = (context: { readonly [key: string]: unknown }): string => context['url'] as string

const pay = defineTask({ namespace: 'correlation', name: 'pay' }).step(
  'call',
  async (execution) => {
    await execution.http.get(urlOf(execution.context))
    return execution.correlationId
  },
)

test('from the scope of a request through the task to its steps, calls and children, in another process', async () => {
  const { server, seen, options } = await calling()
  const order = defineTask({ namespace: 'correlation', name: 'order' })
    .step('call', async ({ http, context }) => {
      await http.get(urlOf(context))
      return null
    })
    .step('child', { dependsOn: ['call'] }, async ({ context }) => {
      const { taskId } = await worker.tasker.tasks.create(pay, { context })
      return taskId
    })
  const definitions = [order, pay]
  const worker = await stage(database.url, { ...options, definitions })
  const web = await stage(database.url, { ...options, definitions, isWorking: false })
  const context = { url: server.url }
  const { taskId } = await withCorrelationId('req-7', () =>
    web.tasker.tasks.create(order, { context }),
  )
  const { results, correlationId } = await worker.run(taskId)
  expect(correlationId).toBe('req-7')
  const child = await worker.run(results['child'] as string) // what that step returns
  expect(child).toMatchObject({ correlationId: 'req-7', results: { call: 'req-7' } })
  expect(seen.map((headers) => headers['request-id'])).toEqual(['req-7', 'req-7'])

  const told = [...web.events.all, ...worker.events.all].flatMap(({ payload }) =>
    'correlationId' in payload ? [payload.correlationId] : [],
  )
  expect(told.length).toBeGreaterThan(10)
  expect(new Set(told)).toEqual(new Set(['req-7']))
})

test('a request names it, and a repeat under the same key may bring another one', async () => {
  const { tasker } = await stage(database.url, { definitions: [pay], isWorking: false })
  const request = { context: {}, idempotencyKey: 'correlated' }
  const first = await withCorrelationId('outer', () =>
    tasker.tasks.create(pay, { ...request, correlationId: 'mine' }),
  )
  const again = await tasker.tasks.create(pay, { ...request, correlationId: 'another' })
  expect(again).toEqual({ taskId: first.taskId, created: false })
  await expect(tasker.tasks.get(first.taskId)).resolves.toMatchObject({ correlationId: 'mine' })
  await expect(tasker.tasks.create(pay, { context: {}, correlationId: 'not one' })).rejects.toThrow(
    'correlationId: is not 1 to 100 letters',
  )
})

test('without one the task is known by its id', async () => {
  const { server, seen, options } = await calling()
  const { tasker, run, events } = await stage(database.url, { ...options, definitions: [pay] })
  const { taskId } = await tasker.tasks.create(pay, { context: { url: server.url } })
  await expect(run(taskId)).resolves.toMatchObject({
    correlationId: null,
    results: { call: taskId },
  })
  expect(seen[0]?.['request-id']).toBe(taskId)
  expect(events.all.find(({ name }) => name === 'task.completed')?.payload).toMatchObject({
    correlationId: taskId,
  })
})

/** A system that is called, with the correlation id in a header of its own choice. */
async function calling() {
  const seen: IncomingHttpHeaders[] = []
  const server = await httpServer((request, response) => {
    seen.push(request.headers)
    response.end('{}')
  })
  return {
    server,
    seen,
    options: {
      http: { allowedAddresses: ['127.0.0.1'] },
      telemetry: { correlationIdHeader: 'Request-Id' },
    },
  }
}

test('the engine carries no request from one task to the next: neither of who started the worker nor of who woke it', async () => {
  const quiet = defineTask({ namespace: 'correlation', name: 'quiet' })
    .step('look', async () => null)
    .step('again', { dependsOn: ['look'] }, async () => null)
  const seen: (string | undefined)[] = []
  const staged = await stage(database.url, { definitions: [quiet], isWorking: false })
  const { tasker } = staged
  for (const name of ['step.execution_requested', 'step.completed', 'task.completed'] as const)
    tasker.events.on(name, () => void seen.push(currentScope()?.correlationId))
  await withCorrelationId('req-of-the-start', () => tasker.worker.start())
  const first = await withCorrelationId('req-of-the-waker', () =>
    tasker.tasks.create(quiet, { context: {} }),
  )
  await staged.run(first.taskId)
  const second = await tasker.tasks.create(quiet, { context: {} })
  await staged.run(second.taskId)
  expect(new Set(seen)).toEqual(new Set([undefined]))
  await expect(tasker.tasks.get(second.taskId)).resolves.toMatchObject({ state: 'complete' })
})

test('what an operator does to a task is told under its id', async () => {
  const web = await stage(database.url, { definitions: [pay], isWorking: false })
  const { taskId } = await web.tasker.tasks.create(pay, { context: {}, correlationId: 'req-9' })
  const before = web.events.all.length
  await web.tasker.tasks.cancel(taskId, { actor: 'ada', reason: 'twice' })
  expect(web.events.all.slice(before).map(({ name, payload }) => [name, payload])).toEqual([
    ['step.cancelled', expect.objectContaining({ taskId, correlationId: 'req-9' })],
    ['task.cancelled', expect.objectContaining({ taskId, correlationId: 'req-9' })],
  ])
})
