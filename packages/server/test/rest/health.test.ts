// Probes, status, metrics and analytics over HTTP: what they say, and to whom.
import {
  createTasker,
  defineTask,
  MemoryStore,
  PermanentError,
  type MetricFamily,
  type TaskerOptions,
} from '@tasker/engine'
import { createServer, type Authenticator, type AuthorizationCoordinator } from '@tasker/server'
import { beforeAll, describe, expect, it } from 'vitest'
import { send, servedForFile } from '../support/served.ts'

const pay = defineTask({ name: 'pay', namespace: 'shop' })
  .step('charge', async () => ({ amount: 7 }))
  .step('ship', { dependsOn: ['charge'] }, async ({ context }) => {
    if (context['isBroken'] === true) throw new PermanentError('the courier is gone')
    return 'shipped'
  })
const other = defineTask({ name: 'pay', namespace: 'pay' }).step('only', async () => null)

const callers: Readonly<Record<string, object>> = {
  admin: { isAdmin: true },
  nobody: {},
  ops: { permissions: ['tasker.health_status:index', 'tasker.metrics:index'] },
  analyst: { permissions: ['tasker.analytics:index'], namespaces: ['shop'] },
}
const authenticator: Authenticator = {
  authenticate({ headers }) {
    const id = headers.get('authorization')?.replace('Bearer ', '')
    const caller = id === undefined ? undefined : callers[id]
    return id === undefined || caller === undefined ? null : { id, ...caller }
  },
}
const authorizationCoordinator: AuthorizationCoordinator = {
  can: ({ caller, permission }) =>
    caller?.isAdmin === true || caller?.permissions?.includes(permission) === true,
}
const auth = {
  authenticationEnabled: true,
  authorizationEnabled: true,
  authenticator,
  authorizationCoordinator,
}
const options = (): TaskerOptions => ({ definitions: [pay, other], metrics: true, auth })
const served = servedForFile(options)

const as = (name: string, headers: Readonly<Record<string, string>> = {}) => ({
  headers: { authorization: `Bearer ${name}`, ...headers },
})

beforeAll(async () => {
  const { tasker } = served
  const ids = [
    await tasker.tasks.create(pay, { context: {} }),
    await tasker.tasks.create(pay, { context: { isBroken: true } }),
    await tasker.tasks.create(other, { context: {} }),
  ]
  await tasker.worker.start()
  for (const { taskId } of ids) await tasker.tasks.waitFor(taskId)
  await tasker.worker.stop()
})

describe('readiness', () => {
  it('W-52: is 200 with the result of each check, to whoever asks, and uncached', async () => {
    const ready = await served.call('GET', '/health/ready', { peer: { address: '10.0.0.9' } })
    expect([ready.status, ready.headers.get('cache-control')]).toEqual([200, 'no-store'])
    const healthy = { status: 'healthy', error: null }
    expect(ready.body).toMatchObject({
      ready: true,
      message: 'Ready.',
      checks: { database: healthy, migrations: healthy, cache: healthy },
      failed_checks: [],
    })
    expect(ready.body).toMatchObject({
      checks: {
        cache: {
          cache_store: 'MemoryStore',
          coordination_strategy: 'local_only',
          distributed: false,
          atomic_operations: true,
          locking_support: true,
        },
      },
    })
  })

  it('W-16: is 503 when a check fails, and tells its code and nothing of the inside', async () => {
    const store = new MemoryStore()
    const cacheStore = {
      set: store.set.bind(store),
      delete: store.delete.bind(store),
      get: () => Promise.reject(new Error('cannot reach cache.internal')),
    }
    const { url } = served.tasker.database
    await using tasker = await createTasker({ database: { url }, cacheStore })
    const failed = await send(createServer(tasker), 'GET', '/health/ready')
    expect(failed.status).toBe(503)
    expect(failed.body).toMatchObject({
      ready: false,
      message: 'Not ready: cache.',
      checks: { cache: { status: 'unhealthy', error: 'CACHE_UNAVAILABLE' } },
      failed_checks: ['cache'],
    })
    expect(JSON.stringify(failed.body)).not.toContain('internal')
  })

  it('is not turned away for asking often, as a probe does from an address that others share', async () => {
    const { url } = served.tasker.database
    await using tasker = await createTasker({
      database: { url },
      server: { requestsPerMinute: 1 },
      health: { statusRequiresAuthentication: false },
    })
    const server = createServer(tasker)
    const statuses = []
    for (const path of ['/health/status', '/health/status', '/health/ready', '/health/ready'])
      statuses.push((await send(server, 'GET', path)).status)
    expect(statuses).toEqual([200, 429, 200, 200])
  })

  it('asks for credentials where health.readyRequiresAuthentication says so', async () => {
    const { url } = served.tasker.database
    const health = { readyRequiresAuthentication: true, statusRequiresAuthentication: false }
    await using tasker = await createTasker({ database: { url }, auth, health })
    const server = createServer(tasker)
    const statuses = [
      await send(server, 'GET', '/health/ready'),
      await send(server, 'GET', '/health/ready', as('nobody')),
      await send(server, 'GET', '/health/live'),
      await send(server, 'GET', '/health/status'),
    ].map(({ status }) => status)
    expect(statuses).toEqual([401, 200, 200, 200])
  })
})

describe('status', () => {
  it('Z10: is for those who may see it', async () => {
    const statuses = []
    for (const name of ['unknown', 'nobody', 'ops', 'admin'])
      statuses.push((await served.call('GET', '/health/status', as(name))).status)
    expect(statuses).toEqual([401, 403, 200, 200])
  })

  it('says what is there, what became of the last hour, and how fresh that is', async () => {
    const { body } = await served.call('GET', '/health/status', as('ops'))
    expect(body).toMatchObject({
      healthy: true,
      failed_checks: [],
      metrics: {
        tasks: { total: 3, complete: 2, error: 1 },
        steps: { total: 5, complete: 4, error: 1 },
        retries: { retryable_errors: 0, exhausted_retries: 1, in_backoff: 0 },
      },
      last_hour: { tasks: 3, complete_tasks: 2, error_tasks: 1 },
      workers: { live: 0, overdue: 0, slots: 0, slots_in_use: 0 },
      cached: true, // the test before this one asked
    })
  })
})

describe('metrics', () => {
  it('Z11: W-04: are for those who may see them, unless telemetry.metricsAuthRequired is false', async () => {
    const statuses = []
    for (const name of ['unknown', 'nobody', 'ops', 'admin'])
      statuses.push((await served.call('GET', '/metrics', as(name))).status)
    expect(statuses).toEqual([401, 403, 200, 200])
    const { url } = served.tasker.database
    await using tasker = await createTasker({
      database: { url },
      metrics: true,
      auth,
      telemetry: { metricsAuthRequired: false },
    })
    expect((await send(createServer(tasker), 'GET', '/metrics')).status).toBe(200)
  })

  it('W-54: are text that Prometheus reads, or JSON for who asks for it', async () => {
    const accept = 'text/plain;version=0.0.4,application/openmetrics-text;version=1.0.0,*/*;q=0.1'
    const text = await served.call('GET', '/metrics', as('ops', { accept }))
    expect(text.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    const families = String(text.body).match(/^# TYPE \S+/gm) ?? []
    expect(new Set(families).size).toBe(families.length)
    expect(text.body).toContain('\ntasker_tasks_in_state{namespace="shop",state="error"} 1\n')
    const json = await served.call('GET', '/metrics', as('ops', { accept: 'application/json' }))
    const { metrics } = json.body as { readonly metrics: readonly MetricFamily[] }
    const { values } = metrics.find(({ name }) => name === 'tasker_tasks_in_state') ?? {}
    expect(values).toContainEqual({
      name: 'tasker_tasks_in_state',
      labels: { namespace: 'shop', state: 'error' },
      value: 1,
    })
  })

  it('are OpenMetrics for who accepts that first, and any format that is asked for by name', async () => {
    const accept = 'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5'
    const open = await served.call('GET', '/metrics', as('ops', { accept }))
    expect(open.headers.get('content-type')).toMatch(/^application\/openmetrics-text; version=1/)
    expect(open.body).toMatch(/# EOF\n$/)
    const csv = await served.call('GET', '/metrics?format=csv&scope=process', as('ops', { accept }))
    expect([csv.headers.get('content-type'), csv.headers.get('vary')]).toEqual([
      'text/csv; charset=utf-8; header=present',
      'accept',
    ])
    const refused = await served.call('GET', '/metrics?format=xml', as('ops', { accept }))
    expect([refused.status, refused.body]).toMatchObject([422, { code: 'EXPORT_UNSUPPORTED' }])
    const unknown = await served.call('GET', '/metrics?scope=some', as('ops', { accept }))
    expect(unknown.status).toBe(422)
  })

  it('count requests by operation and status, and how long each took', async () => {
    await served.call('GET', '/metrics', as('nobody'))
    await served.call('GET', '/nowhere')
    const { body } = await served.call('GET', '/metrics', as('ops', { accept: 'text/plain' }))
    expect(body).toMatch(
      /^tasker_http_requests_total\{operation="exportMetrics",status="403"\} [1-9]/m,
    )
    expect(body).toMatch(/^tasker_http_requests_total\{operation="none",status="404"\} [1-9]/m)
    expect(body).toMatch(
      /^tasker_http_request_duration_seconds_count\{operation="exportMetrics"\} [1-9]/m,
    )
  })

  it('are 503 with the reason where none are collected', async () => {
    const { url } = served.tasker.database
    await using tasker = await createTasker({ database: { url } })
    const refused = await send(createServer(tasker), 'GET', '/metrics')
    expect(refused.body).toMatchObject({ status: 503, code: 'METRICS_UNAVAILABLE' })
  })
})

describe('analytics', () => {
  it('W-44, W-45: have percentiles and slowest lists of what ran', async () => {
    const performance = await served.call('GET', '/analytics/performance', as('admin'))
    expect(performance.body).toMatchObject({
      performance_trends: { last_24_hours: { task_throughput: 3, step_throughput: 5 } },
      performance_distribution: { tasks: { count: 2 }, is_exact: true },
    })
    const found = await served.call('GET', '/analytics/bottlenecks?period=1', as('admin'))
    const { bottleneck_analysis: analysis } = found.body as {
      readonly bottleneck_analysis: Readonly<Record<'slowest_tasks' | 'slowest_steps', unknown[]>>
    }
    expect(analysis.slowest_tasks).toHaveLength(3)
    expect(analysis.slowest_steps).toHaveLength(4)
    expect(found.body).toMatchObject({
      bottleneck_analysis: {
        error_patterns: { total_errors: 1, common_error_types: [{ step: 'ship', attempts: 1 }] },
      },
    })
  })

  it('W-47: of a namespace and of a name that are spelled alike are two reports; periods have bounds', async () => {
    const byNamespace = await served.call(
      'GET',
      '/analytics/bottlenecks?namespace=pay',
      as('admin'),
    )
    const byName = await served.call('GET', '/analytics/bottlenecks?name=pay', as('admin'))
    const again = await served.call('GET', '/analytics/bottlenecks?name=pay', as('admin'))
    expect(byNamespace.body).toMatchObject({ scope_summary: { total_tasks: 1 }, cached: false })
    expect(byName.body).toMatchObject({ scope_summary: { total_tasks: 3 }, cached: false })
    expect(again.body).toMatchObject({ scope_summary: { total_tasks: 3 }, cached: true })
    const refused = await served.call('GET', '/analytics/bottlenecks?period=999999', as('admin'))
    expect(refused.body).toMatchObject({ status: 422, faults: [{ path: 'query.period' }] })
  })

  it('W-09: show a caller of some namespaces those alone', async () => {
    const own = await served.call('GET', '/analytics/performance', as('analyst'))
    expect(own.body).toMatchObject({ scope: { namespace: 'shop' } })
    const foreign = await served.call('GET', '/analytics/performance?namespace=pay', as('analyst'))
    expect(foreign.status).toBe(403)
  })
})
