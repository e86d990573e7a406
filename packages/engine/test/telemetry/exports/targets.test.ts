// Where exports go: files, HTTP, pushgateways, remote write, collectors of OTLP and exporters that deliver by themselves; what is
// said of each, and of what cannot be exported. Prometheus and a pushgateway themselves: packages/cli/test/exports.test.ts.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import { resolveConfig, type TaskerOptionsInput } from '../../../src/config.ts'
import { describeConfig } from '../../../src/config/describe.ts'
import type { Exporter } from '../../../src/telemetry/exports/exporter.ts'
import type { TaskerOptions } from '../../../src/tasker-options.ts'
import { stage, type Stage, type StageOptions } from '../../scenarios/stage.ts'
import { databaseForFile } from '../../support/database.ts'
import { startEndpoint } from './endpoint.ts'

const database = databaseForFile()
type Telemetry = NonNullable<TaskerOptions['telemetry']>

const opened = (
  exports: Telemetry['exports'],
  more: Partial<StageOptions> = {},
  prometheus: Telemetry['prometheus'] = {},
): Promise<Stage> =>
  stage(database.url, {
    metrics: true,
    isWorking: false,
    ...more,
    telemetry: { exports, prometheus },
  })

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'tasker-exports-'))
  onTestFinished(() => rm(made, { recursive: true, force: true }))
  return made
}

test('a format goes to a file of its own; a path is always the same file, never half of it', async () => {
  const storageRoot = join(await folder(), 'made', 'here')
  const { tasker, clock } = await opened({
    storageRoot,
    targets: { node: { to: 'file', format: 'prometheus', path: 'tasker.prom' } },
  })
  const first = await tasker.exports.exportNow({ format: 'JSON' })
  expect(first).toMatchObject({ target: 'file:json', outcome: 'done', scope: 'process' })
  expect(first.destination).toMatch(/\/metrics_export_[\w-]+_20300101_000000_[0-9a-f]{8}\.json$/)
  const second = await tasker.exports.exportNow({ format: 'json' })
  expect(second.destination).not.toBe(first.destination)
  const body = await readFile(first.destination ?? '')
  expect(body.byteLength).toBe(first.bytes)
  await tasker.exports.exportNow({ target: 'node' })
  await clock.advance(60_000)
  const again = await tasker.exports.exportNow({ target: 'node' })
  expect(again.destination).toBe(join(storageRoot, 'tasker.prom'))
  expect((await readdir(storageRoot)).toSorted()).toHaveLength(3)
  await expect(readFile(again.destination ?? '', 'utf8')).resolves.toContain('# TYPE tasker_')
})

test('what is ordered is exported at its time, by whichever worker there is', async () => {
  const storageRoot = await folder()
  const { tasker, clock, events } = await opened(
    { enabled: true, storageRoot },
    { isWorking: true },
  )
  const order = await tasker.exports.schedule({ format: 'json' })
  expect(order.dueAt.getTime() - clock.nowMs()).toBe(240_000)
  await expect(tasker.exports.status()).resolves.toMatchObject({
    ordered: [{ exportId: order.exportId, target: 'file:json' }],
  })
  await clock.advance(235_000)
  await clock.advance(5_000)
  const completed = await events.until('telemetry.export_completed')
  expect(completed).toMatchObject({ exportId: order.exportId, outcome: 'done' })
  expect(await readdir(storageRoot)).toHaveLength(1)
  expect((await tasker.exports.status()).ordered).toEqual([])
})

test('after so many updates an export is due, and then after as many again', async () => {
  const endpoint = await startEndpoint()
  const { tasker, clock, events } = await opened(
    {
      enabled: true,
      targets: { often: { to: 'http', format: 'prometheus', url: endpoint.url, threshold: 10 } },
    },
    { isWorking: true },
  )
  const answer = (): void =>
    tasker.metrics.answered({ operation: 'listTasks', status: 200, seconds: 0.01 })
  const look = async (): Promise<void> => {
    await clock.advance(5_000)
  }
  await expect
    .poll(async () => {
      await look()
      return (await tasker.exports.status()).targets[0]?.lastOutcome
    })
    .toBe(null)
  for (let count = 0; count < 9; count += 1) answer()
  await look()
  expect(endpoint.taken).toHaveLength(0)
  answer()
  await look()
  await endpoint.arrived(1)
  await events.until('telemetry.export_completed')
  await look()
  expect(endpoint.taken).toHaveLength(1)
})

test('HTTP gets the body, packed when wanted, with headers and credentials', async () => {
  const endpoint = await startEndpoint()
  const { tasker } = await opened({
    targets: {
      web: {
        to: 'http',
        format: 'prometheus',
        url: `${endpoint.url.replace('//', '//ada:p%40ss@')}/in?token=abc`,
        method: 'PUT',
        headers: { 'x-team': 'ops' },
        compression: 'gzip',
      },
    },
  })
  const report = await tasker.exports.exportNow({ target: 'web' })
  const [request] = endpoint.taken
  expect(report).toMatchObject({ outcome: 'done', bytes: request?.body.byteLength })
  expect(report.destination).toBe(`${endpoint.url}/in?token=***`)
  expect(request).toMatchObject({ method: 'PUT', path: '/in?token=abc' })
  expect(request?.headers).toMatchObject({
    authorization: `Basic ${Buffer.from('ada:p@ss').toString('base64')}`,
    'content-encoding': 'gzip',
    'x-team': 'ops',
  })
  expect(gunzipSync(request?.body ?? '').toString()).toContain('tasker_build_info')
})

test('remote write sends batches; those that are refused are dropped and counted', async () => {
  const endpoint = await startEndpoint([{ status: 400, body: 'out of bounds' }, { status: 204 }])
  const { tasker } = await opened(
    {},
    {},
    { endpoint: endpoint.url, username: 'ada', password: 's3cret', batchSize: 20 },
  )
  const report = await tasker.exports.exportNow({ target: 'prometheus' })
  expect(report).toMatchObject({ outcome: 'done', droppedCount: 20, format: 'remote_write' })
  expect(report.fault).toContain('out of bounds')
  expect(endpoint.taken).toHaveLength(Math.ceil(report.seriesCount / 20))
  expect(endpoint.taken[0]?.headers).toMatchObject({
    'content-type': 'application/x-protobuf',
    'content-encoding': 'snappy',
    'x-prometheus-remote-write-version': '0.1.0',
    authorization: `Basic ${Buffer.from('ada:s3cret').toString('base64')}`,
  })
})

test('a collector of OTLP gets its request at its path', async () => {
  const endpoint = await startEndpoint([{ status: 200 }])
  const { tasker } = await opened({ targets: { otel: { to: 'otlp', url: endpoint.url } } })
  const report = await tasker.exports.exportNow({ target: 'otel' })
  expect(report).toMatchObject({ outcome: 'done', destination: `${endpoint.url}/v1/metrics` })
  const [request] = endpoint.taken
  expect(request).toMatchObject({ method: 'POST', path: '/v1/metrics' })
  expect(request?.headers['content-type']).toBe('application/json')
  expect(JSON.parse(String(request?.body))).toHaveProperty('resourceMetrics')
})

test('an exporter that delivers by itself is asked alone, and hears of the beginning and the end', async () => {
  const heard: string[] = []
  const own: Exporter = {
    name: 'statsd',
    formats: ['lines'],
    export: (data, { options }) => {
      heard.push(`${data.families.length > 10} ${String(options['host'])}`)
      return null
    },
    onExportRequest: ({ target }) => void heard.push(`requested ${target}`),
    onExportComplete: ({ outcome }) => void heard.push(`ended ${outcome}`),
  }
  const { tasker } = await opened(
    {
      targets: {
        own: { to: 'exporter', exporter: 'statsd', format: 'lines', options: { host: 'here' } },
        none: { to: 'exporter', exporter: 'gone', format: 'lines' },
      },
    },
    { exporters: [own] },
  )
  const report = await tasker.exports.exportNow({ target: 'own' })
  expect(report).toMatchObject({ outcome: 'done', destination: null, bytes: 0 })
  expect(heard).toEqual(['requested own', 'true here', 'ended done'])
  await expect(tasker.exports.exportNow({ target: 'none' })).resolves.toMatchObject({
    outcome: 'failed',
    fault: expect.stringContaining('No exporter "gone"') as string,
  })
})

test('what there is not is refused, with what there is', async () => {
  const { tasker } = await opened({ targets: { web: { to: 'otlp', url: 'http://localhost' } } })
  await expect(tasker.exports.exportNow({ format: 'xml' })).rejects.toThrow(
    /There is no exporter of "xml"; formats are .*json.*prometheus/,
  )
  await expect(tasker.exports.schedule({ target: 'wob' })).rejects.toThrow(
    'there is no target "wob"; targets are web',
  )
  await expect(tasker.exports.schedule({ target: 'web', inMs: -1 })).rejects.toThrow('inMs')
})

test('every fault of a target is named, and no secret is printed', () => {
  const targets = {
    a: {
      to: 'http',
      format: 'json',
      url: 'http://x/',
      password: 'hunter2',
      every: 1,
      threshold: 2,
    },
    b: { to: 'ftp', password: 'hunter2' },
    'c/..': { to: 'file', format: 'json' },
    d: { to: 'pushgateway', url: 'gateway', every: 0, password: 7 },
  }
  // A cast: it is what somebody who has no compiler may give.
  const given = { telemetry: { exports: { targets } } } as unknown as TaskerOptionsInput
  let said = ''
  try {
    resolveConfig({ code: given, env: {} })
  } catch (error) {
    said = String(error)
  }
  for (const place of [
    'a.threshold',
    'a.username',
    'b.to',
    'c/..',
    'd.url',
    'd.every',
    'd.password',
  ]) {
    expect(said).toContain(`telemetry.exports.targets.${place}: `)
  }
  expect(said).not.toContain('hunter2')
})

test('printed configuration hides what is secret in a target', () => {
  const target = {
    to: 'http',
    format: 'json',
    url: 'http://u:pw1@x/',
    headers: { 'x-api-key': 'pw2' },
  } as const
  const resolved = resolveConfig({
    code: {
      telemetry: { exports: { targets: { web: { ...target, username: 'u', password: 'pw3' } } } },
    },
    env: {},
  })
  const printed = JSON.stringify(describeConfig(resolved))
  expect(printed).toContain('http://u:***@x/')
  expect(printed).not.toMatch(/pw[123]/)
})
