// What every status becomes, from a real server: by the table, and where a step says otherwise.
import { expect, test } from 'vitest'
import type { RunStep, StepExecution } from '../../src/definitions/model.ts'
import { PermanentError, RetryableError } from '../../src/errors.ts'
import { httpErrorClasses, httpStatusClasses } from '../../src/http/answer-classes.ts'
import { expectOk } from '../../src/http/answer-errors.ts'
import { executionOf } from '../definitions/execution.ts'
import { otherSystem } from './other-system.ts'
import { loopbackClient, untypedStep } from './untyped-step.ts'

const http = loopbackClient()

/** Success, or the kind of error and its code. */
async function outcomeOf(run: RunStep, execution: StepExecution): Promise<string> {
  try {
    await run(execution)
    return 'success'
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'no code'
    if (error instanceof PermanentError) return `permanent ${code}`
    return error instanceof RetryableError ? `retryable ${code}` : `other ${String(error)}`
  }
}

test('the table has every status once, in order', () => {
  let next = 100
  for (const { from, to } of httpStatusClasses) {
    expect(from).toBe(next)
    expect(to).toBeGreaterThanOrEqual(from)
    next = to + 1
  }
  expect(next).toBe(1_000)
  expect(Object.isFrozen(httpStatusClasses) && httpStatusClasses.every(Object.isFrozen)).toBe(true)
  expect(Object.isFrozen(httpErrorClasses)).toBe(true)
})

const retryable = (status: number): boolean => [408, 425, 429].includes(status) || status >= 500

test('all statuses from 200 to 599 become what the table says', async () => {
  const { url } = await otherSystem(({ path }) => ({ status: Number(path.slice(1)) }))
  const run = untypedStep({ baseUrl: url, path: '/{inputs}' })
  const outcomes = []
  const expected = []
  for (let status = 200; status < 600; status += 1) {
    outcomes.push(await outcomeOf(run, executionOf({ http, inputs: status }).execution))
    const kind = retryable(status) ? 'retryable' : 'permanent'
    expected.push(status < 300 ? 'success' : `${kind} HTTP_${status}`)
  }
  expect(outcomes).toEqual(expected)
})

test('a step says otherwise: by status before class, by function before both', async () => {
  const { url } = await otherSystem(({ path }) => ({ status: Number(path.slice(1)) }))
  const own = untypedStep({
    baseUrl: url,
    path: '/{inputs}',
    classify: { 404: 'success', '4xx': 'retryable', '5xx': 'permanent', 204: 'permanent' },
  })
  const byBody = untypedStep({
    baseUrl: url,
    path: '/{inputs}',
    classify: ({ status }) => (status === 200 ? 'retryable' : undefined),
  })
  const at = (run: RunStep, status: number): Promise<string> =>
    outcomeOf(run, executionOf({ http, inputs: status }).execution)
  expect([await at(own, 404), await at(own, 403), await at(own, 503), await at(own, 204)]).toEqual([
    'success',
    'retryable HTTP_403',
    'permanent HTTP_503',
    'permanent HTTP_204',
  ])
  expect([await at(byBody, 200), await at(byBody, 404)]).toEqual([
    'retryable HTTP_200',
    'permanent HTTP_404',
  ])
})

test('a request without an answer goes by its code, which a step may overrule', async () => {
  const gone = 'http://127.0.0.1:1'
  const { execution } = executionOf({ http })
  expect(await outcomeOf(untypedStep({ baseUrl: gone }), execution)).toBe(
    'retryable HTTP_CONNECT_FAILED',
  )
  const own = untypedStep({ baseUrl: gone, classify: { HTTP_CONNECT_FAILED: 'permanent' } })
  expect(await outcomeOf(own, execution)).toBe('permanent HTTP_CONNECT_FAILED')
  expect(await outcomeOf(untypedStep({ baseUrl: 'http://10.0.0.1' }), execution)).toBe(
    'permanent HTTP_ADDRESS_REFUSED',
  )
})

test('an error says what was asked and answered: no query, no secrets, an excerpt', async () => {
  const { url } = await otherSystem(() => ({
    status: 429,
    headers: { 'retry-after': '7', 'set-cookie': 'session=abc', 'x-request-id': 'r-1' },
    body: { message: 'slow down', api_key: 'k-123456', filler: 'x'.repeat(5_000) },
  }))
  const { execution } = executionOf({ http, context: { id: 'a/b' } })
  const run = untypedStep({ baseUrl: url, path: '/orders/{context.id}', query: { page: 'secret' } })
  const error: unknown = await run(execution).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(RetryableError)
  expect(error).toMatchObject({
    afterMs: 7_000,
    context: {
      http: {
        method: 'GET',
        url: `${url}/orders/a%2Fb`,
        status: 429,
        headers: { 'x-request-id': 'r-1', 'set-cookie': '[REDACTED]', 'retry-after': '7' },
        retry_after: '7',
      },
    },
  })
  const text = JSON.stringify(error)
  expect(text).toContain('slow down')
  expect(text).not.toMatch(/k-123456|session=abc|page=secret/)
  expect(text.length).toBeLessThan(4_000)
  expect(String(error)).toBe(`RetryableError: GET ${new URL(url).host} answered 429.`)
})

test('expectOk does the same for calls that are written by hand', async () => {
  const { url } = await otherSystem(({ path }) => ({ status: Number(path.slice(1)) }))
  await expect(http.get(`${url}/201`).then(expectOk)).resolves.toMatchObject({ status: 201 })
  await expect(http.get(`${url}/404`).then(expectOk)).rejects.toThrow(
    `${new URL(url).host} answered 404.`,
  )
})
