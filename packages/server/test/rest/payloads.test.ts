// Who sees what: payloads only with their own permission, everywhere; and lists and bulk actions only over tasks that the
// caller may see.
import { defineTask, PermanentError, type TaskerOptions } from '@tasker/engine'
import type { Authenticator, AuthorizationCoordinator, Caller } from '@tasker/server'
import { beforeAll, describe, expect, it } from 'vitest'
import { checked, type Checked } from '../support/checked.ts'
import { servedForFile, type CallOptions } from '../support/served.ts'

const secret = 'card-4711'

const definition = (namespace: string) =>
  defineTask({ name: 'payment', namespace })
    .step('read', async () => ({ card: secret }))
    .step('charge', { dependsOn: ['read'], retry: { limit: 1 } }, async () => {
      throw new PermanentError(`${secret} declined`, { code: secret, context: { card: secret } })
    })
    .step('ship', { dependsOn: ['charge'] }, async () => null)
    .annotate(async () => [{ type: 'card', annotation: { number: secret } }])

const definitions = [definition('shop'), definition('bank')] as const

const callers: Readonly<Record<string, Caller>> = {
  root: { id: 'root', isAdmin: true },
  clerk: { id: 'clerk', roles: ['no_payload'] },
  shopkeeper: { id: 'shopkeeper', namespaces: ['shop'] },
  owner: { id: 'owner', roles: ['own'] },
}

const authenticator: Authenticator = {
  authenticate: (request) => callers[request.headers.get('x-who') ?? ''] ?? null,
}

const asked: string[] = []
const coordinator: AuthorizationCoordinator = {
  async can(question) {
    const { caller, permission, action, taskId } = question
    asked.push(`${permission} ${taskId ?? ''}`)
    if (caller?.id === 'shopkeeper' && action === 'show_payload') await question.task()
    return action !== 'show_payload' || caller?.roles?.includes('no_payload') !== true
  },
  scope: ({ caller }) =>
    caller?.roles?.includes('own') === true ? { initiator: caller.id } : null,
}

const served = servedForFile((): TaskerOptions => ({
  definitions,
  telemetry: { performanceMonitoringEnabled: true, slowQueryThresholdSeconds: 0 },
  auth: {
    authenticationEnabled: true,
    authenticator,
    authorizationEnabled: true,
    authorizationCoordinator: coordinator,
  },
}))

const as = async (
  who: string,
  method: string,
  path: string,
  options: CallOptions = {},
): Promise<Checked> => checked(served, method, path, { ...options, headers: { 'x-who': who } })

const made = { shop: '', bank: '', owned: '' }

beforeAll(async () => {
  const { tasker } = served
  const [shop, bank] = definitions
  const context = { card: secret, list: [1, { deep: secret }] }
  made.shop = (await tasker.tasks.create(shop, { context, initiator: 'ana' })).taskId
  made.owned = (
    await tasker.tasks.create(shop, { context, initiator: 'owner', tags: ['t'] })
  ).taskId
  made.bank = (await tasker.tasks.create(bank, { context, initiator: 'ana' })).taskId
  await tasker.worker.start()
  for (const taskId of Object.values(made)) await tasker.tasks.waitFor(taskId)
  tasker.worker.wake()
  await tasker.worker.idle()
  await tasker.worker.stop()
  await tasker.tasks.annotate(made.shop, { type: 'card', annotation: { number: secret } })
})

const reading = (taskId: string): readonly string[] => [
  `/tasks/${taskId}?include=results,dependency_analysis`,
  `/tasks/${taskId}?fields=context,workflow_steps`,
  '/tasks?include=context,workflow_steps,results,annotations,execution',
  `/tasks/${taskId}/workflow_steps?include=inputs,results,error`,
  `/tasks/${taskId}/workflow_steps/charge`,
  `/tasks/${taskId}/history?limit=100`,
  `/tasks/${taskId}/timeline`,
  `/tasks/${taskId}/why`,
  `/tasks/${taskId}/annotations`,
  `/tasks/${taskId}/dependency_analysis`,
  `/tasks/${taskId}/graph`,
]

describe('payloads', () => {
  it('are seen by who may, and by nobody else, wherever they could stand', async () => {
    const seen: string[] = []
    for (const path of reading(made.shop)) {
      const whole = await as('root', 'GET', path)
      const hidden = await as('clerk', 'GET', path)
      expect([whole.status, hidden.status], `of ${path}`).toEqual([200, 200])
      if (JSON.stringify(whole.body).includes(secret)) seen.push(path)
      expect(JSON.stringify(hidden.body), `of ${path}`).not.toContain(secret)
    }
    expect(seen, 'all but the graph and the analysis').toHaveLength(9)
  })

  it('are not shown in answers to changes either', async () => {
    const changes: readonly (readonly [string, string, object])[] = [
      ['PATCH', `/tasks/${made.shop}`, { tags: ['seen'] }],
      ['PATCH', `/tasks/${made.shop}/workflow_steps/charge`, { retry_limit: 7 }],
      ['POST', `/tasks/${made.shop}/annotations`, { annotation_type_name: 'card', annotation: {} }],
      ['POST', `/tasks/${made.shop}/rerun`, { dry_run: true }],
      ['POST', '/tasks/actions', { action: 'hold', filter: { name: 'payment' }, dry_run: true }],
    ]
    for (const [method, path, body] of changes) {
      const { body: answer, status } = await as('clerk', method, path, { body })
      expect(status, `of ${path}`).toBeLessThan(500)
      expect(JSON.stringify(answer), `of ${path}`).not.toContain(secret)
    }
  })

  it('cannot be guessed by filters, neither in lists nor in bulk', async () => {
    const contains = encodeURIComponent(JSON.stringify({ card: secret }))
    for (const query of [
      `context_contains=${contains}`,
      `annotation_type=card&annotation_contains=${contains}`,
    ]) {
      expect((await as('root', 'GET', `/tasks?${query}`)).status).toBe(200)
      expect((await as('clerk', 'GET', `/tasks?${query}`)).json).toMatchObject({
        code: 'FORBIDDEN',
      })
    }
    const body = { action: 'hold', filter: { context_contains: { card: secret } }, dry_run: true }
    expect((await as('clerk', 'POST', '/tasks/actions', { body })).status).toBe(403)
  })

  it('of a whole page are decided without reading its tasks one by one', async () => {
    const statements: string[] = []
    const stop = served.tasker.events.on('performance.slow_query', (told) => {
      statements.push(told.statement)
    })
    asked.length = 0
    await as('shopkeeper', 'GET', '/tasks?include=context')
    stop()
    expect(asked.filter((one) => one.includes('task:show_payload'))).toHaveLength(2)
    expect(statements).toEqual(['read_scope', 'find_tasks', 'read_tasks', 'read_tasks'])
  })
})

describe('a caller of one namespace', () => {
  it('finds no others, in lists, by id, in bulk, and creates in none', async () => {
    const listed = await as('shopkeeper', 'GET', '/tasks?include=total')
    expect(listed.json).toMatchObject({ page: { total: { count: 2 } } })
    expect(JSON.stringify(listed.json)).not.toContain(made.bank)
    const asked = await as('shopkeeper', 'GET', '/tasks?namespace=bank')
    expect(asked.json['tasks']).toEqual([])
    for (const path of reading(made.bank).filter((one) => one.includes(made.bank)))
      expect((await as('shopkeeper', 'GET', path)).json).toMatchObject({ code: 'TASK_NOT_FOUND' })
    for (const path of [`/tasks/${made.bank}/retry`, `/tasks/${made.bank}/rerun`])
      expect((await as('shopkeeper', 'POST', path)).status).toBe(404)
    const all = { action: 'retry', filter: { name: 'payment' }, dry_run: true }
    const bulk = await as('shopkeeper', 'POST', '/tasks/actions', { body: all })
    expect(bulk.json['report']).toMatchObject({ matched: 2 })
    const task = { name: 'payment', namespace: 'bank', context: {} }
    expect((await as('shopkeeper', 'POST', '/tasks', { body: task })).status).toBe(403)
    const many = { tasks: [{ ...task, namespace: 'shop' }, task] }
    expect((await as('shopkeeper', 'POST', '/tasks/batch', { body: many })).status).toBe(403)
  })

  it('prunes it and nothing else', async () => {
    const order = { older_than_ms: 0, status: ['error'], dry_run: true }
    expect((await as('shopkeeper', 'POST', '/tasks/prune', { body: order })).status).toBe(403)
    const other = { ...order, namespace: 'bank' }
    expect((await as('shopkeeper', 'POST', '/tasks/prune', { body: other })).status).toBe(403)
    const own = { ...order, namespace: 'shop' }
    const pruned = await as('shopkeeper', 'POST', '/tasks/prune', { body: own })
    expect(pruned.json['report']).toMatchObject({ task_count: 2 })
    expect((await as('owner', 'POST', '/tasks/prune', { body: own })).status).toBe(403)
  })
})

describe('a caller whose lists are narrowed', () => {
  it('finds only those tasks, whatever the filter says', async () => {
    for (const [query, count] of [
      ['', 1],
      ['initiator=owner&', 1],
      ['initiator=ana&', 0],
      ['tags=t&', 1],
      ['namespace=bank&', 0],
    ] as const) {
      const { json } = await as('owner', 'GET', `/tasks?${query}include=total`)
      expect(json['page'], `of ${query}`).toMatchObject({ total: { count } })
    }
    const all = { action: 'retry', filter: { name: 'payment' }, dry_run: true }
    const bulk = await as('owner', 'POST', '/tasks/actions', { body: all })
    expect(bulk.json['report']).toMatchObject({ matched: 1 })
  })
})
