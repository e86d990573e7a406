// What an API step sends, and what it makes of the answer: as a function, as a class and from YAML, to a real server.
import { describe, expect, test } from 'vitest'
import * as v from 'valibot'
import { z } from 'zod'
import { ApiStepHandler } from '../../src/definitions/api-steps/api-step-handler.ts'
import { runHandlerClass, type StepView } from '../../src/definitions/step-handler.ts'
import type { RunStep, StepExecution } from '../../src/definitions/model.ts'
import type { HttpResponse } from '../../src/http/model.ts'
import { executionOf } from '../definitions/execution.ts'
import { run as runOfYaml, read } from '../definitions/read-yaml.ts'
import { otherSystem, type Asked } from './other-system.ts'
import { loopbackClient, untypedStep, type StepOptions } from './untyped-step.ts'

const http = loopbackClient()

const perform = (run: RunStep, fields: Partial<StepExecution> = {}): Promise<unknown> =>
  run(executionOf({ http, ...fields }).execution)

/** What the server is asked by a step with these options. */
async function askedBy(
  options: Partial<StepOptions>,
  fields: Partial<StepExecution> = {},
): Promise<Asked> {
  const { url, asked } = await otherSystem()
  await perform(untypedStep({ baseUrl: url, ...options }), fields)
  const [first] = asked
  if (first === undefined) throw new Error('nothing was asked')
  return first
}

const failureOf = (run: RunStep, fields: Partial<StepExecution> = {}): Promise<unknown> =>
  perform(run, fields).then(
    () => 'it succeeded',
    (error: unknown) => error,
  )

describe('the address', () => {
  const fields = {
    context: { id: 'a/b ü?#&', page: 2, ok: true, zero: 0, deep: { list: [{ name: 'x' }] } },
    results: { cart: { id: 7 }, 'two.parts': 'r' },
    inputs: { sku: 's 1' },
  }
  test.each([
    ['/orders/{context.id}', '/orders/a%2Fb%20%C3%BC%3F%23%26'],
    ['orders/{context.page}/{context.ok}/{context.zero}', '/orders/2/true/0'],
    ['/{results.cart.id}/{results.two.parts}/{inputs.sku}', '/7/r/s%201'],
    ['/{context.deep.list.0.name}', '/x'],
    ['/search?q={context.id}&n=1', '/search?q=a%2Fb%20%C3%BC%3F%23%26&n=1'],
    ['/$${HOME}', '/${HOME}'],
    ['/a/', '/a/'],
    ['', '/'],
  ])('%j asks for %j', async (path, expected) => {
    expect(decodeBraces((await askedBy({ path }, fields)).path)).toBe(expected)
  })

  test('path and query of the base stay', async () => {
    const { url, asked } = await otherSystem()
    const options = {
      baseUrl: `${url}/api/v1/?key=1`,
      path: '/orders?x=2',
      query: { y: [3, 4], none: null },
    }
    await perform(untypedStep(options))
    expect(asked[0]?.path).toBe('/api/v1/orders?key=1&x=2&y=3&y=4')
  })

  test.each([
    ['is not there', '/{context.nothing}'],
    ['is not there', '/{context.deep.list.1.name}'],
    ['is not there', '/{context.deep.list.length}'],
    ['is not there', '/{context.constructor}'],
    ['is not there', '/{results.nothing.id}'],
    ['is empty', '/orders/{context.empty}'],
    ['is a way up', '/orders/{context.up}/x'],
    ['is object, not text', '/{context.deep}'],
    ['is null, not text', '/{context.null}'],
  ])('a value that %s ends the step for good: %s', async (problem, path) => {
    const { url, asked } = await otherSystem()
    const context = { ...fields.context, empty: '', up: '..', null: null }
    const error = await failureOf(untypedStep({ baseUrl: url, path }), { context })
    expect(error).toMatchObject({ name: 'PermanentError', code: 'REQUEST_VALUE_MISSING' })
    expect(String(error)).toContain(problem)
    expect(asked).toEqual([])
  })

  test('no value gets out of its place', async () => {
    const { path } = await askedBy(
      { path: '/a/{context.x}/b', query: { q: '{context.x}' } },
      { context: { x: '../../admin?x=1#y&z=\\%2e%2e' } },
    )
    expect(path).toBe(
      '/a/..%2F..%2Fadmin%3Fx%3D1%23y%26z%3D%5C%252e%252e/b?q=..%2F..%2Fadmin%3Fx%3D1%23y%26z%3D%5C%252e%252e',
    )
  })
})

const decodeBraces = (path: string): string => path.replaceAll('%7B', '{').replaceAll('%7D', '}')

test('defaults: GET, JSON accepted, no body; POST with one', async () => {
  const get = await askedBy({})
  expect(get).toMatchObject({ method: 'GET', body: '', headers: { accept: 'application/json' } })
  expect(get.headers['content-type']).toBeUndefined()
  const post = await askedBy({ body: { a: 1 }, headers: { 'x-own': '1' } })
  expect(post).toMatchObject({
    method: 'POST',
    body: '{"a":1}',
    headers: { accept: 'application/json', 'content-type': 'application/json', 'x-own': '1' },
  })
})

test('a body: values keep their types, texts are filled, other braces are text', async () => {
  const { body } = await askedBy(
    {
      method: 'PATCH',
      body: {
        whole: '{context}',
        list: ['{context.n}', '{context.none}', 'n is {context.n}', '{ "a": 1 }', 7, null],
        'key {context.n}': true,
      },
    },
    { context: { n: 1, none: null } },
  )
  expect(JSON.parse(body)).toEqual({
    whole: { n: 1, none: null },
    list: [1, null, 'n is 1', '{ "a": 1 }', 7, null],
    'key {context.n}': true,
  })
})

test('bytes and functions go as they are', async () => {
  const bytes = await askedBy({ body: new TextEncoder().encode('{context.n}') })
  expect(bytes).toMatchObject({ method: 'POST', body: '{context.n}' })
  const computed = await askedBy(
    {
      path: async ({ context }) => `/x/${JSON.stringify(context['n'])}`,
      query: ({ inputs }) => ({ q: inputs === 'i' }),
      headers: () => ({ Accept: 'text/csv' }),
      body: ({ context }) => ({ n: context['n'] ?? null }),
    },
    { context: { n: 1 }, inputs: 'i' },
  )
  expect(computed).toMatchObject({
    path: '/x/1?q=true',
    body: '{"n":1}',
    headers: { accept: 'text/csv' },
  })
})

test('variables and secrets, encoded where they stand in an address', async () => {
  const { path, headers } = await askedBy(
    {
      path: '/${TENANT}/${REGION:-eu}/${EMPTY:-none}/${secret:a/b}',
      headers: { authorization: 'Bearer ${secret:a/b}', accept: '*/*' },
    },
    {
      variable: (name) => ({ TENANT: 't/1', EMPTY: '' })[name],
      secret: async (name) => `s3cr?t ${name}`,
    },
  )
  expect(path).toBe('/t/1/eu/none/s3cr%3Ft%20a%2Fb')
  expect(headers).toMatchObject({ authorization: 'Bearer s3cr?t a/b', accept: '*/*' })
})

test('a variable that is not set, or makes no address, ends the step for good', async () => {
  expect(await failureOf(untypedStep({ baseUrl: '${SHOP_URL}' }))).toMatchObject({
    code: 'VARIABLE_NOT_SET',
    message: expect.stringContaining('SHOP_URL') as unknown,
  })
  const run = untypedStep({ baseUrl: '${SHOP_URL}' })
  for (const url of ['shop', 'file:///etc/passwd', 'https://u:p@shop']) {
    expect(await failureOf(run, { variable: () => url })).toMatchObject({
      name: 'PermanentError',
      code: 'HTTP_REQUEST_INVALID',
    })
  }
})

describe('the answer', () => {
  test('its body is the result: JSON, text, or null when there is none', async () => {
    const { url } = await otherSystem(({ path }) =>
      path === '/text'
        ? { body: 'hello' }
        : path === '/none'
          ? { status: 204, body: '' }
          : { body: [1] },
    )
    const at = (path: string): Promise<unknown> => perform(untypedStep({ baseUrl: url, path }))
    expect([await at('/'), await at('/text'), await at('/none')]).toEqual([[1], 'hello', null])
  })

  const body = { id: 1, total: '12.50' }
  test.each([
    ['zod', z.object({ id: z.number(), total: z.string().transform(Number) })],
    ['valibot', v.object({ id: v.number(), total: v.pipe(v.string(), v.transform(Number)) })],
  ])('a schema of %s makes the result', async (_vendor, response) => {
    const { url } = await otherSystem(() => ({ body }))
    expect(await perform(untypedStep({ baseUrl: url, response }))).toEqual({ id: 1, total: 12.5 })
  })

  test('a JSON Schema checks it, defaults included', async () => {
    const { url } = await otherSystem(() => ({ body: { id: 1 } }))
    const response = {
      type: 'object',
      required: ['id'],
      properties: { id: { type: 'integer' }, currency: { default: 'EUR' } },
    }
    expect(await perform(untypedStep({ baseUrl: url, response }))).toEqual({
      id: 1,
      currency: 'EUR',
    })
  })

  test.each([
    ['Standard Schema', z.object({ id: z.string() })],
    ['JSON Schema', { type: 'object', properties: { id: { type: 'string' } } }],
  ])(
    'one that is not as the %s says is tried again, with every fault and no value',
    async (_kind, response) => {
      const { url } = await otherSystem(() => ({ body: { id: 4711 } }))
      const error = await failureOf(untypedStep({ baseUrl: url, response }))
      expect(error).toMatchObject({
        name: 'RetryableError',
        context: { faults: [{ path: 'response/id' }], http: { status: 200 } },
      })
      expect(String(error)).not.toContain('4711')
    },
  )

  test('processResults makes the result of the checked answer', async () => {
    const { url } = await otherSystem(() => ({ body, headers: { 'x-total': '2' } }))
    const run = untypedStep({
      baseUrl: url,
      processResults: ({ body: read, headers, status }, { stepName }) => ({
        read,
        total: headers['x-total'],
        status,
        stepName,
      }),
    })
    expect(await perform(run)).toEqual({ read: body, total: '2', status: 200, stepName: 'a_step' })
  })

  test('a status that the step calls a success is not held to the schema of the others', async () => {
    const { url } = await otherSystem(() => ({ status: 404, body: { error: 'none' } }))
    const run = untypedStep({
      baseUrl: url,
      classify: { 404: 'success' },
      response: z.object({ id: z.string() }),
      processResults: ({ status }) => (status === 404 ? null : 'found'),
    })
    expect(await perform(run)).toBe(null)
  })
})

describe('a class', () => {
  class Charge extends ApiStepHandler {
    static override readonly settings = {
      path: '/charges/{context.id}',
      headers: { 'x-own': 'class', 'x-other': 'class' },
      query: { a: 1, b: 1 },
    }
  }
  const runOf = (Handler: typeof ApiStepHandler): RunStep => runHandlerClass(Handler)

  test('sends what its settings and the configuration describe, the configuration first', async () => {
    const { url, asked } = await otherSystem(() => ({ body: { ok: true } }))
    const config = {
      base_url: url,
      params: { b: 2, c: '{context.id}' },
      headers: { 'X-Own': 'config' },
    }
    expect(await perform(runOf(Charge), { config, context: { id: 7 } })).toEqual({ ok: true })
    expect(asked[0]?.path).toBe('/charges/7?a=1&b=2&c=7')
    expect(asked[0]?.headers).toMatchObject({ 'x-own': 'config', 'x-other': 'class' })
  })

  test('process sends others, and what it returns is judged', async () => {
    const { url, asked } = await otherSystem(({ path }) =>
      path === '/gone' ? { status: 410 } : { body: { next: '/second' } },
    )
    class Two extends Charge {
      override async process(): Promise<HttpResponse> {
        const first = await this.request({ path: '/first', query: { a: null, b: null } })
        const { next } = first.body as { next: string } // what the server above sends
        return this.request({
          path: next,
          method: 'POST',
          body: { n: 1 },
          query: { a: null, b: null },
        })
      }
    }
    class Gone extends Charge {
      override async process(): Promise<HttpResponse> {
        return this.execution.http.get(`${url}/gone`) // by hand: any status is a response
      }
    }
    const config = { base_url: url }
    expect(await perform(runOf(Two), { config })).toEqual({ next: '/second' })
    expect(asked.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'GET /first',
      'POST /second',
    ])
    expect(await failureOf(runOf(Gone), { config })).toMatchObject({ code: 'HTTP_410' })
  })

  test('processResults makes the results, also where it does not call that of the base', async () => {
    const { url } = await otherSystem(({ path }) => ({
      status: path === '/500' ? 500 : 200,
      body: [1],
    }))
    class Count extends ApiStepHandler {
      override processResults(step: StepView, output: unknown): void {
        const { body } = output as HttpResponse // what process returns
        step.results = { count: (body as number[]).length }
      }
    }
    expect(await perform(runOf(Count), { config: { url } })).toEqual({ count: 1 })
    expect(await failureOf(runOf(Count), { config: { url, path: '/500' } })).toMatchObject({
      code: 'HTTP_500',
    })
  })

  test('results that process sets stay, and what is no response is a result as it is', async () => {
    const { url } = await otherSystem()
    class Sets extends ApiStepHandler {
      override async process(_task: unknown, _sequence: unknown, step: StepView): Promise<unknown> {
        step.results = { own: 1 }
        return this.request()
      }
    }
    class Other extends ApiStepHandler {
      override process(): unknown {
        return { status: 'fine', headers: 1 }
      }
    }
    expect(await perform(runOf(Sets), { config: { url } })).toEqual({ own: 1 })
    expect(await perform(runOf(Other), { config: { url } })).toEqual({ status: 'fine', headers: 1 })
  })
})

describe('YAML with type: api', () => {
  const text = (handler: string, url: string): string => `
    name: order
    step_templates:
      - name: cart
        handler_class: Ok
      - name: charge
        depends_on_step: cart
        ${handler}
        handler_config:
          type: api
          url: ${url}
          path: /charges/{context.order_id}
          method: post
          params: { cart: '{results.cart.id}', dry: true }
          headers: { Authorization: 'Bearer \${API_TOKEN}', X-Key: '\${secret:key}' }
          body: { cents: '{context.cents}', note: 'order {context.order_id}' }
          timeouts: { total_ms: 5000 }
          enable_exponential_backoff: true
          ssl:
          response_schema: { type: object, required: [id] }
  `
  class Own extends ApiStepHandler {}

  test.each([
    ['without a class', ''],
    ['with one', 'handler_class: Own'],
  ])('%s: sends what it describes', async (_name, handler) => {
    const { url, asked } = await otherSystem(() => ({ body: { id: 'c-1' } }))
    const definition = read(text(handler, url), {
      handlers: { Ok: async () => ({ id: 'x' }), Own },
      env: { API_TOKEN: 't0ken' },
    })
    const fields = { http, context: { order_id: 7, cents: 100 }, results: { cart: { id: 'k' } } }
    const config = definition.steps[1]?.handlerConfig ?? null
    expect(await runOfYaml(definition, 'charge', { ...fields, config })).toEqual({ id: 'c-1' })
    expect(asked).toMatchObject([
      {
        method: 'POST',
        path: '/charges/7?cart=k&dry=true',
        body: '{"cents":100,"note":"order 7"}',
        headers: {
          accept: 'application/json',
          authorization: 'Bearer t0ken',
          'x-key': 'the secret key',
        },
      },
    ])
    expect(JSON.stringify(definition.steps)).toContain('${API_TOKEN}')
  })
})
