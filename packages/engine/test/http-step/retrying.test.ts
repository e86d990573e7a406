// API steps in the engine: tried again by the engine alone, when the server says, with one idempotency key.
import { expect, test } from 'vitest'
import { ApiStepHandler } from '../../src/definitions/api-steps/api-step-handler.ts'
import { httpStep } from '../../src/definitions/api-steps/http-step.ts'
import { defineTask } from '../../src/definitions/builder.ts'
import { databaseForFile } from '../support/database.ts'
import { stage, type Stage, type StageOptions } from '../scenarios/stage.ts'
import { loopback, otherSystem, type Answer, type OtherSystem } from './other-system.ts'

const database = databaseForFile()

interface Called extends Stage {
  readonly system: OtherSystem
  readonly taskId: string
}

/** A task of one step that posts to a system which answers like this, run as far as it goes without time. */
async function called(
  answers: readonly Answer[],
  options: Partial<StageOptions> & { readonly limit?: number } = {},
): Promise<Called> {
  const { limit = 5, ...rest } = options
  const system = await otherSystem((_asked, count) => answers[count - 1] ?? answers.at(-1) ?? {})
  const definition = defineTask({ name: 'calls' }).step(
    'send',
    { retry: { limit } },
    httpStep({ baseUrl: system.url, method: 'POST', path: '/orders', body: { a: 1 } }),
  )
  const set = await stage(database.url, { definitions: [definition], ...loopback, ...rest })
  const { taskId } = await set.tasker.tasks.create(definition, { context: {} })
  await set.tasker.worker.idle()
  return { ...set, system, taskId }
}

const stepOf = async ({ tasker, taskId }: Called) => {
  const { steps } = await tasker.tasks.get(taskId)
  return steps[0] ?? expect.unreachable('a task of one step')
}

/** Seconds from the failure to the next attempt. */
async function waitOf(set: Called): Promise<number> {
  const { nextRetryAt } = await stepOf(set)
  return ((nextRetryAt?.getTime() ?? Number.NaN) - set.clock.nowMs()) / 1_000
}

const busy = (retryAfter: string, headers: Answer['headers'] = {}): Answer => ({
  status: 429,
  headers: { 'retry-after': retryAfter, ...headers },
})

test('one request for each attempt, all with one idempotency key and one trace', async () => {
  const set = await called([{ status: 503 }, { status: 502 }, { body: { id: 1 } }])
  const task = await set.run(set.taskId)
  expect(task).toMatchObject({ state: 'complete', steps: [{ attempts: 3, result: { id: 1 } }] })
  const headers = set.system.asked.map((asked) => asked.headers)
  expect(headers.map((one) => one['idempotency-key'])).toEqual(Array(3).fill(`${set.taskId}:send`))
  const traces = headers.map(({ traceparent }) => String(traceparent).split('-'))
  expect(new Set(traces.map(([, trace]) => trace)).size).toBe(1)
  expect(new Set(traces.map(([, , span]) => span)).size).toBe(3)
})

test('a server that asks for 40 s is asked again after 40 s and not before, with the reason in history', async () => {
  const set = await called([busy('40'), {}])
  expect(await waitOf(set)).toBe(40)
  await set.clock.advance(39_999)
  await set.tasker.worker.idle()
  expect(set.system.asked).toHaveLength(1)
  await set.run(set.taskId)
  expect(set.system.asked).toHaveLength(2)
  const failure = (await set.tasker.tasks.history(set.taskId)).find(({ to }) => to === 'error')
  expect(failure).toMatchObject({
    reason: 'retry_after',
    metadata: { error: { code: 'HTTP_429', http: { status: 429, retry_after: '40' } } },
  })
  expect((await set.tasker.tasks.get(set.taskId)).state).toBe('complete')
})

test.each([408, 425, 429, 500, 502, 503, 504])('%d honours Retry-After', async (status) => {
  const set = await called([{ status, headers: { 'retry-after': '40' } }])
  expect(await waitOf(set)).toBe(40)
})

test('a date counts from the server’s own clock', async () => {
  const set = await called([
    busy('Sat, 21 Nov 2026 18:00:40 GMT', { date: 'Sat, 21 Nov 2026 18:00:00 GMT' }),
  ])
  expect(await waitOf(set)).toBe(40)
})

test.each(['soon', '-5', '1.5', '0', 'Sat, 21 Nov 2026 12:00:00 GMT'])(
  'Retry-After %j asks for nothing: the ladder decides',
  async (text) => {
    const set = await called([busy(text, { date: 'Sat, 21 Nov 2026 12:00:00 GMT' })])
    expect(await waitOf(set)).toBe(1)
    const failure = (await set.tasker.tasks.history(set.taskId)).find(({ to }) => to === 'error')
    expect(failure).toMatchObject({
      reason: 'failed',
      metadata: { error: { http: { retry_after: text } } },
    })
  },
)

test('the configuration caps what a server may ask for', async () => {
  const set = await called([busy('99999999999')], { backoff: { maxBackoffSeconds: 120 } })
  expect(await waitOf(set)).toBe(120)
})

test('the wait outlives the process, and an operator ends it', async () => {
  const set = await called([busy('3600'), {}], { backoff: { maxBackoffSeconds: 7_200 } })
  expect(await waitOf(set)).toBe(3_600)
  const why = await set.tasker.tasks.why(set.taskId)
  expect(why.steps).toMatchObject([{ step: 'send', reason: 'retry', rule: 'asked_for' }])
  await set.tasker.close()

  const definition = defineTask({ name: 'calls' }).step(
    'send',
    { retry: { limit: 5 } },
    httpStep({ baseUrl: set.system.url, method: 'POST', path: '/orders', body: { a: 1 } }),
  )
  const next = await stage(database.url, {
    definitions: [definition],
    clock: set.clock,
    ...loopback,
  })
  expect(set.system.asked).toHaveLength(1)
  await next.tasker.tasks.retryNow(set.taskId, {
    step: 'send',
    actor: 'ops',
    reason: 'they said it is up',
  })
  await next.tasker.worker.idle()
  expect(set.system.asked).toHaveLength(2)
  expect((await next.tasker.tasks.get(set.taskId)).state).toBe('complete')
})

test('a 4xx ends the step at once, whatever its limit', async () => {
  const set = await called([{ status: 422, body: { error: 'no such order' } }])
  const task = await set.tasker.tasks.get(set.taskId)
  expect(task).toMatchObject({ state: 'error', steps: [{ attempts: 1 }] })
  expect(task.steps[0]?.error).toMatchObject({
    code: 'HTTP_422',
    http: { body: '{"error":"no such order"}' },
  })
})

test('a step with the built-in class of YAML, and one that extends it, in one task', async () => {
  class Own extends ApiStepHandler {
    static override readonly settings = { path: '/own' }
  }
  const system = await otherSystem(({ path }) => ({ body: { path } }))
  const config = { base_url: system.url }
  const definition = defineTask({ name: 'classes' })
    .step('plain', { config: { ...config, path: '/plain' } }, ApiStepHandler)
    .step(
      'own',
      { dependsOn: ['plain'], config: { ...config, query: { p: '{results.plain.path}' } } },
      Own,
    )
  const { tasker, run } = await stage(database.url, { definitions: [definition], ...loopback })
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  const { steps } = await run(taskId)
  expect(steps.map(({ result }) => result)).toEqual([
    { path: '/plain' },
    { path: '/own?p=%2Fplain' },
  ])
})
