// `tasker validate jaeger`, against a server that stands in for Jaeger: what it says of traces that arrive, and of each way
// in which they do not. The traces are made by hand, for the tasks that the command created.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { trace } from '@opentelemetry/api'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { createTasker, type Tasker } from '@tasker/engine'
import { cloneDatabase } from '../../engine/test/support/database.ts'
import { validateJaeger, type ValidateJaegerOptions } from '../src/commands/validate-jaeger.ts'
import { main } from '../src/main.ts'
import type { SpanRecord } from '../src/validation/span-record.ts'
import { planRuns } from '../src/validation/workflows.ts'
import { standInForJaeger } from './jaeger-stand-in.ts'
import { runCli } from './run-cli.ts'
import { diamondRun, traceOf } from './trace-of-run.ts'
import { freePort, serve, validated, type Validated } from './validate-in-process.ts'

let folder: string
let instrumentation: string

/** What an application loads to set up its tracing: a provider of its own making is enough to be found by. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tasker-traced-'))
  instrumentation = join(folder, 'instrumentation.mjs')
  const api = pathToFileURL(createRequire(import.meta.url).resolve('@opentelemetry/api')).href
  await writeFile(
    instrumentation,
    `import * as api from '${api}'
     const none = new api.ProxyTracerProvider()
     class ApplicationProvider {
       getTracer(name) { return none.getTracer(name) }
     }
     api.trace.setGlobalTracerProvider(new ApplicationProvider())`,
  )
  return async () => {
    trace.disable() // test files share a process
    await rm(folder, { recursive: true, force: true })
  }
})

const validate = (database: string, options: Partial<ValidateJaegerOptions>): Promise<Validated> =>
  validated(database, (context) =>
    validateJaeger(context, { timeout: 1, import: instrumentation, ...options }),
  )

interface SetUp {
  readonly database: string
  readonly url: string
  readonly tasker: Tasker
}

/** A database, and what stands in for Jaeger: it has a right trace of every task, spoiled as asked. */
async function setUp(
  spoil: (spans: readonly SpanRecord[], context: unknown) => readonly SpanRecord[] = (spans) =>
    spans,
): Promise<SetUp> {
  const { url: database } = await cloneDatabase()
  const tasker = await createTasker({ database })
  onTestFinished(() => tasker.close())
  const { url, spans } = await standInForJaeger({
    async spansOf(taskId) {
      const { name, context, correlationId } = await tasker.tasks.get(taskId)
      const { runs } = planRuns()
      const planned = runs.find((run) => run.name === name) ?? diamondRun
      const done = { state: 'complete', attempts: planned.steps.length, open: [], workers: [] }
      const no = runs.findIndex((run) => run.name === name) + 1
      const run = { ...planned, ...done, taskId, correlationId: correlationId ?? '' }
      return spoil(traceOf(run, no).spans, context)
    },
  })
  spans.push(...traceOf(diamondRun, 9).spans) // of an earlier time
  return { database, url, tasker }
}

test('traces that arrive whole and right pass every check, and the tasks are gone afterwards', async () => {
  const { database, url, tasker } = await setUp()
  const report = await validate(database, { url })
  expect({ faults: report.faults, notMade: report.notMade }).toEqual({ faults: '', notMade: [] })
  expect(report.exitCode).toBe(0)
  expect(report.checks).toHaveLength(17)
  expect(report.checks.find(({ name }) => name === 'set-up')?.details.seen).toBe(
    'ApplicationProvider',
  )
  expect((await tasker.tasks.find()).tasks).toEqual([])
})

test('traces that never arrive are waited for until the time is over', async () => {
  const { database, url } = await setUp(() => [])
  const report = await validate(database, { url })
  expect({ exitCode: report.exitCode, failed: report.failed }).toEqual({
    exitCode: 1,
    failed: ['collection'],
  })
  expect(report.faults).toMatch(/^linear: the task .* has no trace\.$/m)
  expect(report.recommendations.join()).toContain('OTEL_EXPORTER_OTLP_ENDPOINT')
  expect(report.notMade).toContain('root')
})

test('what is wrong in a trace is found out where it is, and a secret wherever it is', async () => {
  const { database, url } = await setUp((spans, context) =>
    spans
      .filter(
        ({ name, attributes }) =>
          name !== 'tasker.step.handle' || attributes['tasker.step.name'] !== 'process_2',
      )
      .map((span) => ({
        ...span,
        events: [{ name: 'log', attributes: { body: JSON.stringify(context) } }],
      })),
  )
  const report = await validate(database, { url })
  expect(report.failed).toEqual(['counts', 'overlap', 'secrets'])
  expect(report.faults).toMatch(/^parallel: 2 spans tasker\.step\.handle, not 3\.$/m)
  expect(report.faults).toMatch(/tells a value of a context/)
})

test('a service that is named otherwise is found out, with the names there are', async () => {
  const { database, url } = await setUp()
  const report = await validate(database, { url, service: 'shop' })
  expect(report.failed).toEqual(['service'])
  expect(report.faults).toBe('Jaeger knows no service shop; it knows tasker.')
})

test('a Jaeger that cannot be reached ends it with 2, and nothing is run', async () => {
  const url = `http://127.0.0.1:${await freePort()}`
  const report = await validate('postgres://nowhere', { url })
  const { exitCode, failed, workflows } = report
  expect({ exitCode, failed, workflows }).toEqual({
    exitCode: 2,
    failed: ['jaeger'],
    workflows: [],
  })
  expect(report.faults).toMatch(/^Jaeger cannot be reached at http:.*ECONNREFUSED/)
})

test('something else than Jaeger at its address ends it with 2', async () => {
  const url = await serve((_request, response) => response.end('<html>'))
  const report = await validate('postgres://nowhere', { url })
  expect(report.exitCode).toBe(2)
  expect(report.faults).toBe('Jaeger is not at this address: it answers with 200: <html>.')
})

test('an OTLP endpoint alone: it takes a span, and that is said to be all there is to see', async () => {
  const { url, spans } = await standInForJaeger()
  const report = await validate('postgres://nowhere', { otlpUrl: url, service: 'shop' })
  expect({ faults: report.faults, exitCode: report.exitCode }).toEqual({ faults: '', exitCode: 0 })
  expect(report.checks.map(({ name }) => name)).toEqual(['otlp endpoint', 'set-up'])
  expect(report.notes.join()).toContain('tells nothing back')
  expect(spans).toMatchObject([{ name: 'tasker.validation.probe', service: 'shop' }])
})

test('an OTLP endpoint that refuses, in part or at all, is found out', async () => {
  const partly = await serve((_request, response) =>
    response.end('{"partialSuccess":{"rejectedSpans":"1","errorMessage":"quota"}}'),
  )
  const not = await serve((_request, response) => response.writeHead(401).end('who are you?'))
  const inPart = await validate('postgres://nowhere', { otlpUrl: partly })
  const refused = await validate('postgres://nowhere', { otlpUrl: not })
  expect(inPart.faults).toContain('/v1/traces refused the span: quota.')
  expect(refused.faults).toContain('/v1/traces: it answers with 401: who are you?.')
  expect([inPart.exitCode, refused.exitCode]).toEqual([1, 1])
})

test('a project without OpenTelemetry is told what is missing; traces is another name', async () => {
  const { url } = await standInForJaeger()
  const { exitCode, stdout } = await runCli(['validate', 'traces', '--url', url], { cwd: folder })
  expect(exitCode).toBe(1)
  expect(stdout).toContain('The package @opentelemetry/api is not installed in this project.')
  expect(stdout).toContain('--import ./tracing.ts')
  expect(stdout).toContain('not made: database, workflows')
})

test('wrong use ends it with 64', async () => {
  const command = ['validate', 'jaeger']
  expect(await main([...command, '--fast'])).toBe(64)
  expect(await main([...command, '--otlp-url', 'collector:4318'])).toBe(64)
  expect(await main([...command, '--import', './not-there.ts'])).toBe(64)
})
