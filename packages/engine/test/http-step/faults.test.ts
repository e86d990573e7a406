// Faults of API steps are met when the definition is built, all at once, each with its place.
import { expect, test } from 'vitest'
import { z } from 'zod'
import { ApiStepHandler } from '../../src/definitions/api-steps/api-step-handler.ts'
import { buildDefinition } from '../../src/definitions/build-definition.ts'
import { defineTask } from '../../src/definitions/builder.ts'
import type { TaskDefinition } from '../../src/definitions/model.ts'
import { TaskHandler } from '../../src/definitions/task-handler.ts'
import type { JsonObject } from '../../src/json.ts'
import { defineTaskFromClass } from '../../src/definitions/task-hooks.ts'
import { errorOf, faultsOf } from '../definitions/errors.ts'
import { untypedStep, type StepOptions } from './untyped-step.ts'

const faultsOfBuild = (build: () => TaskDefinition): readonly string[] => faultsOf(errorOf(build))

/** What a caller without a compiler writes. */
const written = (options: unknown): StepOptions => options as StepOptions

const build = (options: unknown): TaskDefinition =>
  buildDefinition(
    defineTask({ name: 'a' })
      .step('cart', async () => ({ id: 1 }))
      .step('send', { dependsOn: ['cart'] }, untypedStep(written(options))),
  )

const faultsOfStep = (options: unknown): readonly string[] =>
  faultsOfBuild(() => build(options)).map((line) => line.replace('steps.send.handler.', ''))

const baseUrl = 'https://shop.example.com/api'

test('a step that is right has none', () => {
  const right = {
    baseUrl: '${SHOP_URL:-https://shop.example.com}/v1',
    path: '/orders/{context.order_id}/{results.cart.id}?x={inputs.y}',
    method: 'PUT',
    query: { page: 1, tags: ['a', '{context.b}'], all: true, none: null, q: '{context.q}' },
    headers: { authorization: 'Bearer ${secret:shop/token}', 'x-count': '7' },
    body: { order: '{context}', text: 'Dear {context.name}', css: 'a { b: c }', list: [1, null] },
    timeouts: { connectMs: 100, totalMs: 1_000, idleMs: 500 },
    redirects: 'follow',
    responseMaxBytes: 1_000,
    tls: { ca: '${CA}', rejectUnauthorized: true },
    proxy: 'http://user:${secret:PROXY}@proxy:3128',
    allowedAddresses: ['10.0.0.0/8'],
    classify: { 404: 'success', '5xx': 'permanent', HTTP_TIMEOUT: 'permanent' },
    response: z.object({ id: z.string() }),
    processResults: () => null,
  }
  expect(build(right).steps).toHaveLength(2)
  expect(build({ baseUrl, response: { type: 'object' }, proxy: null }).steps).toHaveLength(2)
  for (const base of [
    '${SHOP_URL}/{context.a}',
    '${SHOP_URL:-http://shop:80/v1}?a={context.a}',
    '${SCHEME}://${HOST}:${PORT}/{context.a}',
    'https://${HOST}.example.com/{context.a}/{context.b}',
    '${SHOP_URL}:8080/v1/{context.a}',
  ]) {
    expect(build({ baseUrl: base }).steps).toHaveLength(2)
  }
})

test('all faults at once', () => {
  expect(
    faultsOfStep({
      baseUrl: 'ftp://shop.example.com',
      path: 7,
      method: 'FETCH',
      query: 'a=1',
      headers: { 'bad name': 'x', host: 'other', 'x-list': ['a'], 'x-break': 'a\r\nb: c' },
      timeouts: { connect: 1, totalMs: Infinity, idleMs: 0 },
      redirects: 'all',
      responseMaxBytes: 1.5,
      tls: { ca: 1, pfx: 'x' },
      proxy: 3,
      allowedAddresses: '10.0.0.0/8',
      classify: { 999: 'success', 404: 'ignore' },
      response: { type: 'objekt' },
      processResults: 'body',
      paht: '/x',
    }),
  ).toEqual([
    'paht: "paht" is not a known key here; did you mean "path"?',
    'method: expected GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS; received "FETCH"',
    'baseUrl: expected a URL with scheme and host, http:// or https://',
    'path: expected a path, received number 7',
    'query: expected a map, received "a=1"',
    'headers.bad name: is no name of a header',
    'headers.host: is set by the client',
    'headers.x-list: expected text, received array',
    'headers.x-break: holds a line break',
    'timeouts.connect: expected connect_ms, total_ms or idle_ms; did you mean "connectMs"?',
    'timeouts.totalMs: expected milliseconds from 1 to 86400000, received number Infinity',
    'timeouts.idleMs: expected milliseconds from 1 to 86400000, received number 0',
    'redirects: expected refuse, same-origin, follow; received "all"',
    'responseMaxBytes: expected a whole number from 1, received number 1.5',
    'allowedAddresses: expected a list of addresses, CIDR blocks or host names, received "10.0.0.0/8"',
    'tls.ca: expected text, received number 1',
    'tls.pfx: expected ca, cert, key, servername or reject_unauthorized (true or false)',
    'proxy: expected the URL of a proxy, or null, received number 3',
    'classify.404: expected success, retryable, permanent; received "ignore"',
    'classify.999: expected a status (404), a class (4xx) or the code of an error (HTTP_TIMEOUT)',
    expect.stringMatching(/^response: schema is invalid: data\/type must be/),
    'processResults: expected a function, received "body"; "response" checks',
  ])
})

test.each([
  [{}, 'steps.send.config: has no `base_url` (in code `baseUrl`)'],
  [{ baseUrl: '/orders' }, 'baseUrl: expected a URL with scheme and host, http:// or https://'],
  [{ baseUrl: 'https://a:b@shop' }, 'baseUrl: holds a user or a password'],
  [{ baseUrl: 'https://shop/#x' }, 'baseUrl: holds a fragment'],
  [
    { baseUrl: 'https://{context.host}/x' },
    'baseUrl: the address of a system does not come from a task',
  ],
  [
    { baseUrl: 'https://shop:{inputs.port}' },
    'baseUrl: the address of a system does not come from a task',
  ],
  [{ baseUrl: '{context.url}' }, 'baseUrl: the address of a system does not come from a task'],
  ...[
    '${SCHEME}://{context.host}',
    '${SHOP_URL:-http://shop}{context.suffix}/x',
    '${SHOP_URL:-http://shop}:{context.port}/x',
    'http:/{context.host}/x',
    'http:///{context.host}/x',
    ' http://{context.host}/x',
    'https:\\\\{context.host}/x',
  ].map((base): [object, string] => [
    { baseUrl: base },
    'baseUrl: the address of a system does not come from a task',
  ]),
  [
    { baseUrl, path: 'https://other.example.com/x' },
    'path: expected a path; the address is `base_url`',
  ],
  [{ baseUrl, path: '/x#y' }, 'path: holds a fragment'],
  [{ baseUrl, path: '/{order_id}' }, 'path: {order_id} is not a value; write {context.…}'],
  [
    { baseUrl, path: '/{contxt.id}' },
    'path: {contxt.id} is not a value; write {context.…}, {results.<step>.…} or {inputs.…}; did you mean "context"?',
  ],
  [{ baseUrl, path: '/{context..id}' }, 'path: {context..id} has an empty name in it'],
  [
    { baseUrl, path: '/{results.card.id}' },
    'path: {results.card.id} reads a step that this one does not depend on ("cart"); did you mean "cart"?',
  ],
  [{ baseUrl, path: '/${1X}' }, 'path: ${1X} is not a variable'],
  [{ baseUrl, headers: { a: '${secret:}' } }, 'headers.a: ${secret:} is not a variable'],
  [{ baseUrl, body: { a: { b: ['{contex.x}'] } } }, 'body.a.b.0: {contex.x} is not a value'],
  [
    { baseUrl, body: { at: new Date(0) } },
    'body: body/at: expected JSON, received an instance of Date',
  ],
  [{ baseUrl, method: 'GET', body: {} }, 'body: a GET has no body'],
  [{ baseUrl, tls: { ca: '{context.ca}' } }, 'tls.ca: does not come from a task'],
  [{ baseUrl, url: baseUrl }, 'url: says the same as `baseUrl`; keep one of them'],
  ['https://shop', 'steps.send.handler: expected a map of settings, received "https://shop"'],
])('%j: %s', (options, fault) => {
  const faults = faultsOfStep(options)
  expect(faults.join('\n')).toContain(fault)
})

test('making a step never throws, whatever it is made of', () => {
  for (const options of [null, undefined, 7, [], 'x', Symbol('x')]) {
    expect(() => untypedStep(written(options))).not.toThrow()
  }
})

test('a class is checked with its own settings under those of the step', () => {
  class Charge extends ApiStepHandler {
    static override readonly settings = { path: '/charges/{context.id}', timeouts: { totalMs: 1 } }
  }
  const buildWith = (config: JsonObject): TaskDefinition =>
    buildDefinition(defineTask({ name: 'a' }).step('charge', { config }, Charge))
  expect(buildWith({ base_url: baseUrl }).steps).toHaveLength(1)
  expect(
    faultsOfBuild(() => buildWith({ path: '/x', headers: { authorization: 'Bearer abc' } })),
  ).toEqual([
    'steps.charge.config: has no `base_url` (in code `baseUrl`), the address of the other system',
    'steps.charge.config.headers.authorization: holds a credential as text, which would be stored; write ${secret:NAME}',
  ])
  class Wrong extends ApiStepHandler {
    static override readonly settings = { baseUrl, path: '/{order}' }
  }
  expect(
    faultsOfBuild(() => buildDefinition(defineTask({ name: 'a' }).step('x', {}, Wrong))),
  ).toEqual([expect.stringMatching(/^steps\.x\.handler\.settings\.path: \{order\} is not a value/)])
})

test('so is a class in a task handler', () => {
  class Order extends TaskHandler {
    static override readonly stepTemplates = [
      { name: 'cart', handlerClass: async () => ({}) },
      {
        name: 'send',
        handlerClass: ApiStepHandler,
        handlerConfig: { url: baseUrl, path: '/{results.cart.id}' },
      },
    ]
  }
  expect(faultsOfBuild(() => buildDefinition(defineTaskFromClass(Order)))).toEqual([
    'steps.send.handlerConfig.path: {results.cart.id} reads a step that this one does not depend on (none)',
  ])
})

test.each([
  [{ headers: { 'x-auth-token': 'abcdef' } }, 'headers.x-auth-token'],
  [{ headers: { Cookie: 'a=b' } }, 'headers.Cookie'],
  [{ query: { api_key: 'abcdef' } }, 'query.api_key'],
  [{ body: { client: { client_secret: 'abcdef' } } }, 'body.client.client_secret'],
  [{ tls: { key: '-----BEGIN PRIVATE KEY-----' } }, 'tls.key'],
  [{ proxy: 'http://user:hush@proxy:3128' }, 'proxy'],
])('what is stored with the definition holds no credential: %j', (config, place) => {
  const own = (values: object): TaskDefinition =>
    buildDefinition(
      defineTask({ name: 'a' }).step(
        'send',
        { config: { base_url: baseUrl, ...values } },
        ApiStepHandler,
      ),
    )
  expect(faultsOfBuild(() => own(config))).toEqual([
    `steps.send.config.${place}: holds a credential as text, which would be stored; write \${secret:NAME}`,
  ])
  const right = JSON.parse(
    JSON.stringify(config).replaceAll(/abcdef|a=b|-+BEGIN PRIVATE KEY-+|hush/g, '${secret:x}'),
  ) as object
  expect(own(right).steps).toHaveLength(1)
  // Code keeps its own; and names that only sound alike are none.
  const inCode = written({ baseUrl, method: 'POST', ...config })
  expect(build(inCode).steps).toHaveLength(2)
  const alike = { query: { auth_type: 'basic', page_token: '' }, body: { token_type: 'jwt' } }
  expect(own(alike).steps).toHaveLength(1)
})
