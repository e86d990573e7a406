// The HTTP client as handlers have it: functions, classes and steps in a transaction. Its requests say which attempt they
// belong to, and end with it.
import type { IncomingHttpHeaders } from 'node:http'
import { expect, test } from 'vitest'
import { defineTask } from '../../src/definitions/builder.ts'
import { StepHandler } from '../../src/definitions/step-handler.ts'
import { HttpError } from '../../src/http/model.ts'
import { databaseForFile } from '../support/database.ts'
import { httpServer, type TestServer } from '../http/stage.ts'
import { stage } from './stage.ts'
import { stageOf, transaction } from './transaction-stage.ts'

const database = databaseForFile()
const http = { allowedAddresses: ['127.0.0.0/8'] }

interface Seen {
  readonly request: string
  readonly headers: IncomingHttpHeaders
}

/** Answers `{ "n": <number of the request> }`; with 503 as often as told first. */
async function counting(failures = 0): Promise<TestServer & { readonly seen: Seen[] }> {
  const seen: Seen[] = []
  const server = await httpServer((request, response) => {
    seen.push({ request: `${request.method} ${request.url}`, headers: request.headers })
    response.statusCode = seen.length <= failures ? 503 : 200
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ n: seen.length }))
  })
  return { ...server, seen }
}

test('functions, classes and steps in a transaction call other systems with http', async () => {
  const server = await counting()
  class Charge extends StepHandler {
    override async process(): Promise<unknown> {
      const { body } = await this.execution.http.post(`${server.url}/charges`, { amount: 7 })
      return body
    }
  }
  const definition = defineTask({ name: 'calls_others' })
    .step('load', async (execution) => (await execution.http.get(`${server.url}/cart`)).body)
    .step('charge', { dependsOn: ['load'] }, Charge)
    .step('book', { dependsOn: ['charge'], ...transaction }, async (execution) => {
      const { body } = await execution.http.put(`${server.url}/booking`, {})
      return body
    })
  const { tasker, run } = await stage(database.url, { definitions: [definition], http })
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  expect((await run(taskId)).results).toEqual({ load: { n: 1 }, charge: { n: 2 }, book: { n: 3 } })
  expect(server.seen.map(({ request }) => request)).toEqual([
    'GET /cart',
    'POST /charges',
    'PUT /booking',
  ])
  await tasker.close() // and with it the connections that were kept
  await server.allClosed()
})

test('what changes something carries the idempotency key, the same in every attempt', async () => {
  const server = await counting(2)
  const definition = defineTask({ name: 'idempotent' }).step('charge', async (execution) => {
    await execution.http.get(`${server.url}/rates`)
    const { status } = await execution.http.post(`${server.url}/charges`, { amount: 7 })
    if (status !== 200) throw new Error(`answered ${status}`)
    return null
  })
  const { tasker, run } = await stage(database.url, { definitions: [definition], http })
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  expect((await run(taskId)).state).toBe('complete')
  const key = `${taskId}:charge`
  expect(server.seen.map(({ request, headers }) => [request, headers['idempotency-key']])).toEqual([
    ['GET /rates', undefined],
    ['POST /charges', key],
    ['GET /rates', undefined],
    ['POST /charges', key],
  ])
})

test('requests of one task share a trace and a correlation id; each attempt has a span of its own', async () => {
  const server = await counting(1)
  const definition = defineTask({ name: 'traced' }).step('call', async (execution) => {
    const { status } = await execution.http.get(server.url)
    if (status !== 200) throw new Error(`answered ${status}`)
    await execution.http.get(server.url)
    return null
  })
  const { tasker, run } = await stage(database.url, { definitions: [definition], http })
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  await run(taskId)
  const trace = server.seen.map(({ headers }) => String(headers['traceparent']))
  const traceId = taskId.replaceAll('-', '')
  for (const parent of trace) expect(parent).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`))
  const [first, second, third] = trace
  expect(second).toBe(third)
  expect(first).not.toBe(second)
  expect(new Set(server.seen.map(({ headers }) => headers['x-correlation-id']))).toEqual(
    new Set([taskId]),
  )
})

test.for([
  ['order-7/a', 'order-7/a'],
  ['x\r\nevil: y', null],
  ['größe', null],
  ['', null],
  [7, null],
  ['x'.repeat(201), null],
] as const)(
  'correlation_id %j of the context is sent when a header can hold it',
  async ([given, sent]) => {
    const server = await counting()
    const definition = defineTask({ name: 'correlated' }).step('call', async (execution) => {
      await execution.http.get(server.url)
      return null
    })
    const { tasker, run } = await stage(database.url, { definitions: [definition], http })
    const { taskId } = await tasker.tasks.create(definition, { context: { correlation_id: given } })
    expect((await run(taskId)).state).toBe('complete')
    expect(server.seen[0]?.headers['x-correlation-id']).toBe(sent ?? taskId)
    expect(server.seen[0]?.headers).not.toHaveProperty('evil')
  },
)

test('headers of the handler stand before those of the attempt', async () => {
  const server = await counting()
  const definition = defineTask({ name: 'own_headers' }).step('call', async (execution) => {
    await execution.http.post(server.url, null, {
      headers: {
        'Idempotency-Key': 'mine',
        TraceParent: '00-mine',
        'X-Correlation-Id': 'mine too',
      },
    })
    return null
  })
  const { tasker, run } = await stage(database.url, { definitions: [definition], http })
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  await run(taskId)
  expect(server.seen[0]?.headers).toMatchObject({
    'idempotency-key': 'mine',
    traceparent: '00-mine',
    'x-correlation-id': 'mine too',
  })
})

/** A server that never answers, and the error that the handler gets when its request is called off. */
async function hanging() {
  const asked = Promise.withResolvers<void>()
  const server = await httpServer(() => asked.resolve())
  const caught = Promise.withResolvers<unknown>()
  const call = async (request: () => Promise<unknown>): Promise<null> => {
    await request().catch((error: unknown) => {
      caught.resolve(error)
      throw error
    })
    return null
  }
  return { server, asked: asked.promise, caught: caught.promise, call }
}

test('a request ends when its task is cancelled', async () => {
  const { server, asked, caught, call } = await hanging()
  const definition = defineTask({ name: 'cancelled' }).step('call', async (execution) =>
    call(() => execution.http.get(server.url)),
  )
  const { tasker } = await stage(database.url, { definitions: [definition], http })
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  await asked
  await tasker.tasks.cancel(taskId)
  const error = await caught
  expect(error).toBeInstanceOf(HttpError)
  expect(error).toMatchObject({ code: 'HTTP_ABORTED', cause: { abortCause: 'cancelled' } })
  await server.allClosed()
})

test('a request ends at the time limit of its step, also with a signal of the handler', async () => {
  const { server, caught, call } = await hanging()
  const own = new AbortController()
  const definition = defineTask({ name: 'limited' }).step(
    'call',
    { timeoutMs: 200, retry: { limit: 1 } },
    async (execution) => call(() => execution.http.get(server.url, { signal: own.signal })),
  )
  const { tasker } = await stageOf(database)([definition], { http })
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  expect(await caught).toMatchObject({ code: 'HTTP_ABORTED', cause: { abortCause: 'timeout' } })
  expect(await tasker.tasks.waitFor(taskId)).toMatchObject({ state: 'error' })
  await server.allClosed()
})

test('a request ends by the signal of the handler', async () => {
  const { server, asked, caught, call } = await hanging()
  const own = new AbortController()
  const definition = defineTask({ name: 'own_signal' }).step(
    'call',
    { retry: { limit: 1 } },
    async (execution) => call(() => execution.http.get(server.url, { signal: own.signal })),
  )
  const { tasker } = await stage(database.url, { definitions: [definition], http })
  await tasker.tasks.create(definition, { context: {} })
  await asked
  own.abort(new Error('enough'))
  expect(await caught).toMatchObject({ code: 'HTTP_ABORTED', cause: { message: 'enough' } })
})

test('an address that came with the data of a task leads nowhere private, and is not tried again', async () => {
  const server = await counting()
  const definition = defineTask({ name: 'led_astray' }).step(
    'call',
    { retry: { limit: 3 } },
    async (execution) => {
      const { url } = execution.context as { readonly url: string }
      await execution.http.get(url)
      return null
    },
  )
  const { tasker, run } = await stage(database.url, { definitions: [definition] })
  const { taskId } = await tasker.tasks.create(definition, { context: { url: server.url } })
  const [step] = (await run(taskId)).steps
  expect(step).toMatchObject({ attempts: 1, error: { code: 'HTTP_ADDRESS_REFUSED' } })
  expect(server.sockets).toEqual([])
})
