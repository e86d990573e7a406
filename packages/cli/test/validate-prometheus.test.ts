// `tasker validate prometheus` against a real Prometheus: what it says of a set-up that delivers, and of each way in which
// one does not.
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { createTasker, defineTask, type Tasker } from '@tasker/engine'
import { cloneDatabase } from '../../engine/test/support/database.ts'
import {
  validatePrometheus,
  type ValidatePrometheusOptions,
} from '../src/commands/validate-prometheus.ts'
import { validationDefinitions } from '../src/index.ts'
import { main } from '../src/main.ts'
import { prometheusApi } from '../src/validation/prometheus-api.ts'
import { hasPrometheus, openPrometheus, type OpenPrometheus } from './prometheus.ts'
import { runCli } from './run-cli.ts'
import { freePort, openServer, serve, validated, type Validated } from './validate-in-process.ts'

const own = defineTask({ namespace: 'own', name: 'greet' }).step('say', async () => 'Hello')
const text = { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }

const validate = (
  database: string,
  options: Partial<ValidatePrometheusOptions>,
): Promise<Validated> =>
  validated(database, (context) => validatePrometheus(context, { timeout: 20, ...options }))

describe.runIf(hasPrometheus)('with a Prometheus', () => {
  let ownPort: number
  let prometheus: OpenPrometheus
  /** Of an application whose worker serves the workflows. */
  let app: Tasker
  let appUrl: string
  let appDatabase: string
  let staleText: string
  const closing: (() => unknown)[] = []

  beforeAll(async () => {
    const [database, port, stale] = await Promise.all([
      cloneDatabase(),
      freePort(),
      openServer((_request, response) => response.writeHead(200, text).end(staleText)),
    ])
    ownPort = port
    appDatabase = database.url
    app = await createTasker({
      database: appDatabase,
      definitions: validationDefinitions,
      metrics: true,
    })
    appUrl = (await app.metrics.listen()).url
    staleText = await app.metrics.text()
    prometheus = await openPrometheus({
      own: [`127.0.0.1:${ownPort}`],
      app: [new URL(appUrl).host],
      stale: [`127.0.0.1:${stale.port}`],
    })
    closing.push(
      () => app.close(),
      () => prometheus.close(),
      () => stale.close(),
    )
    await app.worker.start()
  })
  afterAll(async () => {
    for (const close of closing) await close()
  })

  test('a worker in the command: every check passes, and its tasks are gone afterwards', async () => {
    const { url } = await cloneDatabase()
    const tasker = await createTasker({ database: url, definitions: [own] })
    onTestFinished(() => tasker.close())
    const mine = await tasker.tasks.create(own, { context: {} })
    const { exitCode, stdout } = await runCli([
      'validate',
      'prometheus',
      `--database=${url}`,
      `--url=${prometheus.url}`,
      `--metrics-port=${ownPort}`,
      '--timeout=20',
    ])
    expect(stdout).toMatch(/^PASSED: 10 of 10 checks passed, in /m)
    expect(stdout).toContain('  counters     passed  tasks +3, steps +10, exactly')
    expect(stdout).toMatch(/^ {2}target +passed +up: own\/127\.0\.0\.1/m)
    expect(stdout).toMatch(/^ {2}3 tasks removed; left: the namespace tasker_validation/m)
    expect(exitCode).toBe(0)
    const { tasks } = await tasker.tasks.find()
    expect(tasks.map(({ taskId, state }) => ({ taskId, state }))).toEqual([
      { taskId: mine.taskId, state: 'pending' },
    ])
  })

  test('workers of the application run them', async () => {
    const report = await validate(appDatabase, {
      url: prometheus.url,
      appUrl: [appUrl],
      job: 'app',
    })
    expect({ faults: report.faults, notMade: report.notMade }).toEqual({ faults: '', notMade: [] })
    expect({ exitCode: report.exitCode, passed: report.passed }).toEqual({
      exitCode: 0,
      passed: true,
    })
    expect(report.workflows.map(({ name }) => name)).toEqual(['linear', 'diamond', 'parallel'])
    expect(report.notes.join()).toMatch(/^3 tasks removed; left: /)
    expect((await app.tasks.find()).tasks).toEqual([])
  })

  test('metrics that are not of the workers that run the workflows are found out', async () => {
    const liar = await serve((_request, response) => response.writeHead(200, text).end(staleText))
    const report = await validate(appDatabase, {
      url: prometheus.url,
      appUrl: [liar],
      timeout: 1,
    })
    expect(report.exitCode).toBe(1)
    expect(report.failed).toContain('counters')
    expect(report.faults).toContain(
      'tasker_tasks_completed_total{namespace="tasker_validation",task="linear",version="1.0.0"} grew by 0, not by 1.',
    )
  })

  test('a Prometheus that shows what was before is found out, with what it says of the target', async () => {
    await expect
      .poll(() => prometheus.query('tasker_build_info{job="stale"}'), { timeout: 30_000 })
      .toHaveLength(1)
    const report = await validate(appDatabase, {
      url: prometheus.url,
      appUrl: [appUrl],
      job: 'stale',
      timeout: 1,
    })
    expect(report.exitCode).toBe(1)
    expect(report.failed).toEqual(['collection'])
    expect(report.faults).toMatch(/ is missing, not \d+\. 127.* is up, last scraped 20/)
  })

  test('a process that is not scraped is found out, with the targets there are', async () => {
    const { url } = await cloneDatabase()
    const report = await validate(url, {
      url: prometheus.url,
      metricsPort: await freePort(),
      job: 'own',
      timeout: 1,
    })
    expect(report.exitCode).toBe(1)
    expect(report.failed).toEqual(['target'])
    expect(report.notMade).toEqual(['collection', 'scrape time'])
    expect(report.faults).toMatch(
      /scraped nothing of the process .* in the job own\. Its targets: /,
    )
  })

  test('workflows that nobody runs are given up, with the reason, and taken away', async () => {
    const { url } = await cloneDatabase()
    const report = await validate(url, { url: prometheus.url, appUrl: [appUrl], timeout: 1 })
    expect(report.exitCode).toBe(1)
    expect(report.failed).toEqual(['workflows'])
    expect(report.faults).toMatch(/^linear is pending: .*no live worker/im)
    expect(report.notes.join()).toMatch(/^3 tasks removed/)
  })

  test('a query that Prometheus refuses is told with its reason', async () => {
    const service = { name: 'Prometheus', url: prometheus.url, remedy: '', answerMs: 10_000 }
    const api = prometheusApi(service)
    expect((await api.query('sum(x')).error).toContain('unclosed left parenthesis')
    expect(await api.query('1 + 1')).toEqual({ samples: [{ labels: {}, value: 2 }], error: null })
  })

  test('workers that cannot be reached end it with 2', async () => {
    const port = await freePort()
    const appUrls = [`http://127.0.0.1:${port}/metrics`]
    const report = await validate(appDatabase, { url: prometheus.url, appUrl: appUrls })
    expect({ exitCode: report.exitCode, failed: report.failed }).toEqual({
      exitCode: 2,
      failed: ['endpoint'],
    })
  })

  test('a database that cannot be reached ends it with 2', async () => {
    const nowhere = `postgres://nobody@127.0.0.1:${await freePort()}/none`
    const report = await validate(nowhere, { url: prometheus.url, metricsPort: ownPort })
    expect({ exitCode: report.exitCode, failed: report.failed }).toEqual({
      exitCode: 2,
      failed: ['database'],
    })
  })
})

test('a Prometheus that cannot be reached ends it with 2, and nothing is run', async () => {
  const url = `http://user:hunter2@127.0.0.1:${await freePort()}`
  const report = await validate('postgres://nowhere', { url, metricsPort: 1 })
  const { exitCode, failed, workflows, recommendations } = report
  expect({ exitCode, failed, workflows }).toEqual({
    exitCode: 2,
    failed: ['prometheus'],
    workflows: [],
  })
  expect(report.faults).toMatch(
    /^Prometheus cannot be reached at http:\/\/user:\*\*\*@.*ECONNREFUSED/,
  )
  expect(recommendations.join()).toContain('PROMETHEUS_URL')
  expect(JSON.stringify(report)).not.toContain('hunter2')
})

test('something else than Prometheus at its address ends it with 2', async () => {
  const url = await serve((_request, response) => response.writeHead(404).end('<html>'))
  const report = await validate('postgres://nowhere', { url, metricsPort: 1 })
  expect(report.exitCode).toBe(2)
  expect(report.faults).toBe('Prometheus is not at this address: it answers with 404: <html>.')
})

test('wrong use ends it with 64', async () => {
  const command = ['validate', 'prometheus']
  expect(await main([...command, '--fast'])).toBe(64)
  expect(await main([...command, '--timeout', 'soon'])).toBe(64)
  expect(await main([...command, '--url', 'localhost:9090'])).toBe(64)
  expect(await main(command)).toBe(64) // no port that could be scraped, and no --app-url
})
