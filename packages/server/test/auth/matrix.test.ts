// The permission matrix: every operation for every role over every transport, and every permission as the one decision that
// they all share. What is expected is generated from the operations and from the table of roles below, which is written by hand.
import { defineTask } from '@tasker/engine'
import { createAccess, operations, permissions, roleCoordinator } from '@tasker/server'
import type { AuthorizationCoordinator, Operation, Permission, shippedRoles } from '@tasker/server'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databaseForFile } from '../../../engine/test/support/database.ts'
import { authFor, guarded, type Guarded } from '../support/guarded.ts'
import { transports, type Verdict } from '../support/transports.ts'

type Role = keyof typeof shippedRoles

/** What each shipped role may do: scenario D1. An admin does everything. */
const actionsOfRole: Readonly<Record<Exclude<Role, 'admin'>, readonly string[]>> = {
  manager: ['index', 'show', 'create', 'update', 'retry'],
  operator: ['index', 'show', 'retry'],
  viewer: ['index', 'show'],
}

const adminOnly = ['tasker.audit:index']

/** Callers by name; the last has no role at all. */
const roles = ['admin', 'manager', 'operator', 'viewer', 'nobody'] as const

/** Null: without credentials. */
type User = (typeof roles)[number] | null

function mayDo(role: (typeof roles)[number], permission: Permission): boolean {
  if (role === 'admin') return true
  if (role === 'nobody' || adminOnly.includes(permission)) return false
  return actionsOfRole[role].includes(permission.split(':')[1] ?? '')
}

const users = Object.fromEntries(roles.map((role) => [role, { roles: [role] }]))
const database = databaseForFile()
const note = defineTask({ namespace: 'office', name: 'note' }).step('write', async () => 'ink')

let served: Guarded & { close(): Promise<void> }
let taskId = ''

beforeAll(async () => {
  served = await guarded(database.url, {
    definitions: [note],
    auth: authFor(users),
    telemetry: { metricsAuthRequired: true },
    health: { readyRequiresAuthentication: true, statusRequiresAuthentication: true },
  })
  taskId = (await served.tasker.tasks.create(note, { context: { text: 'hello' } })).taskId
})
afterAll(() => served.close())

function verdictFor({ permission, authentication }: Operation, user: User): Verdict {
  if (authentication === 'never') return 'allowed'
  if (user === null) return 'unauthenticated'
  return permission === null || mayDo(user, permission) ? 'allowed' : 'forbidden'
}

describe.each(transports)('over $name', ({ ask }) => {
  test.each(operations)('$id is answered to whom it may be', async (operation) => {
    const verdicts: (readonly [User, Verdict])[] = []
    for (const user of [...roles, null]) {
      const verdict = await ask(operation, { served, user, taskId, step: 'write' })
      if (verdict !== null) verdicts.push([user, verdict])
    }
    expect(verdicts).toEqual(verdicts.map(([user]) => [user, verdictFor(operation, user)]))
  })
})

describe('the decision behind them', () => {
  const transportNames = ['rest', 'graphql', 'sse'] as const
  test.each(roles)('is the same for every transport, and the table’s: %s', async (role) => {
    const decisions = transportNames.map((transport) =>
      createAccess({
        tasker: served.tasker,
        caller: { id: role, roles: [role] },
        coordinator: roleCoordinator(),
        origin: { transport, correlationId: 'c', address: null },
        at: served.tasker.now(),
      }),
    )
    for (const permission of permissions) {
      const given = await Promise.all(decisions.map((access) => access.can(permission)))
      expect([permission, ...given]).toEqual([
        permission,
        ...transportNames.map(() => mayDo(role, permission)),
      ])
    }
  })

  test('every operation asks for a permission of the table, but those that are open to all', () => {
    const without = operations.filter(({ permission }) => permission === null)
    const open = without.filter(
      ({ authentication }) => !['never', 'ready'].includes(authentication),
    )
    // Of GraphQL each field has a permission of its own.
    expect(open.map(({ id }) => id)).toEqual(['graphql', 'graphqlOverGet'])
    const asked = operations.flatMap(({ permission }) => permission ?? [])
    expect(asked.filter((permission) => !permissions.includes(permission))).toEqual([])
  })

  test('every change is audited: what is no mutation is read with GET', () => {
    const silent = operations.filter(({ isMutation, method }) => !isMutation && method !== 'get')
    // Dry questions that are too long for an address; each named here on purpose. GraphQL audits each of its mutations.
    expect(silent.map(({ id }) => id)).toEqual(['graphql'])
  })

  test('is asked once for each question of a request', async () => {
    const asked: string[] = []
    const counting: AuthorizationCoordinator = {
      can: ({ permission }) => {
        asked.push(permission)
        return true
      },
    }
    const access = createAccess({
      tasker: served.tasker,
      caller: { id: 'ana' },
      coordinator: counting,
      origin: { transport: 'rest', correlationId: 'c', address: null },
      at: served.tasker.now(),
    })
    await Promise.all([access.can('tasker.task:show'), access.require('tasker.task:show')])
    await access.can('tasker.task:show', { taskId })
    await access.can('tasker.task:show', { taskId })
    expect(asked).toEqual(['tasker.task:show', 'tasker.task:show'])
  })
})

describe('payloads', () => {
  const shows = { permissions: ['tasker.task:show', 'tasker.workflow_step:index'] }
  const visibility = {
    neither: shows,
    context: { permissions: [...shows.permissions, 'tasker.task:show_payload'] },
    results: { permissions: [...shows.permissions, 'tasker.workflow_step:show_payload'] },
    both: {
      permissions: [
        ...shows.permissions,
        'tasker.task:show_payload',
        'tasker.workflow_step:show_payload',
      ],
    },
  }

  test('are shown by a permission of their own, and to no shipped role but admin', async () => {
    const { taskId: done } = await served.tasker.tasks.create(note, { context: { text: 'hi' } })
    await served.tasker.tasks.resolve(done, { step: 'write', result: { ink: 'blue' } })
    await using open = await opened(visibility)
    const seen = async (by: Guarded, user: string): Promise<readonly unknown[]> => {
      const { body } = await by.as(user, 'GET', `/tasks/${done}`)
      const { task } = body as {
        task: { context: unknown; workflow_steps: { results: unknown }[] }
      }
      return [task.context, task.workflow_steps[0]?.results]
    }
    const [context, results] = [{ text: 'hi' }, { ink: 'blue' }]
    expect(await seen(open, 'neither')).toEqual([null, null])
    expect(await seen(open, 'context')).toEqual([context, null])
    expect(await seen(open, 'results')).toEqual([null, results])
    expect(await seen(open, 'both')).toEqual([context, results])
    expect(await seen(served, 'admin')).toEqual([context, results])
    for (const role of ['manager', 'operator', 'viewer'])
      expect(await seen(served, role)).toEqual([null, null])
  })

  async function opened(given: typeof visibility) {
    const made = await guarded(database.url, { auth: authFor(given) })
    return { ...made, [Symbol.asyncDispose]: () => made.close() }
  }
})
