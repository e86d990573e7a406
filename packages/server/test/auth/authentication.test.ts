// Who sends a request: the scenarios A1 to A5 of the specification, and the attacks on authentication that it lists.
import { createTasker, defineTask } from '@tasker/engine'
import {
  apiTokenAuthenticator,
  AuthenticationFailed,
  createServer,
  firstOf,
  hostSessionAuthenticator,
  roleCoordinator,
  type Authenticator,
  type Caller,
  type Question,
} from '@tasker/server'
import { describe, expect, onTestFinished, test } from 'vitest'
import { databaseForFile } from '../../../engine/test/support/database.ts'
import { authFor, byHeader, guardedInTest } from '../support/guarded.ts'
import { send, type CallOptions } from '../support/served.ts'

const database = databaseForFile()
const note = defineTask({ namespace: 'office', name: 'note' }).step('write', async () => 'ink')
const newNote = { name: 'note', namespace: 'office', context: {} }

const authenticated = (authenticator: Authenticator) => ({
  auth: { authenticationEnabled: true, authenticator },
  definitions: [note],
})

describe('authentication', () => {
  test('A1: off, every call from this machine is allowed', async () => {
    const { as } = await guardedInTest(database.url, { definitions: [note] })
    const created = await as(null, 'POST', '/tasks', { body: newNote })
    expect([created.status, (await as(null, 'GET', '/tasks')).status]).toEqual([201, 200])
  })

  test('A2: on, a valid user is answered', async () => {
    const { as } = await guardedInTest(database.url, authenticated(byHeader({ ana: {} })))
    expect((await as('ana', 'GET', '/tasks')).status).toBe(200)
    expect((await as('ana', 'POST', '/tasks', { body: newNote })).status).toBe(201)
  })

  test('A3: on, no user or one that is not good is told so, with how to authenticate', async () => {
    const { as } = await guardedInTest(database.url, authenticated(byHeader({ ana: {} })))
    const none = await as(null, 'GET', '/tasks')
    expect(none.body).toMatchObject({
      status: 401,
      title: 'Unauthorized',
      code: 'UNAUTHENTICATED',
      detail: 'The request brings no credentials that are read here.',
    })
    expect(none.headers.get('www-authenticate')).toBe('ApiKey realm="tasker"')
    const bad = await as('eve', 'POST', '/tasks', { body: 'not even JSON' })
    expect(bad.body).toMatchObject({ status: 401, detail: 'Test authentication failed.' })
  })

  test('A4: an authenticator that reports what is wrong with it makes no server', async () => {
    const tasker = await createTasker({
      database: { url: database.url },
      auth: {
        authenticationEnabled: true,
        authenticator: {
          authenticate: () => null,
          configurationFaults: () => ['has no secret', 'has no issuer'],
        },
      },
    })
    onTestFinished(() => tasker.close())
    expect(() => createServer(tasker)).toThrow(
      'auth.authenticator has no secret. auth.authenticator has no issuer.',
    )
  })

  test('A5: an authenticator that is missing is told when Tasker is made', async () => {
    const auth = { authenticationEnabled: true }
    await expect(createTasker({ database: { url: database.url }, auth })).rejects.toThrow(
      'auth.authenticationEnabled: must be false while there is no auth.authenticator',
    )
  })

  test.each([
    ['without its method', { authenticator: {} }, 'has no method `authenticate(request, peer)`'],
    ['of nothing', { authenticator: firstOf() }, 'is made of no authenticator'],
  ])('A5: an authenticator that is %s makes no server', async (_case, given, fault) => {
    const auth = { authenticationEnabled: true, ...given }
    const tasker = await createTasker({ database: { url: database.url }, auth })
    onTestFinished(() => tasker.close())
    expect(() => createServer(tasker)).toThrow(`auth.authenticator ${fault}`)
  })

  test('fails closed: what an authenticator throws, or answers that is no caller, is a fault of the server', async () => {
    const answers: readonly (() => unknown)[] = [
      () => {
        throw new Error('password of the directory: hunter2')
      },
      () => ({ id: '' }),
      () => ({ id: 'x'.repeat(129) }),
      () => ({ id: 'ana\nroot' }),
      () => ({ id: 'ana', roles: 'admin' }),
      () => ({ id: 'ana', isAdmin: 'no' }),
      () => ({ id: 'ana', namespaces: 'shop' }),
      () => true,
    ]
    let turn = 0
    const { as } = await guardedInTest(
      database.url,
      // What plain JavaScript may do, whatever the type says.
      authenticated({ authenticate: () => answers[turn]?.() as Caller }),
    )
    for (turn = 0; turn < answers.length; turn += 1) {
      const { status, body } = await as(null, 'GET', '/tasks')
      expect([turn, status]).toEqual([turn, 500])
      expect(JSON.stringify(body)).not.toContain('hunter2')
    }
  })

  test('sees a database that is away as unavailable, not as a wrong token', async () => {
    const { tasker, server } = await guardedInTest(
      database.url,
      authenticated(apiTokenAuthenticator()),
    )
    const { secret } = await tasker.apiTokens.create({ name: 'away', scopes: ['*'] })
    await tasker.close()
    const answer = await send(server, 'GET', '/tasks', { headers: { 'x-api-token': secret } })
    expect(answer.status).toBe(503)
  })

  test('is found in the log by its correlation id, with what was asked for', async () => {
    const lines: unknown[] = []
    const keep = (fields: object, message: string): void => {
      lines.push({ ...fields, message })
    }
    const { as } = await guardedInTest(database.url, {
      ...authenticated({
        authenticate: ({ headers }) => {
          if (headers.has('x-user')) throw new Error('broken')
          return null
        },
      }),
      logger: { debug: keep, info: keep, warn: keep, error: keep },
      telemetry: { logLevel: 'debug' },
    })
    const headers = { 'x-correlation-id': 'call-7' }
    await as('ana', 'GET', '/tasks?tags=private', { headers })
    await as(null, 'POST', '/tasks', { headers })
    expect(lines).toContainEqual(
      expect.objectContaining({
        message: 'a request failed',
        correlation_id: 'call-7',
        method: 'GET',
        path: '/tasker/tasks',
        status: 500,
      }),
    )
    expect(lines).toContainEqual(
      expect.objectContaining({
        message: 'a request was refused',
        correlation_id: 'call-7',
        method: 'POST',
        path: '/tasker/tasks',
        status: 401,
        code: 'UNAUTHENTICATED',
      }),
    )
    expect(JSON.stringify(lines)).not.toContain('private')
  })
})

describe('W-01: two users at once', () => {
  test('each gets their own answers, after whatever came before, and nobody is nobody', async () => {
    const sessions = new Map([
      ['s-ana', 'ana'],
      ['s-ben', 'ben'],
    ])
    const session = hostSessionAuthenticator({
      async callerOf({ headers }) {
        // What is read in between belongs to another request, if it can.
        const id = /session=([\w-]+)/.exec(headers.get('cookie') ?? '')?.[1] ?? ''
        await new Promise(setImmediate)
        const user = sessions.get(id)
        if (id !== '' && user === undefined) throw new AuthenticationFailed('No such session.')
        return user === undefined ? null : { id: user, namespaces: [user] }
      },
    })
    const mine = ['ana', 'ben'].map((namespace) =>
      defineTask({ namespace, name: 'own' }).step('only', async () => 1),
    )
    const { tasker, server } = await guardedInTest(database.url, {
      ...authenticated(firstOf(apiTokenAuthenticator(), session)),
      definitions: mine,
    })
    const token = await tasker.apiTokens.create({
      name: 'ben',
      scopes: ['tasker.task:show'],
      namespaces: ['ben'],
    })
    const taskIds = await Promise.all(
      mine.map(
        async (definition) => (await tasker.tasks.create(definition, { context: {} })).taskId,
      ),
    )
    const as = async (headers: Readonly<Record<string, string>>): Promise<readonly number[]> =>
      Promise.all(
        taskIds.map(async (id) => (await send(server, 'GET', `/tasks/${id}`, { headers })).status),
      )
    const kinds = [
      [{ cookie: 'session=s-ana' }, [200, 404]],
      [{ cookie: 'session=s-ben' }, [404, 200]],
      [{ 'x-api-token': token.secret }, [404, 200]],
      [{ cookie: 'session=stolen' }, [401, 401]],
      [{ authorization: 'Bearer tsk_malformed' }, [401, 401]],
      [{}, [401, 401]],
    ] as const
    const many = Array.from({ length: 8 }, () => kinds).flat()
    const answers = await Promise.all(many.map(([headers]) => as(headers)))
    expect(answers).toEqual(many.map(([, expected]) => expected))
  })
})

describe('W-07: API tokens', () => {
  const setup = async () => {
    const { tasker, server } = await guardedInTest(database.url, {
      definitions: [note],
      auth: {
        authenticationEnabled: true,
        authenticator: apiTokenAuthenticator(),
        authorizationEnabled: true,
        authorizationCoordinator: roleCoordinator(),
      },
    })
    const call = (method: string, path: string, options?: CallOptions) =>
      send(server, method, path, options)
    return { tasker, call }
  }

  test('are read from their header and as a bearer, never bare or from elsewhere', async () => {
    const { tasker, call } = await setup()
    const { secret } = await tasker.apiTokens.create({ name: 'reader', scopes: ['tasker.task:*'] })
    const statusWith = async (headers: Readonly<Record<string, string>>): Promise<number> =>
      (await call('GET', '/tasks', { headers })).status
    expect(await statusWith({ 'x-api-token': secret })).toBe(200)
    expect(await statusWith({ authorization: `Bearer ${secret}` })).toBe(200)
    expect(await statusWith({ authorization: `bearer  ${secret}` })).toBe(200)
    for (const headers of [
      { authorization: secret },
      { authorization: `Basic ${secret}` },
      { authorization: `Bearer ${secret} ${secret}` },
      { cookie: `x-api-token=${secret}` },
      { 'x-api-token': '' },
    ]) {
      expect(await statusWith(headers)).toBe(401)
    }
    expect((await call('GET', `/tasks?x_api_token=${secret}`)).status).toBe(401)
  })

  test('do nothing beyond their scopes and namespaces, also while authorization is off', async () => {
    const { tasker, server } = await guardedInTest(
      database.url,
      authenticated(apiTokenAuthenticator()),
    )
    const { secret } = await tasker.apiTokens.create({
      name: 'narrow',
      scopes: ['tasker.task:show', 'tasker.task:create'],
      namespaces: ['shop'],
    })
    const headers = { 'x-api-token': secret }
    expect((await send(server, 'GET', '/tasks', { headers })).status).toBe(403)
    const { taskId } = await tasker.tasks.create(note, { context: {} })
    expect((await send(server, 'GET', `/tasks/${taskId}`, { headers })).status).toBe(404)
    const elsewhere = await send(server, 'POST', '/tasks', { headers, body: newNote })
    expect(elsewhere.body).toMatchObject({ status: 403, code: 'FORBIDDEN' })
    const unnamed = await send(server, 'POST', '/tasks', {
      headers,
      body: { name: 'note', context: {} },
    })
    expect(unnamed.status).toBe(403) // the default namespace is not theirs either
  })

  test('are refused from the moment they are revoked, with the reason to who has the secret', async () => {
    const { tasker, call } = await setup()
    const { secret } = await tasker.apiTokens.create({ name: 'gone', scopes: ['*'] })
    const headers = { 'x-api-token': secret }
    expect((await call('GET', '/tasks', { headers })).status).toBe(200)
    await tasker.apiTokens.revoke('gone')
    const refused = await call('GET', '/tasks', { headers })
    expect(refused.body).toMatchObject({ status: 401, detail: 'The API token was revoked.' })
    expect(refused.headers.get('www-authenticate')).toBe(
      'ApiKey realm="tasker", Bearer realm="tasker", error="invalid_token"',
    )
  })

  test('stand in the history as the actor, whatever the client says', async () => {
    const { tasker, call } = await setup()
    const { secret } = await tasker.apiTokens.create({ name: 'maker', scopes: ['*'] })
    const made = await call('POST', '/tasks', {
      headers: { 'x-api-token': secret },
      body: newNote,
    })
    expect(made.body).toMatchObject({ task: { initiator: 'token:maker' } })
    const { task } = made.body as { task: { task_id: string } }
    expect((await tasker.tasks.history(task.task_id))[0]?.actor).toBe('token:maker')
    const asAnother = await call('POST', '/tasks', {
      headers: { 'x-api-token': secret },
      body: { ...newNote, initiator: 'root' },
    })
    expect(asAnother.body).toMatchObject({ status: 422, faults: [{ path: 'initiator' }] })
  })
})

describe('W-18: settings that contradict each other', () => {
  test.each([
    [{ telemetry: { metricsAuthRequired: true } }, 'telemetry.metricsAuthRequired'],
    [{ health: { readyRequiresAuthentication: true } }, 'health.readyRequiresAuthentication'],
  ])('make no server: %j', async (options, key) => {
    const tasker = await createTasker({ database: { url: database.url }, ...options })
    onTestFinished(() => tasker.close())
    expect(() => createServer(tasker)).toThrow(`${key} needs auth.authenticationEnabled`)
  })

  test('with authorization alone, the policy sees that nobody was asked', async () => {
    const seen: unknown[] = []
    const { as } = await guardedInTest(database.url, {
      auth: {
        authorizationEnabled: true,
        authorizationCoordinator: {
          can({ caller }: Question) {
            seen.push(caller)
            return false
          },
        },
      },
    })
    expect((await as(null, 'GET', '/tasks')).status).toBe(403)
    expect(seen).toEqual([null])
    const shipped = await guardedInTest(database.url, {
      auth: { ...authFor({}), authenticationEnabled: false },
    })
    expect((await shipped.as('ana', 'GET', '/tasks')).status).toBe(403)
  })
})
