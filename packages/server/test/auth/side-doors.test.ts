// Ways around the rules that look like the rules: other methods and other transports. Each is as closed as the front door.
import { defineTask } from '@tasker/engine'
import { jwtAuthenticator, type Question, type Scope } from '@tasker/server'
import { SignJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { byHeader as callersByHeader, guardedInTest } from '../support/guarded.ts'
import { as, ask, byHeader, codesOf } from '../support/graphql.ts'
import { databaseForFile } from '../../../engine/test/support/database.ts'
import { here, servedForFile } from '../support/served.ts'

const greet = defineTask({ name: 'greet', namespace: 'demo' }).step('hello', async () => 'hello')

const database = databaseForFile()
const served = servedForFile(() => ({
  definitions: [greet],
  auth: {
    ...byHeader,
    authorizationCoordinator: {
      ...byHeader.authorizationCoordinator,
      scope: ({ caller }: Question): Scope | null =>
        caller?.id === 'ana' ? { initiator: 'ana', namespaces: ['demo'] } : null,
    },
  },
}))

const admin = as({ id: 'root', isAdmin: true })

async function makeTask(): Promise<string> {
  const { taskId } = await served.tasker.tasks.create(greet, { context: {} })
  return taskId
}

describe('without authentication', () => {
  it.each(['via', 'x-real-ip', 'x-forwarded-host', 'x-forwarded-proto', 'cf-connecting-ip'])(
    'a request with %s came through a proxy, and is not of this machine',
    async (name) => {
      const { as: send } = await guardedInTest(database.url)
      const headers = { [name]: '203.0.113.7' }
      expect(await send(null, 'GET', '/tasks', { headers })).toMatchObject({
        status: 403,
        body: { code: 'EXPOSED_WITHOUT_AUTHENTICATION' },
      })
    },
  )
})

describe('a request with HEAD', () => {
  const head = (query: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> =>
    served.server.fetch(
      new Request(`http://localhost/tasker/graphql?query=${encodeURIComponent(query)}`, {
        method: 'HEAD',
        headers: { ...admin.headers, ...headers },
      }),
      here,
    )

  it('makes no mutation', async () => {
    const taskId = await makeTask()
    const answered = await head(
      `mutation { cancelTask(input: { taskId: "${taskId}" }) { isChanged } }`,
    )
    expect(answered.status).toBe(405)
    expect((await served.tasker.tasks.get(taskId)).state).toBe('pending')
  })

  it('opens no subscription', async () => {
    const answered = await head('subscription { events { event } }', {
      accept: 'text/event-stream',
    })
    expect(answered.headers.get('content-type')).toContain('text/event-stream')
    expect(served.server.streamCount).toBe(0)
  })
})

describe('GraphQL', () => {
  it('acts on many only for who may list tasks, as REST does', async () => {
    await makeTask()
    const holds = `mutation { holdTasks(input: { filter: { namespace: "demo" }, dryRun: true }) {
      report { matched changedTaskIds } userErrors { code }
    } }`
    const { data } = await ask(
      served,
      holds,
      as({ id: 'ben', permissions: ['tasker.task:update'] }),
    )
    expect(data).toEqual({ holdTasks: { report: null, userErrors: [{ code: 'FORBIDDEN' }] } })
  })

  it('gives figures of a namespace only to who sees all of it, as REST does', async () => {
    const figures =
      '{ slowestTasks(namespace: "demo") { taskId } analytics(namespace: "demo") { tasks } }'
    const ana = as({ id: 'ana', permissions: ['tasker.analytics:index'] })
    const asked = await ask(served, figures, ana)
    expect(asked.data).toEqual({ slowestTasks: null, analytics: null })
    expect(codesOf(asked)).toEqual(['FORBIDDEN', 'FORBIDDEN'])
  })

  it('shows what was changed only to who may see it', async () => {
    const taskId = await makeTask()
    const changes = `mutation { updateStep(input: { taskId: "${taskId}", step: "hello", retryLimit: 7 }) {
      isChanged step { name } task { initiator }
    } }`
    const ben = as({ id: 'ben', permissions: ['tasker.workflow_step:update'] })
    const changed = await ask(served, changes, ben)
    expect(changed.data).toEqual({ updateStep: { isChanged: true, step: null, task: null } })
    expect(codesOf(changed)).toEqual(['FORBIDDEN', 'FORBIDDEN'])
  })
})

describe('a rerun with other data', () => {
  const ben = as({ id: 'ben', permissions: ['tasker.task:retry'] })

  it('is a new task, for who may create one', async () => {
    const taskId = await makeTask()
    await served.tasker.tasks.cancel(taskId)
    const path = `/tasks/${taskId}/rerun`
    const again = (body: object, caller = ben) => served.call('POST', path, { ...caller, body })
    expect(await again({ context: { other: true } })).toMatchObject({
      status: 403,
      body: { detail: 'Not authorized to create on tasker.task.' },
    })
    expect((await again({ inputs: { hello: {} } })).status).toBe(403)
    expect((await again({ context: { other: true } }, admin)).status).toBe(201)
    expect((await again({ dry_run: true })).status).toBe(200)

    const mutation = `mutation { rerunTask(input: { taskId: "${taskId}", context: { a: 1 } }) {
      userErrors { code }
    } }`
    const { data } = await ask(served, mutation, ben)
    expect(data).toEqual({ rerunTask: { userErrors: [{ code: 'FORBIDDEN' }] } })
  })
})

describe('what nobody would send', () => {
  it('a range of versions of 1,000 characters fits none', async () => {
    const query = `query ($range: String) {
      definition(namespace: "demo", name: "greet", version: $range) { name }
    }`
    const variables = { range: '>=0.0.1 '.repeat(125) }
    const { data } = await ask(served, query, { ...admin, variables })
    expect(data).toEqual({ definition: null })
  })

  it.each([
    ['PATCH', '/workflow_steps/hello', (deep: string) => `{"inputs":${deep}}`],
    ['POST', '/rerun', (deep: string) => `{"inputs":{"hello":${deep}}}`],
  ])('%s %s with JSON of 20,000 levels is a fault of the request', async (method, path, bodyOf) => {
    const taskId = await makeTask()
    const body = bodyOf(`${'['.repeat(20_000)}${']'.repeat(20_000)}`)
    const answered = await served.call(method, `/tasks/${taskId}${path}`, { ...admin, body })
    expect(answered).toMatchObject({
      status: 422,
      body: {
        code: 'REQUEST_INVALID',
        faults: [{ path: 'inputs', message: expect.stringContaining('1000 levels') as string }],
      },
    })
  })

  it('a namespace with a NUL is none that there is', async () => {
    const holds = String.raw`mutation { holdNamespace(input: { namespace: "a\u0000" }) { userErrors { code } } }`
    const { data } = await ask(served, holds, admin)
    expect(data).toEqual({ holdNamespace: { userErrors: [{ code: 'NAMESPACE_NOT_FOUND' }] } })
    const { data: found } = await ask(
      served,
      String.raw`{ definitions(namespace: "a\u0000") { name } definition(name: "a\u0000") { name } }`,
      admin,
    )
    expect(found).toEqual({ definitions: [], definition: null })
  })
})

describe('a request that is nothing but faults', () => {
  const many = Object.fromEntries(Array.from({ length: 5_000 }, (_, at) => [`unknown${at}`, 1]))
  const sizeOf = (body: unknown): number => JSON.stringify(body).length

  it('is answered with the first of them', async () => {
    const { status, body } = await served.call('POST', '/tasks', { ...admin, body: many })
    expect(status).toBe(422)
    expect(body).toMatchObject({ detail: expect.stringContaining('5002 faults') as string })
    expect((body as { readonly faults: readonly unknown[] }).faults).toHaveLength(100)
  })

  it('is answered shortly over GraphQL too', async () => {
    const query = 'query ($filter: TaskFilter) { tasks(filter: $filter) { nodes { taskId } } }'
    const { errors } = await ask(served, query, { ...admin, variables: { filter: many } })
    expect(errors[0]?.extensions.code).toBe('GRAPHQL_INVALID')
    expect(sizeOf(errors)).toBeLessThan(10_000)
  })
})

describe('a caller', () => {
  it.each(['worker:1', 'rescue by worker:1', 'tasker', 'anonymous', 'token:deploy'])(
    'that a token calls %s is refused: the history and the audit log know another by it',
    async (sub) => {
      const secret = 'a secret of more than thirty-two bytes'
      const { as: send } = await guardedInTest(database.url, {
        auth: {
          authenticationEnabled: true,
          authenticator: jwtAuthenticator({
            keys: { secret },
            issuer: 'https://issuer',
            audience: 'tasker',
          }),
        },
      })
      const token = await new SignJWT({ sub })
        .setProtectedHeader({ alg: 'HS256' })
        .setIssuer('https://issuer')
        .setAudience('tasker')
        .setExpirationTime('5m')
        .sign(new TextEncoder().encode(secret))
      const headers = { authorization: `Bearer ${token}` }
      expect(await send(null, 'GET', '/tasks', { headers })).toMatchObject({
        status: 401,
        body: { detail: 'The claim "sub" of the token is not accepted.' },
      })
    },
  )

  it('of one namespace is not told what others have', async () => {
    const permissions = ['tasker.task:create']
    const eve = as({ id: 'eve', permissions, namespaces: ['mine'] })
    const task = { name: 'greet', namespace: 'mine', context: {} }
    const told = 'No definition "greet" in namespace "mine".'
    const one = await served.call('POST', '/tasks', { ...eve, body: task })
    const many = await served.call('POST', '/tasks/batch', { ...eve, body: { tasks: [task] } })
    for (const answered of [one, many])
      expect(answered).toMatchObject({ status: 404, body: { detail: told } })
    const creates = `mutation { createTask(input: { name: "greet", namespace: "mine", context: {} }) {
      userErrors { message }
    } }`
    const { data } = await ask(served, creates, eve)
    expect(data).toEqual({ createTask: { userErrors: [{ message: told }] } })
  })

  it('whose address nobody knows is not refused for what others of no address guess', async () => {
    const { as: send } = await guardedInTest(database.url, {
      server: { failedAuthenticationsPerMinute: 1 },
      auth: {
        authenticationEnabled: true,
        authenticator: callersByHeader({ ana: {} }),
      },
    })
    const peer = { address: null }
    expect(await send('eve', 'GET', '/tasks', { peer })).toMatchObject({ status: 401 })
    expect(await send('ana', 'GET', '/tasks', { peer })).toMatchObject({ status: 200 })
  })
})

describe('the audit log', () => {
  it('keeps little of what is sent to fill it', async () => {
    const mallory = as({ id: 'mallory' })
    const long = 'x'.repeat(100_000)
    const sent = `mutation ($long: String!, $many: [String!]) {
      createTask(input: { name: $long, namespace: $long, context: {} }) { userErrors { code } }
      retryStep(input: { taskId: "${await makeTask()}", step: $long }) { userErrors { code } }
      cancelTasks(input: { filter: { name: $long, tags: $many } }) { userErrors { code } }
    }`
    const many = Array<string>(10_000).fill('tag')
    await ask(served, sent, { ...mallory, variables: { long, many } })
    const { entries } = await served.tasker.audit.list({ actor: 'mallory' })
    expect(entries.map(({ operation }) => operation)).toEqual([
      'operateTasks',
      'retryWorkflowStep',
      'createTask',
    ])
    for (const entry of entries) expect(JSON.stringify(entry).length).toBeLessThan(10_000)
  })
})
