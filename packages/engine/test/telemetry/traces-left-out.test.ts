// What is not traced: tasks that are not sampled, that nobody asks for, or that nobody hears of; and what stands in no span:
// contexts, results, secrets.
import { context, propagation, trace, TraceFlags } from '@opentelemetry/api'
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
} from '@opentelemetry/sdk-trace-node'
import { expect, onTestFinished, test } from 'vitest'
import { defineTask } from '../../src/definitions/builder.ts'
import { RetryableError } from '../../src/errors.ts'
import { silentLogger, type Logger } from '../../src/log.ts'
import { databaseForFile } from '../support/database.ts'
import { loopback, otherSystem } from '../http-step/other-system.ts'
import { traceHost } from './host-tracing.ts'
import { linear, settings, traceOf, working } from './traced-tasker.ts'

const database = databaseForFile()

const off = new ParentBasedSampler({ root: new AlwaysOffSampler() })

test.each([
  {
    why: 'its caller is not sampled',
    sampler: new ParentBasedSampler({ root: new AlwaysOnSampler() }),
  },
  { why: 'the sampler of the host says no', sampler: off },
])('a task leaves no spans when $why, and whom it calls is told so', async ({ sampler }) => {
  const host = await traceHost({ sampler })
  const system = await otherSystem()
  let flags: number | undefined
  const quiet = defineTask({ ...settings, name: 'quiet' }).step('only', async ({ http }) => {
    flags = trace.getSpanContext(context.active())?.traceFlags
    await http.get(system.url)
    return null
  })
  const tasker = await working(database.url, [quiet], loopback)
  const caller = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: TraceFlags.NONE }
  const around = sampler === off ? context.active() : trace.setSpanContext(context.active(), caller)
  const { taskId } = await context.with(around, () => tasker.tasks.create(quiet, { context: {} }))
  await tasker.tasks.waitFor(taskId)
  await tasker.close()
  await expect(host.spans()).resolves.toEqual([])
  expect(flags).toBe(TraceFlags.NONE)
  expect(system.asked[0]?.headers['traceparent']).toMatch(
    sampler === off
      ? /^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/
      : `00-${caller.traceId}-${caller.spanId}-00`,
  )
})

test.each([
  { why: 'telemetry is switched off', telemetry: { enabled: false } },
  { why: 'no event is told to traces', telemetry: { filteredEvents: ['*'] } },
  { why: 'no task is in the sample', telemetry: { eventSamplingRate: 0 } },
])('nothing of a task is traced when $why', async ({ telemetry }) => {
  const host = await traceHost()
  const tasker = await working(database.url, [linear], { telemetry })
  const { taskId } = await tasker.tasks.create(linear, { context: {} })
  await tasker.tasks.waitFor(taskId)
  await tasker.close()
  await expect(host.spans()).resolves.toEqual([])
})

test('while no provider is registered nothing is made, and nothing is stored', async () => {
  const tasker = await working(database.url, [linear])
  const { taskId } = await tasker.tasks.create(linear, { context: {} })
  await tasker.tasks.waitFor(taskId)
  const host = await traceHost()
  // Registered later, it is found; the task before it has no trace.
  const later = await tasker.tasks.create(linear, { context: {} })
  await tasker.tasks.waitFor(later.taskId)
  await expect(traceOf(host, tasker, taskId)).resolves.toEqual([])
  await expect(traceOf(host, tasker, later.taskId)).resolves.toHaveLength(8)
})

test('a provider that throws stops neither tasks nor steps, and is reported once', async () => {
  const fails = (): never => {
    throw new Error('a broken provider')
  }
  trace.setGlobalTracerProvider({
    getTracer: () => ({ startSpan: fails, startActiveSpan: fails }),
  })
  onTestFinished(() => trace.disable())
  const warned: string[] = []
  const logger: Logger = { ...silentLogger, warn: (_fields, message) => void warned.push(message) }
  const tasker = await working(database.url, [linear], { logger })
  const { taskId } = await tasker.tasks.create(linear, { context: {} })
  const { state } = await tasker.tasks.waitFor(taskId)
  expect(state).toBe('complete')
  expect(warned).toEqual(['tracing failed; spans may be missing'])
})

test('nothing of contexts, results and secrets is exported', async () => {
  const host = await traceHost()
  const marker = 'sk-marker-8c1f'
  const system = await otherSystem(() => ({ body: { marker } }))
  const guarded = defineTask({ ...settings, name: 'guarded' })
    .step('first', async ({ http, secret, context: given }) => {
      const key = await secret('KEY')
      const { body } = await http.post(`${system.url}/${key}?key=${key}`, given, {
        headers: { authorization: `Bearer ${key}` },
      })
      return { body, key }
    })
    .step('second', { dependsOn: ['first'] }, async ({ secret, attempt }) => {
      const key = await secret('KEY')
      if (attempt === 1) throw new RetryableError(`refused: ${key}`, { afterMs: 0 })
      return { key }
    })
  const tasker = await working(database.url, [guarded], {
    ...loopback,
    secrets: async () => marker,
  })
  const { taskId } = await tasker.tasks.create(guarded, { context: { marker, nested: { marker } } })
  const { state } = await tasker.tasks.waitFor(taskId)
  expect(state).toBe('complete')
  const spans = await traceOf(host, tasker, taskId)
  expect(spans.length).toBeGreaterThan(8)
  await expect(host.bytes()).resolves.not.toContain(marker)
})

test('a propagator that throws stops no request, of what is recorded and of what is not', async () => {
  const other = await otherSystem()
  const calling = defineTask({ ...settings, name: 'hindered' }).step(
    'call',
    async ({ http }) => (await http.get(other.url)).status,
  )
  for (const sampler of [new AlwaysOnSampler(), new AlwaysOffSampler()]) {
    await traceHost({ sampler })
    propagation.disable()
    propagation.setGlobalPropagator({
      inject: () => {
        throw new Error('a defect of the host')
      },
      extract: (from) => from,
      fields: () => [],
    })
    const tasker = await working(database.url, [calling], loopback)
    const { taskId } = await tasker.tasks.create(calling, { context: {} })
    await expect(tasker.tasks.waitFor(taskId)).resolves.toMatchObject({ state: 'complete' })
    await tasker.close()
  }
})
