// How a set-up of OpenTelemetry is diagnosed, and that the validator's own sends spans.
import { tmpdir } from 'node:os'
import { context, propagation, trace } from '@opentelemetry/api'
import { expect, onTestFinished, test } from 'vitest'
import { openTracing, tracingFinding, type TracingFacts } from '../src/validation/tracing-setup.ts'
import { standInForJaeger } from './jaeger-stand-in.ts'
import { root } from './run-cli.ts'
import { freePort } from './validate-in-process.ts'

const facts: TracingFacts = {
  hasApi: true,
  provider: 'NodeTracerProvider',
  isOwn: false,
  exporters: ['OTLPTraceExporter'],
  sampler: 'ParentBased{root=AlwaysOnSampler}',
  service: 'shop',
  variables: { OTEL_SERVICE_NAME: 'shop' },
  missing: [],
}
const findingOf = (change: Partial<TracingFacts>): ReturnType<typeof tracingFinding> =>
  tracingFinding({ ...facts, ...change })

test('a set-up that traces says of what it is made', () => {
  expect(findingOf({})).toMatchObject({
    faults: [],
    seen: 'NodeTracerProvider; service shop; exporter OTLPTraceExporter; sampler ParentBased{root=AlwaysOnSampler}',
    more: ['OTEL_SERVICE_NAME=shop'],
  })
  expect(findingOf({ isOwn: true }).seen).toContain('your application registers none here')
})

test.for<readonly [change: Partial<TracingFacts>, fault: string]>([
  [
    { hasApi: false, provider: null },
    'The package @opentelemetry/api is not installed in this project.',
  ],
  [{ provider: null }, 'No tracer provider is registered in this process.'],
  [{ sampler: 'AlwaysOffSampler' }, 'The sampler AlwaysOffSampler samples nothing.'],
  [
    { sampler: 'ParentBased{root=AlwaysOffSampler}' },
    'The sampler ParentBased{root=AlwaysOffSampler} samples nothing.',
  ],
  [{ variables: { OTEL_SDK_DISABLED: 'true' } }, 'OTEL_SDK_DISABLED switches the SDK off.'],
  [
    { variables: { OTEL_TRACES_EXPORTER: 'none' } },
    'OTEL_TRACES_EXPORTER is none: nothing is exported.',
  ],
])('%o', ([change, fault]) => {
  expect(findingOf(change).faults).toEqual([fault])
})

test('telemetry that is switched off traces nothing', () => {
  expect(tracingFinding(facts, { isEnabled: false }).faults).toEqual([
    'telemetry.enabled is false: nothing is traced.',
  ])
})

test('what could be registered here and is missing is named', () => {
  const missing = ['@opentelemetry/sdk-trace-node']
  expect(findingOf({ provider: null, missing }).remedy).toContain(
    'Or install @opentelemetry/sdk-trace-node.',
  )
})

test('a project without the packages has nothing, and nothing is registered', async () => {
  const env = { OTEL_EXPORTER_OTLP_HEADERS: 'api-key=hunter2', OTEL_SERVICE_NAME: 'shop' }
  const wanted = { folder: tmpdir(), env, service: 'shop', otlpUrl: null }
  const tracing = await openTracing(wanted)
  expect(tracing.facts).toMatchObject({ hasApi: false, provider: null, isOwn: false })
  expect(tracing.facts.variables).toEqual({
    OTEL_EXPORTER_OTLP_HEADERS: '***',
    OTEL_SERVICE_NAME: 'shop',
  })
})

test('where nobody has registered a provider, and its packages are there, one is: it sends', async () => {
  // Test files share a process.
  onTestFinished(() => {
    trace.disable()
    context.disable()
    propagation.disable()
  })
  const { url, spans } = await standInForJaeger()
  const wanted = { folder: root, env: {}, service: 'shop', otlpUrl: url }
  const tracing = await openTracing(wanted)
  expect(tracing.facts).toMatchObject({
    provider: 'NodeTracerProvider',
    isOwn: true,
    service: 'shop',
    exporters: ['OTLPTraceExporter'],
    sampler: 'ParentBased{root=AlwaysOnSampler}',
  })
  const span = trace.getTracer('test').startSpan('sent', { attributes: { list: ['a'], no: 1 } })
  span.end()
  await tracing.flush()
  expect(spans).toMatchObject([
    { name: 'sent', service: 'shop', parentId: null, attributes: { list: ['a'], no: 1 } },
  ])
  // Who comes later finds it registered.
  const again = await openTracing({ ...wanted, otlpUrl: `http://127.0.0.1:${await freePort()}` })
  expect(again.facts).toMatchObject({ provider: 'NodeTracerProvider', isOwn: false })
})
