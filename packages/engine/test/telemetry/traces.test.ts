// What a host that traces sees of its tasks: one connected trace for each, the shape of the graph in it, calls of workers
// beside it. What is left out of traces: traces-left-out.test.ts. Two processes, one of them killed: traces-killed.test.ts.
import { trace } from '@opentelemetry/api'
import { expect, test } from 'vitest'
import type { ReceivedSpan } from '../../../../tools/otlp-receiver.ts'
import { defineTask } from '../../src/definitions/builder.ts'
import { PermanentError, RetryableError } from '../../src/errors.ts'
import { dispatchLinksMax } from '../../src/telemetry/traces/dispatch.ts'
import { spanNames, spansOfTask } from '../../src/telemetry/traces/hierarchy.ts'
import { databaseForFile } from '../support/database.ts'
import { loopback, otherSystem } from '../http-step/other-system.ts'
import { traceHost } from './host-tracing.ts'
import {
  attemptsOf,
  linear,
  named,
  outcomesOf,
  parentName,
  settings,
  traceOf,
  working,
} from './traced-tasker.ts'

const database = databaseForFile()

const diamond = defineTask({ ...settings, name: 'diamond' })
  .step('top', async () => null)
  .step('left', { dependsOn: ['top'] }, async () => null)
  .step('right', { dependsOn: ['top'] }, async () => null)
  .step('join', { dependsOn: ['left', 'right'] }, async () => null)
const parallel = defineTask({ ...settings, name: 'parallel' })
  .step('one', async () => null)
  .step('two', async () => null)
  .step('three', async () => null)

test.each([
  { definition: linear, steps: 3, spans: 8 },
  { definition: diamond, steps: 4, spans: 10 },
  { definition: parallel, steps: 3, spans: 8 },
])(
  'a task leaves one connected trace, as the table says: $steps steps, $spans spans',
  async (each) => {
    const host = await traceHost()
    const tasker = await working(database.url, [each.definition])
    const { taskId } = await tasker.tasks.create(each.definition, {
      context: {},
      correlationId: 'c-1',
    })
    const { state } = await tasker.tasks.waitFor(taskId)
    expect(state).toBe('complete')
    const spans = await traceOf(host, tasker, taskId)
    expect(spans).toHaveLength(each.spans)
    for (const [name, { count, parent }] of Object.entries(spansOfTask({ attempts: each.steps }))) {
      const of = named(spans, name)
      expect(of).toHaveLength(count)
      expect(new Set(of.map((span) => parentName(spans, span)))).toEqual(new Set([parent]))
    }
    const shape = each.definition
      .toDraft()
      .steps.map(({ name, dependsOn = [] }) => [name, dependsOn])
    const told = named(spans, spanNames.attempt).map(({ attributes }) => [
      attributes['tasker.step.name'],
      attributes['tasker.step.depends_on'],
    ])
    expect(Object.fromEntries(told)).toEqual(Object.fromEntries(shape))
    for (const span of spans) {
      expect(span.attributes).toMatchObject({
        'tasker.task.id': taskId,
        'tasker.namespace': 'traces',
        'tasker.version': '1.0.0',
        'tasker.correlation_id': 'c-1',
      })
      expect(span.scope).toEqual({ name: 'tasker', version: '0.1.0' })
    }
  },
)

test('attempts last from their claim to their answer, around their handlers; the task from its start to its end', async () => {
  const host = await traceHost()
  const tasker = await working(database.url, [diamond])
  const { taskId } = await tasker.tasks.create(diamond, { context: {} })
  const task = await tasker.tasks.waitFor(taskId)
  const spans = await traceOf(host, tasker, taskId)
  for (const span of spans) expect(span.endNs).toBeGreaterThan(span.startNs)
  for (const handle of named(spans, spanNames.handle)) {
    const attempt = spans.find(({ spanId }) => spanId === handle.parentSpanId)
    expect(handle.startNs).toBeGreaterThanOrEqual(attempt?.startNs ?? 0n)
    expect(handle.endNs).toBeLessThanOrEqual(attempt?.endNs ?? 0n)
  }
  const ends = new Map(named(spans, spanNames.handle).map((span) => [nameOf(span), span]))
  const joined = ends.get('join')?.startNs ?? 0n
  for (const parent of ['left', 'right'])
    expect(ends.get(parent)?.endNs).toBeLessThanOrEqual(joined)
  const [execution] = named(spans, spanNames.execution)
  const msOf = (ns: bigint): number => Math.round(Number(ns / 1000n) / 1000)
  expect(msOf(execution?.startNs ?? 0n)).toBe(task.startedAt?.getTime())
  expect(msOf(execution?.endNs ?? 0n)).toBe(task.endedAt?.getTime())
  expect(execution?.attributes['tasker.task.state']).toBe('complete')
  expect(execution?.status.code).toBe('ok')
})

const nameOf = ({ attributes }: ReceivedSpan): unknown => attributes['tasker.step.name']

test('a task that is created within a span of the host belongs to that trace', async () => {
  const host = await traceHost()
  const tasker = await working(database.url, [linear])
  const taskId = await trace.getTracer('host').startActiveSpan('request', async (span) => {
    const created = await tasker.tasks.create(linear, { context: {} })
    span.end()
    return created.taskId
  })
  await tasker.tasks.waitFor(taskId)
  const spans = await traceOf(host, tasker, taskId)
  expect(spans).toHaveLength(9)
  const [initialize] = named(spans, spanNames.initialize)
  expect(initialize?.kind).toBe('producer')
  expect(initialize && parentName(spans, initialize)).toBe('request')
})

test('calls of a worker are traces of their own, linked to their tasks, and attempts to the call that claimed them', async () => {
  const host = await traceHost()
  const tasker = await working(database.url, [linear], {
    execution: { minConcurrentSteps: 1, maxConcurrentStepsLimit: 100 },
  })
  const asked = Array.from({ length: 40 }, () => ({ definition: linear, context: {} }))
  const tasks = await tasker.tasks.createMany(asked)
  await Promise.all(tasks.map(({ taskId }) => tasker.tasks.waitFor(taskId)))
  await tasker.worker.idle()
  const spans = await host.spans()
  const dispatches = named(spans, spanNames.dispatch)
  const statements = spans.filter(({ name }) => name.startsWith('tasker.sql.'))
  expect(statements).toHaveLength(dispatches.length)
  expect(new Set(statements.map(({ parentSpanId }) => parentSpanId))).toEqual(
    new Set(dispatches.map(({ spanId }) => spanId)),
  )
  expect(statements[0]).toMatchObject({
    name: 'tasker.sql.finish_steps',
    kind: 'client',
    attributes: { 'db.system.name': 'postgresql', 'db.operation.name': 'finish_steps' },
  })
  const roots = new Set(named(spans, spanNames.initialize).map(({ spanId }) => spanId))
  for (const { parentSpanId, links, attributes } of dispatches) {
    expect(parentSpanId).toBeNull()
    expect(links.length).toBeGreaterThan(0)
    expect(links.length).toBeLessThanOrEqual(dispatchLinksMax)
    expect(links.every(({ spanId }) => roots.has(spanId))).toBe(true)
    const { 'tasker.dispatch.outcomes': outcomes, 'tasker.dispatch.claims': claims } = attributes
    expect(Number(outcomes) + Number(claims)).toBeGreaterThan(0)
  }
  expect(Math.max(...dispatches.map(({ links }) => links.length))).toBe(dispatchLinksMax)
  const calls = new Set(dispatches.map(({ spanId }) => spanId))
  const attempts = named(spans, spanNames.attempt)
  expect(attempts).toHaveLength(120)
  for (const { links, kind } of attempts) {
    expect(kind).toBe('consumer')
    expect(links.map(({ spanId }) => calls.has(spanId))).toEqual([true])
  }
})

test('retries, waits and failures are to be seen: an attempt each, with its outcome', async () => {
  const host = await traceHost()
  const eventful = defineTask({ ...settings, name: 'eventful' })
    .step('flaky', async ({ attempt }) => {
      if (attempt === 1) throw new RetryableError('not yet, password=hunter2x', { afterMs: 0 })
      return null
    })
    .step('waits', async ({ claimNo, waitUntil }) =>
      claimNo === 1 ? waitUntil(new Date(0), 'approval') : null,
    )
    .step('fails', { dependsOn: ['flaky', 'waits'] }, async () => {
      throw new PermanentError('never', { code: 'NEVER' })
    })
  const tasker = await working(database.url, [eventful])
  const { taskId } = await tasker.tasks.create(eventful, { context: {} })
  await tasker.tasks.waitFor(taskId)
  const spans = await traceOf(host, tasker, taskId)
  expect(outcomesOf(spans, 'flaky')).toEqual(['failed', 'complete'])
  expect(outcomesOf(spans, 'waits')).toEqual(['waiting', 'complete'])
  expect(outcomesOf(spans, 'fails')).toEqual(['failed'])
  const [failed, again] = attemptsOf(spans, 'flaky')
  expect(failed?.status).toEqual({ code: 'error', message: 'RetryableError' })
  expect(failed?.events.map(({ name }) => name)).toEqual(['exception', 'step.retry_requested'])
  expect(failed?.events[0]?.attributes).toEqual({
    'exception.type': 'RetryableError',
    'exception.message': 'not yet, password=[FILTERED]',
  })
  expect(failed?.attributes).toMatchObject({
    'tasker.step.attempt': 1,
    'tasker.step.is_retried': true,
  })
  expect(failed?.attributes['tasker.step.run_at']).toMatch(/^20\d\d-/)
  expect(again?.attributes['tasker.step.attempt']).toBe(2)
  const [waiting] = attemptsOf(spans, 'waits')
  expect(waiting?.status.code).toBe('unset')
  expect(waiting?.attributes['tasker.step.wait_reason']).toBe('approval')
  const [execution] = named(spans, spanNames.execution)
  expect(execution?.status.code).toBe('error')
  expect(named(spans, spanNames.handle)).toHaveLength(5)
})

test('a task that failed and was retried has a span for each end; one that was ended by hand has one too', async () => {
  const host = await traceHost()
  const mended = defineTask({ ...settings, name: 'mended' }).step('only', async ({ claimNo }) => {
    if (claimNo === 1) throw new PermanentError('once', { code: 'ONCE' })
    return null
  })
  const tasker = await working(database.url, [mended])
  const first = await tasker.tasks.create(mended, { context: {} })
  await tasker.tasks.waitFor(first.taskId)
  await tasker.tasks.retry(first.taskId)
  await tasker.tasks.waitFor(first.taskId)
  const second = await tasker.tasks.create(mended, { context: {} })
  await tasker.tasks.waitFor(second.taskId)
  await tasker.tasks.resolve(second.taskId)
  const third = await tasker.tasks.create(mended, { context: {} })
  await tasker.tasks.waitFor(third.taskId)
  const fourth = await tasker.tasks.rerun(third.taskId)
  await tasker.tasks.waitFor(fourth.taskId ?? '')
  await tasker.close()
  const states = async (taskId: string): Promise<unknown> =>
    named(await traceOf(host, tasker, taskId), spanNames.execution).map(
      ({ attributes }) => attributes['tasker.task.state'],
    )
  await expect(states(first.taskId)).resolves.toEqual(['error', 'complete'])
  await expect(states(second.taskId)).resolves.toEqual(['error', 'resolved_manually'])
  const rerun = await traceOf(host, tasker, fourth.taskId ?? '')
  expect(rerun[0]?.attributes['tasker.task.id']).not.toBe(third.taskId)
  expect(named(rerun, spanNames.initialize)[0]?.attributes['tasker.task.rerun_of']).toBe(
    third.taskId,
  )
})

test('attempts that are called off or left behind end too, with their handlers', async () => {
  const host = await traceHost()
  const begun = Promise.withResolvers<void>()
  const hanging = defineTask({ ...settings, name: 'hanging' }).step('only', async () => {
    begun.resolve()
    return new Promise<never>(() => undefined)
  })
  const late = defineTask({ ...settings, name: 'late' }).step(
    'only',
    { timeoutMs: 5, retry: { limit: 1 } },
    async () => new Promise<never>(() => undefined),
  )
  const tasker = await working(database.url, [hanging, late])
  const cancelled = await tasker.tasks.create(hanging, { context: {} })
  await begun.promise
  await tasker.tasks.cancel(cancelled.taskId)
  const timedOut = await tasker.tasks.create(late, { context: {} })
  await tasker.tasks.waitFor(timedOut.taskId)
  const seen = async (taskId: string): Promise<unknown> => {
    const spans = await traceOf(host, tasker, taskId)
    const state = named(spans, spanNames.execution)[0]?.attributes['tasker.task.state']
    return [state, ...outcomesOf(spans, 'only'), named(spans, spanNames.handle).length]
  }
  await expect(seen(cancelled.taskId)).resolves.toEqual(['cancelled', 'refused', 1])
  await expect(seen(timedOut.taskId)).resolves.toEqual(['error', 'failed', 1])
})

test('spans of the handler and its requests stand inside it, and who is called continues the trace', async () => {
  const host = await traceHost()
  const system = await otherSystem(() => ({ status: 503 }))
  const calling = defineTask({ ...settings, name: 'calling' }).step('only', async ({ http }) => {
    await trace.getTracer('host').startActiveSpan('own work', async (span) => {
      await http.get(`${system.url}/orders/7?token=hidden-in-query`)
      span.end()
    })
    return null
  })
  const tasker = await working(database.url, [calling], loopback)
  const { taskId } = await tasker.tasks.create(calling, { context: {} })
  await tasker.tasks.waitFor(taskId)
  const spans = await traceOf(host, tasker, taskId)
  const own = spans.find(({ name }) => name === 'own work')
  expect(own && parentName(spans, own)).toBe(spanNames.handle)
  const request = spans.find(({ name }) => name === 'HTTP GET')
  expect(request && parentName(spans, request)).toBe('own work')
  expect(request).toMatchObject({ kind: 'client', status: { code: 'error' } })
  expect(request?.attributes).toEqual({
    'http.request.method': 'GET',
    'http.response.status_code': 503,
    'error.type': '503',
    'server.address': '127.0.0.1',
    'server.port': Number(new URL(system.url).port),
    'url.scheme': 'http',
    'url.path': '/orders/7',
  })
  expect(system.asked[0]?.headers['traceparent']).toBe(
    `00-${request?.traceId}-${request?.spanId}-01`,
  )
})
