// What a caller may do: the scenarios Z1 to Z13 of the specification and what follows from its list of weaknesses. D1 is
// matrix.test.ts; D2 and D3 are programs of docs/guides/authentication.md.
import { createTasker, defineTask, TaskerError } from '@tasker/engine'
import {
  accessFor,
  createAccess,
  createServer,
  roleCoordinator,
  type AuthorizationCoordinator,
  type Question,
} from '@tasker/server'
import { describe, expect, onTestFinished, test } from 'vitest'
import { databaseForFile } from '../../../engine/test/support/database.ts'
import { authFor, byHeader, guardedInTest } from '../support/guarded.ts'
import type { Answered } from '../support/served.ts'

const database = databaseForFile()
const note = defineTask({ namespace: 'office', name: 'note' }).step('write', async () => 'ink')
const bill = defineTask({ namespace: 'shop', name: 'bill' }).step('print', async () => 'paper')
const newNote = { name: 'note', namespace: 'office', context: {} }
const definitions = [note, bill]

const users = {
  admin: { isAdmin: true },
  reader: {
    permissions: [
      'tasker.task:index',
      'tasker.task:show',
      'tasker.workflow_step:index',
      'tasker.workflow_step:show',
    ],
  },
  lister: { permissions: ['tasker.task:index'] },
  nobody: {},
}

const statuses = (answers: readonly Answered[]): readonly number[] =>
  answers.map(({ status }) => status)

describe('authorization', () => {
  test('Z1: off, everything is allowed to whoever is known', async () => {
    const { as } = await guardedInTest(database.url, {
      definitions,
      auth: { authenticationEnabled: true, authenticator: byHeader(users) },
    })
    expect((await as('nobody', 'POST', '/tasks', { body: newNote })).status).toBe(201)
    expect((await as('nobody', 'GET', '/tasks')).status).toBe(200)
  })

  test('on without a coordinator, everything is denied, to an admin too', async () => {
    const { as } = await guardedInTest(database.url, {
      auth: {
        authenticationEnabled: true,
        authenticator: byHeader(users),
        authorizationEnabled: true,
      },
    })
    expect((await as('admin', 'GET', '/tasks')).status).toBe(403)
  })

  test('Z2: an admin does what there is to do', async () => {
    const { as } = await guardedInTest(database.url, { definitions, auth: authFor(users) })
    const created = await as('admin', 'POST', '/tasks', { body: newNote })
    expect(created.status).toBe(201)
    const { task } = created.body as { task: { task_id: string } }
    expect((await as('admin', 'GET', `/tasks/${task.task_id}`)).status).toBe(200)
    expect((await as('admin', 'GET', '/tasks')).status).toBe(200)
  })

  test('Z3: a reader reads, and writes nothing', async () => {
    const { tasker, as } = await guardedInTest(database.url, { definitions, auth: authFor(users) })
    const { taskId } = await tasker.tasks.create(note, { context: {} })
    const reads = [
      await as('reader', 'GET', '/tasks'),
      await as('reader', 'GET', `/tasks/${taskId}`),
    ]
    expect(statuses(reads)).toEqual([200, 200])
    expect((await as('reader', 'POST', '/tasks', { body: newNote })).status).toBe(403)
  })

  test('Z4, Z6: who may only list is told which permission is missing', async () => {
    const { tasker, as } = await guardedInTest(database.url, { definitions, auth: authFor(users) })
    const { taskId } = await tasker.tasks.create(note, { context: {} })
    expect((await as('lister', 'GET', '/tasks')).status).toBe(200)
    const shown = await as('lister', 'GET', `/tasks/${taskId}`)
    expect(shown.body).toMatchObject({
      status: 403,
      title: 'Forbidden',
      code: 'FORBIDDEN',
      detail: 'Not authorized to show on tasker.task.',
    })
    expect((await as('lister', 'POST', '/tasks', { body: newNote })).status).toBe(403)
  })

  test('Z5: who is not known is asked for credentials before anything else', async () => {
    const { as } = await guardedInTest(database.url, { definitions, auth: authFor(users) })
    const answers = [
      await as(null, 'GET', '/tasks'),
      await as(null, 'POST', '/tasks', { body: 'not JSON' }),
      await as(null, 'GET', '/tasks/no-id'),
      await as(null, 'POST', '/graphql', { body: { query: '{ tasks { nodes { name } } }' } }),
    ]
    expect(statuses(answers)).toEqual([401, 401, 401, 401])
  })

  test('Z9: the same caller may and may not do the same over GraphQL', async () => {
    const { as } = await guardedInTest(database.url, { definitions, auth: authFor(users) })
    const ask = async (user: string, query: string): Promise<unknown> =>
      (await as(user, 'POST', '/graphql', { body: { query } })).body
    const list = '{ tasks { nodes { name } } }'
    const create =
      'mutation { createTask(input: { name: "note", context: {} }) { userErrors { code } } }'
    expect(await ask('lister', list)).not.toHaveProperty('errors')
    expect(await ask('lister', create)).toMatchObject({
      data: { createTask: { userErrors: [{ code: 'FORBIDDEN' }] } },
    })
    expect(await ask('nobody', list)).toMatchObject({
      errors: [{ extensions: { code: 'FORBIDDEN' } }],
    })
  })

  test('403 comes before 404 and before what is wrong with the request', async () => {
    const { as } = await guardedInTest(database.url, { auth: authFor(users) })
    const answers = [
      await as('nobody', 'GET', '/tasks/no-id'),
      await as('nobody', 'GET', '/tasks?limit=-1'),
      await as('nobody', 'POST', '/tasks', { body: 'not JSON' }),
    ]
    expect(statuses(answers)).toEqual([403, 403, 403])
  })

  test.each([
    ['Z7: that is none', 'a name', 'authorizationCoordinator'],
    ['Z8: without its method', {}, 'has no method `can(question)`'],
    [
      'with a permission that does not exist',
      roleCoordinator({ roles: { viewer: ['tasker.task:fly'] } }),
      'has a role "viewer" with "tasker.task:fly", which is no permission',
    ],
  ])('a coordinator %s is told before anybody is answered', async (_case, coordinator, fault) => {
    const make = async () => {
      const tasker = await createTasker({
        database: { url: database.url },
        // What a file of plain JavaScript may give, whatever the type says.
        auth: { authorizationEnabled: true, authorizationCoordinator: coordinator as object },
      })
      onTestFinished(() => tasker.close())
      return createServer(tasker)
    }
    await expect(make()).rejects.toThrow(fault)
  })

  test('Z10: a coordinator that fails allows nothing and tells nothing', async () => {
    const failures = [
      new Error('select * from secrets'),
      new TaskerError('AUTH_MISCONFIGURED', 'password: hunter2.'),
      new TaskerError('TASK_NOT_FOUND', 'as if it were an answer.'),
    ]
    for (const failure of failures) {
      const { as } = await guardedInTest(database.url, {
        auth: authFor(users, {
          can: () => {
            throw failure
          },
        }),
      })
      const answer = await as('admin', 'GET', '/tasks')
      expect(answer.status).toBe(500)
      expect(JSON.stringify(answer.body)).not.toMatch(/secrets|hunter2|as if/)
      const paths = ['/health/status', '/metrics', '/health/live', '/health/ready']
      const guardedPaths = await Promise.all(
        paths.slice(0, 2).map((path) => as('admin', 'GET', path)),
      )
      const openPaths = await Promise.all(paths.slice(2).map((path) => as(null, 'GET', path)))
      expect(statuses([...guardedPaths, ...openPaths])).toEqual([500, 500, 200, 200])
    }
  })

  test('only `true` allows', async () => {
    for (const answer of ['yes', 1, {}, undefined, null, 'hidden']) {
      const { as } = await guardedInTest(database.url, {
        // What plain JavaScript may answer, whatever the type says.
        auth: authFor(users, { can: () => answer as boolean }),
      })
      expect((await as('admin', 'GET', '/tasks')).status).toBe(403)
    }
  })

  test('Z12: a policy sees what is addressed, and reads the task once', async () => {
    const seen: Question[] = []
    const owner: AuthorizationCoordinator = {
      async can(question) {
        seen.push(question)
        const [task, again] = await Promise.all([question.task(), question.task()])
        expect(again).toBe(task)
        return task?.context['owner'] === question.caller?.id
      },
    }
    const { tasker, as } = await guardedInTest(database.url, {
      definitions,
      auth: authFor({ ana: {}, ben: {} }, owner),
    })
    const { taskId } = await tasker.tasks.create(note, { context: { owner: 'ana' } })
    expect((await as('ana', 'GET', `/tasks/${taskId}`)).status).toBe(200)
    expect((await as('ben', 'GET', `/tasks/${taskId}`)).status).toBe(403)
    expect(seen[0]).toMatchObject({
      permission: 'tasker.task:show',
      resource: 'tasker.task',
      action: 'show',
      taskId,
      step: null,
      namespace: null,
      transport: 'rest',
      caller: { id: 'ana' },
    })
  })

  test('Z13: off, everything is allowed, to nobody too', async () => {
    const { tasker } = await guardedInTest(database.url)
    expect(await accessFor(tasker, null).can('tasker.task:destroy')).toBe(true)
  })

  test('D4: code of the application asks the same', async () => {
    const { tasker } = await guardedInTest(database.url, { auth: authFor({}) })
    const viewer = accessFor(tasker, { id: 'ana', roles: ['viewer'] })
    expect(viewer.origin.transport).toBe('code')
    expect(await viewer.can('tasker.task:show')).toBe(true)
    expect(await viewer.can('tasker.task:create')).toBe(false)
    await expect(viewer.require('tasker.task:create')).rejects.toMatchObject({ code: 'FORBIDDEN' })
    expect(await accessFor(tasker, null).can('tasker.task:show')).toBe(false)
  })
})

describe('W-09: namespaces', () => {
  const bounded = {
    seller: { roles: ['clerk'] },
    both: { roles: ['clerk', 'writer'] },
    own: { permissions: ['*'], namespaces: ['shop'] },
    lost: { isAdmin: true, namespaces: ['shop'] },
  }
  const roles = {
    clerk: { permissions: ['tasker.task:*'], namespaces: ['shop'] },
    writer: { permissions: ['tasker.task:show'], namespaces: ['office'] },
  }
  const setup = async () => {
    const opened = await guardedInTest(database.url, {
      definitions,
      auth: authFor(bounded, roleCoordinator({ roles })),
    })
    const { tasks } = opened.tasker
    const there = (await tasks.create(note, { context: {} })).taskId
    const here = (await tasks.create(bill, { context: {} })).taskId
    return { ...opened, here, there }
  }

  test('of a caller or of a role hide the tasks of others, as if there were none', async () => {
    const { as, here, there } = await setup()
    for (const user of ['seller', 'own']) {
      expect((await as(user, 'GET', `/tasks/${here}`)).status).toBe(200)
      const hidden = await as(user, 'GET', `/tasks/${there}`)
      const missing = await as(user, 'GET', '/tasks/0198f3f0-7c1e-7000-8000-0123456789ab')
      expect(hidden.status).toBe(404)
      const told = ({ body }: Answered, id: string): string =>
        JSON.stringify({ ...(body as object), instance: '' }).replaceAll(id, 'it')
      expect(told(hidden, there)).toBe(
        told(missing, '0198f3f0-7c1e-7000-8000-0123456789ab'), // word for word
      )
    }
    expect((await as('both', 'GET', `/tasks/${there}`)).status).toBe(200)
    expect((await as('lost', 'GET', `/tasks/${there}`)).status).toBe(200) // an admin is bound by none
  })

  test('are where tasks can be created', async () => {
    const { as } = await setup()
    const create = async (user: string, body: object): Promise<number> =>
      (await as(user, 'POST', '/tasks', { body })).status
    const newBill = { name: 'bill', namespace: 'shop', context: {} }
    for (const user of ['seller', 'own', 'both']) {
      expect(await create(user, newBill)).toBe(201)
      expect(await create(user, newNote)).toBe(403)
      expect(await create(user, { name: 'note', context: {} })).toBe(403)
    }
  })

  test('narrow lists: of a caller, of the roles that may list, and of both', async () => {
    const { tasker } = await setup()
    const scopeOf = (caller: Parameters<typeof createAccess>[0]['caller']) =>
      createAccess({
        tasker,
        caller,
        coordinator: roleCoordinator({
          roles: {
            ...roles,
            auditor: { permissions: ['tasker.task:index'], namespaces: ['office'] },
          },
        }),
        origin: { transport: 'rest', correlationId: 'c', address: null },
        at: tasker.now(),
      }).scope('tasker.task:index')
    expect(await scopeOf({ id: 'a', roles: ['clerk'] })).toEqual({ namespaces: ['shop'] })
    expect(await scopeOf({ id: 'a', roles: ['clerk', 'writer'] })).toEqual({ namespaces: ['shop'] })
    expect(await scopeOf({ id: 'a', roles: ['clerk', 'auditor'] })).toEqual({
      namespaces: ['shop', 'office'],
    })
    expect(await scopeOf({ id: 'a', roles: ['clerk'], namespaces: ['office'] })).toEqual({
      namespaces: [],
    })
    expect(await scopeOf({ id: 'a', permissions: ['*'], namespaces: ['office'] })).toEqual({
      namespaces: ['office'],
    })
    expect(await scopeOf({ id: 'a', isAdmin: true, namespaces: ['office'] })).toBeNull()
  })
})

test('roles that nobody knows grant nothing, and names of methods are no roles', async () => {
  const { as } = await guardedInTest(database.url, {
    auth: authFor({ eve: { roles: ['superuser', 'constructor', '__proto__', 'toString'] } }),
  })
  expect((await as('eve', 'GET', '/tasks')).status).toBe(403)
})
