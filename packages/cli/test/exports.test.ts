// Metrics that are exported arrive as they were counted: at a real Prometheus by remote write, and at a real pushgateway.
import { describe, expect, onTestFinished, test } from 'vitest'
import { createTasker, type Tasker, type TaskerOptions } from '@tasker/engine'
import { databaseForFile } from '../../engine/test/support/database.ts'
import { hasPrometheus, promtool, startPrometheus } from './prometheus.ts'
import { hasPushgateway, startPushgateway } from './pushgateway.ts'

const database = databaseForFile()

async function counting(telemetry: NonNullable<TaskerOptions['telemetry']>): Promise<Tasker> {
  const tasker = await createTasker({
    database: { url: database.url, migrate: 'off' },
    metrics: true,
    telemetry,
  })
  onTestFinished(() => tasker.close())
  // Labels that need care wherever they are written.
  for (const operation of ['plain', 'with "quotes" and \\', 'line\nbreak', 'ünïcode']) {
    for (let count = 0; count < 7; count += 1) {
      tasker.metrics.answered({ operation, status: 200, seconds: 0.02 })
    }
  }
  return tasker
}

describe.runIf(hasPrometheus)('remote write', () => {
  test('a Prometheus answers what was counted, value by value', async () => {
    const prometheus = await startPrometheus([])
    const { url } = prometheus
    const tasker = await counting({
      prometheus: { endpoint: `${url}/api/v1/write`, batchSize: 50 },
    })
    const report = await tasker.exports.exportNow({ target: 'prometheus' })
    expect(report).toMatchObject({ outcome: 'done', fault: null, droppedCount: 0 })
    expect(report.destination).toBe(`${url}/api/v1/write`)
    const all = await prometheus.query('{__name__=~"tasker_.+"}')
    expect(all).toHaveLength(report.seriesCount)
    const instances = new Set(all.map(({ labels }) => labels['instance']))
    expect([...instances]).toEqual([expect.stringMatching(/-\d+$/)])
    const counted = await prometheus.query('tasker_http_requests_total')
    expect(new Map(counted.map(({ labels, value }) => [labels['operation'], value]))).toEqual(
      new Map([
        ['line\nbreak', 7],
        ['plain', 7],
        ['with "quotes" and \\', 7],
        ['ünïcode', 7],
      ]),
    )
    const [middle] = await prometheus.query(
      'histogram_quantile(0.5, sum by (le) (tasker_http_request_duration_seconds_bucket))',
    )
    expect(middle?.value).toBeGreaterThan(0.01)
    expect(middle?.value).toBeLessThanOrEqual(0.025)
  })

  test('where labels of processes are not wanted, there are none', async () => {
    const prometheus = await startPrometheus([])
    const { url } = prometheus
    const tasker = await counting({
      prometheus: { endpoint: `${url}/api/v1/write`, includeInstanceLabels: false },
    })
    await tasker.exports.exportNow({ target: 'prometheus' })
    const [plain] = await prometheus.query('tasker_http_requests_total{operation="plain"}')
    expect(plain).toMatchObject({ value: 7 })
    expect(plain?.labels).not.toHaveProperty('instance')
  })
})

describe.runIf(hasPushgateway)('a pushgateway', () => {
  test('holds what was pushed last, under its job and grouping', async () => {
    const gateway = await startPushgateway()
    const tasker = await counting({
      exports: {
        targets: {
          gateway: { to: 'pushgateway', url: gateway, job: 'night', grouping: { shop: 'a/b' } },
        },
      },
    })
    await tasker.exports.exportNow({ target: 'gateway' })
    tasker.metrics.answered({ operation: 'plain', status: 200, seconds: 0.02 })
    const report = await tasker.exports.exportNow({ target: 'gateway' })
    expect(report).toMatchObject({ outcome: 'done', fault: null })
    const held = await (await fetch(`${gateway}/metrics`)).text()
    const plain = held
      .split('\n')
      .filter((line) => line.startsWith('tasker_http_requests_total{') && line.includes('"plain"'))
    expect(plain).toHaveLength(1)
    expect(plain[0]).toMatch(/job="night".*shop="a\/b".*\} 8$/)
    await expect(promtool(['check', 'metrics'], held)).resolves.not.toContain('error')
  })
})
