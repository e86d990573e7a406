// What a task holds, and what another system answers, are data: they are sent and stored, and never say what is done.
import { describe, expect, test } from 'vitest'
import {
  ApiStepHandler,
  type ApiStepSettings,
} from '../../src/definitions/api-steps/api-step-handler.ts'
import { errorOfResponse } from '../../src/http/answer-errors.ts'
import type { HttpResponse } from '../../src/http/model.ts'
import type { RunStep, StepExecution } from '../../src/definitions/model.ts'
import { runHandlerClass } from '../../src/definitions/step-handler.ts'
import type { Json } from '../../src/json.ts'
import { executionOf } from '../definitions/execution.ts'
import { otherSystem } from './other-system.ts'
import { loopbackClient, untypedStep } from './untyped-step.ts'

const http = loopbackClient()

const perform = (run: RunStep, fields: Partial<StepExecution> = {}): Promise<unknown> =>
  run(executionOf({ http, ...fields }).execution)

const errorOf = (run: RunStep, fields: Partial<StepExecution> = {}): Promise<unknown> =>
  perform(run, fields).then(
    () => 'it succeeded',
    (error: unknown) => error,
  )

const textOf = (value: Json | undefined): string => (typeof value === 'string' ? value : '')

/** What a customer may have entered. */
const hostile = [
  '${secret:payments}',
  '${PATH}',
  '${PATH:-x}',
  '$${PATH}',
  '{context.other}',
  '{contxt.a}',
  '${not a variable}',
]

describe('what `request` is given', () => {
  const sending = (changes: (text: string) => ApiStepSettings): RunStep => {
    class Send extends ApiStepHandler {
      override async process(): Promise<HttpResponse> {
        return this.request(changes(textOf(this.execution.context['text'])))
      }
    }
    return runHandlerClass(Send)
  }
  const fields = (url: string, text: string): Partial<StepExecution> => ({
    config: { base_url: url, headers: { 'x-token': '${secret:own}' } },
    context: { text, other: 'another value' },
    secret: async (name) => `the secret ${name}`,
  })

  test.each(hostile)('%s in a body or a query is sent as it is', async (text) => {
    const { url, asked } = await otherSystem()
    const run = sending((given) => ({
      method: 'POST',
      body: { name: given, deep: [{ note: `Dear ${given}` }] },
      query: { q: given, all: [given] },
    }))
    await perform(run, fields(url, text))
    expect(JSON.parse(asked[0]?.body ?? '')).toEqual({
      name: text,
      deep: [{ note: `Dear ${text}` }],
    })
    const { searchParams } = new URL(`${url}${asked[0]?.path}`)
    expect([searchParams.get('q'), searchParams.get('all')]).toEqual([text, text])
    expect(asked[0]?.headers['x-token']).toBe('the secret own')
  })

  test.each(hostile)('%s in a path or a header is refused, and never filled in', async (text) => {
    const { url, asked } = await otherSystem()
    const changes: readonly ((given: string) => ApiStepSettings)[] = [
      (given) => ({ path: `/files/${given}` }),
      (given) => ({ headers: { 'x-name': given } }),
    ]
    for (const change of changes) {
      const error = await errorOf(sending(change), fields(url, text))
      expect(error).toMatchObject({ code: 'HTTP_REQUEST_INVALID' })
      expect(String(error)).toContain('what `request` is given is sent as it is')
    }
    expect(asked).toEqual([])
  })
})

test.each([
  '../admin',
  '..',
  'a/../../admin',
  './admin',
  '%2e%2E/admin',
  '.%2e',
  '..\\admin',
  '.\n./admin',
  'a/..?x=1',
])('a path that was made by code and leads up is refused: %j', async (id) => {
  const { url, asked } = await otherSystem()
  const run = untypedStep({
    baseUrl: url,
    path: ({ context }) => `/users/${textOf(context['id'])}`,
  })
  expect(await errorOf(run, { context: { id } })).toMatchObject({ code: 'HTTP_REQUEST_INVALID' })
  expect(asked).toEqual([])
})

test.each(['..a', 'a..', '...', 'v1..2/x', 'a?up=../x', '%2e%2ea'])(
  'a path with dots that lead nowhere is sent: %j',
  async (id) => {
    const { url, asked } = await otherSystem()
    await perform(untypedStep({ baseUrl: url, path: () => `/users/${id}` }))
    expect(asked).toHaveLength(1)
  },
)

test('an answer in very many levels is what its status says', async () => {
  const levels = 200_000
  const { url } = await otherSystem(() => ({
    status: 404,
    headers: { 'content-type': 'application/json' },
    body: `${'['.repeat(levels)}${']'.repeat(levels)}`,
  }))
  expect(await errorOf(untypedStep({ baseUrl: url }))).toMatchObject({ code: 'HTTP_404' })
})

test.each([
  ['one long text', 'token'.repeat(1_000_000)],
  ['a list of long texts', Array<string>(50).fill('token'.repeat(20_000))],
  ['a list of many texts', Array<string>(200_000).fill('ab')],
  ['a list of many lists', Array.from({ length: 200_000 }, (): Json => [[]])],
  ['a map of many keys', Object.fromEntries(Array.from({ length: 200_000 }, (_, n) => [n, 'a']))],
])('of %s no more is looked at than an error keeps a part of', (_name, body) => {
  const response = { status: 500, headers: {}, body, url: 'http://a/', durationMs: 1 }
  let characters = 0
  let texts = 0
  const redact = (text: string): string => {
    characters += text.length
    texts += 1
    return text
  }
  const { context } = errorOfResponse(response, { outcome: 'retryable' }, { redact })
  expect(characters).toBeLessThan(20_000)
  expect(texts).toBeLessThan(20_000)
  const { body: kept } = context['http'] as { readonly body: string } // see errorOfResponse
  expect(kept).toMatch(/^.{2000}…$/s)
})

test('of an answer that is small all is kept', () => {
  const body = { error: 'none', list: [1, null, true, 'a', { deep: [[]] }], empty: {} }
  const response = { status: 500, headers: {}, body, url: 'http://a/', durationMs: 1 }
  const { context } = errorOfResponse(response, { outcome: 'retryable' })
  expect(context).toMatchObject({ http: { body: JSON.stringify(body) } })
})
