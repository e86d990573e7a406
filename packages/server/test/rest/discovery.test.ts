// Discovery over REST: definitions with versions, graph and diff, namespaces with hold and resume, workers.
import { createTasker, defineTask, type TaskerOptions } from '@tasker/engine'
import { createServer, type Authenticator, type AuthorizationCoordinator } from '@tasker/server'
import { beforeAll, describe, expect, it } from 'vitest'
import { send, servedForFile } from '../support/served.ts'

const secret = 'hunter2-of-the-gateway'

/** A diamond: the last step has two parents. */
const order = (version: string) =>
  defineTask({ namespace: 'shop', name: 'order', version })
    .step('fetch', async () => 1)
    .step(
      'charge',
      {
        dependsOn: ['fetch'],
        retry: { limit: 5 },
        config: {
          url: `https://gateway.example/${secret}`,
          headers: { authorization: secret },
          api_key: secret,
        },
      },
      async () => 2,
    )
    .step('pack', { dependsOn: ['fetch'] }, async () => 3)
    .step('ship', { dependsOn: ['charge', 'pack'] }, async () => 4)
const later = defineTask({ namespace: 'shop', name: 'order', version: '10.0.0' }).step(
  'fetch',
  async () => 1,
)
const elsewhere = defineTask({ namespace: 'stock', name: 'count' }).step('only', async () => null)

const callers: Readonly<Record<string, object>> = {
  admin: { isAdmin: true },
  viewer: { permissions: ['tasker.handler:index', 'tasker.handler:show'], namespaces: ['shop'] },
}
const authenticator: Authenticator = {
  authenticate({ headers }) {
    const id = headers.get('authorization')?.replace('Bearer ', '') ?? ''
    const caller = callers[id]
    return caller === undefined ? null : { id, ...caller }
  },
}
const authorizationCoordinator: AuthorizationCoordinator = {
  can: ({ caller, permission }) =>
    caller?.isAdmin === true || caller?.permissions?.includes(permission) === true,
}
const options = (): TaskerOptions => ({
  definitions: [order('9.0.0'), later],
  auth: {
    authenticationEnabled: true,
    authorizationEnabled: true,
    authenticator,
    authorizationCoordinator,
  },
})
const served = servedForFile(options)
const as = (name: string, body?: unknown) => ({
  headers: { authorization: `Bearer ${name}` },
  ...(body === undefined ? {} : { body }),
})
const get = async (path: string, name = 'admin') => (await served.call('GET', path, as(name))).body

beforeAll(async () => {
  // Another process, whose definitions this one does not know.
  const { url } = served.tasker.database
  const other = await createTasker({ database: { url }, definitions: [elsewhere] })
  await other.close()
})

describe('handlers', () => {
  it('W-50: are those of the database, whichever process brought them', async () => {
    expect(await get('/handlers')).toMatchObject({
      namespaces: [
        { name: 'shop', handler_count: 1, version_count: 2 },
        { name: 'stock', handler_count: 1, version_count: 1 },
      ],
      total_namespaces: 2,
    })
    expect(await get('/handlers/stock')).toMatchObject({
      handlers: [{ name: 'count', latest_version: '0.1.0' }],
    })
    expect(await get('/handlers/nowhere')).toMatchObject({
      status: 404,
      code: 'NAMESPACE_NOT_FOUND',
    })
  })

  it('W-10: of a namespace are listed for who may list handlers, in the namespaces it has', async () => {
    expect(await get('/handlers/shop', 'viewer')).toMatchObject({
      handlers: [{ name: 'order', versions: [{ version: '9.0.0' }, { version: '10.0.0' }] }],
      total_handlers: 1,
    })
    expect(await get('/handlers', 'viewer')).toMatchObject({ namespaces: [{ name: 'shop' }] })
    expect(await get('/handlers/stock', 'viewer')).toMatchObject({ status: 403 })
    expect(await get('/handlers/stock/count', 'viewer')).toMatchObject({ status: 403 })
  })

  it('W-48: without a version are the newest, and 10 is newer than 9', async () => {
    const version = async (query: string) =>
      ((await get(`/handlers/shop/order${query}`)) as { handler?: { version: string } }).handler
        ?.version
    expect(await version('')).toBe('10.0.0')
    expect(await version('?version=latest')).toBe('10.0.0')
    expect(await version('?version=^9')).toBe('9.0.0')
    expect(await get('/handlers/shop/order?version=8.0.0')).toMatchObject({
      status: 404,
      code: 'DEFINITION_NOT_FOUND',
    })
  })

  it('K3, K5: are kept until one is stored, for each scope by itself, and say so; what is not found is not kept', async () => {
    const list = async (name?: string) => {
      const { namespaces, ...rest } = (await get('/handlers', name)) as {
        namespaces: readonly { name: string; version_count: number }[]
        cached: boolean
        stale: boolean
        generated_at: string
        expires_at: string
      }
      return { ...rest, counts: namespaces.map((one) => `${one.name} ${one.version_count}`) }
    }
    const { cached: _, ...first } = await list()
    expect(await list()).toEqual({ ...first, cached: true })
    expect(Date.parse(first.expires_at)).toBeGreaterThan(Date.parse(first.generated_at))
    expect((await list('viewer')).counts).toEqual(['shop 2'])
    expect(await get('/handlers/stock/count?version=7.0.0')).toMatchObject({ status: 404 })
    const shown = await get('/handlers/stock/count')
    expect(shown).toMatchObject({ cached: false, handler: { version: '0.1.0' } })
    expect(await get('/handlers/stock/count')).toEqual({ ...(shown as object), cached: true }) // an object
    const { url } = served.tasker.database
    const newer = defineTask({ namespace: 'stock', name: 'count', version: '7.0.0' })
    const other = await createTasker({
      database: { url },
      definitions: [newer.step('only', async () => null)],
    })
    await other.close()
    expect(await list()).toMatchObject({ cached: false, counts: ['shop 2', 'stock 2'] })
    for (const version of ['7.0.0', 'latest']) {
      expect(await get(`/handlers/stock/count?version=${version}`)).toMatchObject({
        handler: { version: '7.0.0' },
      })
    }
    expect(await get('/handlers/stock/count?version=0.1.0')).toMatchObject({
      cached: false, // it is no longer the latest, and says so
      handler: { is_latest: false, versions: ['0.1.0', '7.0.0'] },
    })
  })

  it('W-49: show every dependency of every step, and an order that keeps all of them', async () => {
    expect(await get('/handlers/shop/order?version=9.0.0')).toMatchObject({
      handler: {
        full_name: 'shop.order@9.0.0',
        is_latest: false,
        versions: ['9.0.0', '10.0.0'],
        step_templates: [
          { name: 'fetch', depends_on_steps: [] },
          { name: 'charge', depends_on_steps: ['fetch'], default_retry_limit: 5 },
          { name: 'pack', depends_on_steps: ['fetch'] },
          { name: 'ship', depends_on_steps: ['charge', 'pack'] },
        ],
        dependency_graph: {
          edges: [
            { from: 'fetch', to: 'charge', type: 'dependency' },
            { from: 'fetch', to: 'pack', type: 'dependency' },
            { from: 'charge', to: 'ship', type: 'dependency' },
            { from: 'pack', to: 'ship', type: 'dependency' },
          ],
          execution_order: ['fetch', 'charge', 'pack', 'ship'],
        },
      },
    })
  })

  it('W-12: tell which settings a handler has, and no value that may be a secret', async () => {
    const body = await get('/handlers/shop/order?version=9.0.0', 'viewer')
    const { handler } = body as {
      readonly handler: { readonly step_templates: readonly { configuration: object | null }[] }
    }
    expect(handler.step_templates[1]?.configuration).toMatchObject({
      url: 'https://gateway.example',
    })
    expect(Object.keys(handler.step_templates[1]?.configuration ?? {})).toContain('api_key')
    expect(JSON.stringify(body)).not.toContain(secret)
  })

  it('are drawn as JSON, Mermaid, DOT and SVG, and compared', async () => {
    const path = '/handlers/shop/order/graph?version=9.0.0&format='
    expect(await get(`${path}json`)).toMatchObject({
      graph: { levels: [['fetch'], ['charge', 'pack'], ['ship']], critical_path: null },
    })
    expect(await get(`${path}mermaid`)).toMatch(/flowchart/)
    expect(await get(`${path}dot`)).toMatch(/^digraph/)
    const picture = await served.call('GET', `${path}svg`, as('admin'))
    expect(picture.headers.get('content-type')).toBe('image/svg+xml; charset=utf-8')
    expect(picture.headers.get('content-security-policy')).toContain('sandbox')
    expect(await get('/handlers/shop/order/diff?from=9.0.0')).toMatchObject({
      diff: {
        from: 'shop/order@9.0.0',
        to: 'shop/order@10.0.0',
        is_compatible: false,
        graph: { steps_removed: ['charge', 'pack', 'ship'] },
      },
    })
  })
})

describe('namespaces', () => {
  it('are held and resumed in the name of the caller, who is told whether it was so already', async () => {
    const post = async (action: string, body: object) =>
      (await served.call('POST', `/namespaces/stock/${action}`, as('admin', body))).body
    expect(await post('hold', { reason: 'stock-taking' })).toMatchObject({
      namespace: { name: 'stock', is_held: true, held_by: 'admin', held_reason: 'stock-taking' },
      changed: true,
    })
    expect(await post('hold', {})).toMatchObject({ changed: false })
    expect(await get('/namespaces')).toMatchObject({
      namespaces: [
        { name: 'shop', is_held: false },
        { name: 'stock', is_held: true },
      ],
    })
    expect(await post('resume', {})).toMatchObject({ namespace: { is_held: false }, changed: true })
    expect(await get('/namespaces/stock/history')).toMatchObject({
      changes: [
        { to: 'held', actor: 'admin', reason: 'stock-taking' },
        { to: 'running', actor: 'admin', reason: 'resume' },
      ],
    })
    const asViewer = await served.call('POST', '/namespaces/shop/hold', as('viewer', {}))
    expect(asViewer.status).toBe(403)
    expect(await get('/namespaces/nowhere/history')).toMatchObject({ code: 'NAMESPACE_NOT_FOUND' })
  })
})

describe('workers', () => {
  it('are listed, live ones first, with what they may run at once', async () => {
    const { url } = served.tasker.database
    await using tasker = await createTasker({ ...options(), database: { url } })
    await tasker.worker.start()
    const { body } = await send(createServer(tasker), 'GET', '/workers', as('admin'))
    expect(body).toMatchObject({
      workers: [{ state: 'live', pid: process.pid, serves_count: 2, slots_in_use: 0 }],
    })
  })
})
