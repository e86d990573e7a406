// W-14: every change that is asked for over REST is written down with who asked, and what became of it.
import { defineTask, TaskerError } from '@tasker/engine'
import { createAccess, recordAudit } from '@tasker/server'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { databaseForFile } from '../../../engine/test/support/database.ts'
import { authFor, guarded, guardedInTest, type Guarded } from '../support/guarded.ts'

const database = databaseForFile()
const note = defineTask({ namespace: 'office', name: 'note' }).step('write', async () => 'ink')
const users = {
  admin: { isAdmin: true },
  viewer: { roles: ['viewer'] },
  clerk: { permissions: ['tasker.task:*', 'tasker.audit:index'], namespaces: ['shop'] },
}

let served: Guarded & { close(): Promise<void> }
const lines: Record<string, unknown>[] = []
const keep = (fields: object, message: string): void => {
  if (message === 'audit') lines.push({ ...fields })
}

beforeAll(async () => {
  served = await guarded(database.url, {
    definitions: [note],
    auth: authFor(users),
    logger: { debug: keep, info: keep, warn: keep, error: keep },
  })
})
beforeEach(() => {
  lines.length = 0
})
afterAll(() => served.close())

const entries = async (query = ''): Promise<readonly Record<string, unknown>[]> => {
  const { body } = await served.as('admin', 'GET', `/audit${query}`)
  return (body as { entries: Record<string, unknown>[] }).entries
}

const body = { name: 'note', namespace: 'office', context: { card: '4111 1111' }, reason: 'asked' }

describe('the audit log', () => {
  test('has a change with its actor, reason, address, and what was made', async () => {
    const peer = { address: '192.0.2.7' }
    const headers = { 'x-correlation-id': 'order-7' }
    const made = await served.as('admin', 'POST', '/tasks', { body, headers, peer })
    const { task } = made.body as { task: { task_id: string } }
    const [entry] = await entries(`?task_id=${task.task_id}`)
    expect(entry).toMatchObject({
      actor: 'admin',
      operation: 'createTask',
      permission: 'tasker.task:create',
      transport: 'rest',
      addressed: { name: 'note', namespace: 'office' },
      reason: 'asked',
      correlation_id: 'order-7',
      address: '192.0.2.7',
      outcome: 'done',
      code: null,
      before: { is_held: false },
      after: { state: 'pending', tags: [] },
    })
    expect(JSON.stringify(entry)).not.toContain('4111')
    expect(lines).toMatchObject([
      { actor: 'admin', operation: 'createTask', task_id: task.task_id, outcome: 'done' },
    ])
    expect(JSON.stringify(lines)).not.toContain('4111')
  })

  test('names an API token in the lines of the log too, where what looks like a secret is masked', async () => {
    const written: string[] = []
    const { as } = await guardedInTest(database.url, {
      definitions: [note],
      auth: authFor({ 'token:deploy': { isAdmin: true } }),
      logs: { write: (line) => written.push(line) > 0 },
    })
    await as('token:deploy', 'POST', '/tasks', { body })
    const line = written.find((one) => one.includes('"audit"'))
    expect(JSON.parse(line ?? '{}')).toMatchObject({
      operation: 'createTask',
      actor: 'token deploy',
    })
  })

  test('has what was denied, and what was not possible', async () => {
    await served.as('viewer', 'POST', '/tasks', { body })
    await served.as('clerk', 'POST', '/tasks', { body })
    await served.as('admin', 'POST', '/tasks', { body: { ...body, name: 'notes' } })
    expect(await entries('?operation=createTask&limit=3')).toMatchObject([
      {
        actor: 'admin',
        outcome: 'refused',
        code: 'DEFINITION_NOT_FOUND',
        after: { is_held: false },
      },
      { actor: 'clerk', outcome: 'denied', code: 'FORBIDDEN', addressed: { namespace: 'office' } },
      { actor: 'viewer', outcome: 'denied', code: 'FORBIDDEN', after: null },
    ])
    expect(lines.map(({ outcome }) => outcome)).toEqual(['denied', 'denied', 'refused'])
  })

  test('has nothing of what was only read, was not understood, or was asked by strangers', async () => {
    const before = await entries('?limit=1')
    await served.as('admin', 'GET', '/tasks')
    await served.as('viewer', 'GET', '/audit')
    await served.as('admin', 'POST', '/tasks', { body: { name: '' } })
    await served.as(null, 'POST', '/tasks', { body })
    expect(await entries('?limit=1')).toEqual(before)
  })

  test('is shown by page, and only to whom it may be', async () => {
    expect((await served.as('viewer', 'GET', '/audit')).status).toBe(403)
    const first = await served.as('admin', 'GET', '/audit?limit=1')
    const { page } = first.body as { page: { next_cursor: string } }
    const [next] = await entries(`?limit=1&cursor=${page.next_cursor}`)
    const [one, two] = await entries('?limit=2')
    expect((first.body as { entries: unknown[] }).entries).toEqual([one])
    expect(next).toEqual(two)
    expect((await served.as('admin', 'GET', '/audit?cursor=x')).status).toBe(422)
  })

  test('shows a caller of some namespaces what was done in them', async () => {
    await served.as('clerk', 'POST', '/tasks', { body: { ...body, namespace: 'shop' } })
    const { body: seen } = await served.as('clerk', 'GET', '/audit')
    expect(seen).toMatchObject({ entries: [{ actor: 'clerk', addressed: { namespace: 'shop' } }] })
  })
})

describe('recordAudit', () => {
  const access = (transport: 'graphql') =>
    createAccess({
      tasker: served.tasker,
      caller: { id: 'ana', permissions: ['tasker.task:cancel'] },
      coordinator: null,
      origin: { transport, correlationId: 'c', address: null },
      at: served.tasker.now(),
    })

  test('wraps a change of any transport, with the states before and after it', async () => {
    const { tasker } = served
    const { taskId } = await tasker.tasks.create(note, { context: {} })
    const call = { tasker, access: access('graphql') }
    const mutation = {
      operation: 'cancelTask',
      permission: 'tasker.task:cancel',
      taskId,
      step: 'write',
      reason: 'ordered twice',
    } as const
    const result = await recordAudit(call, mutation, async (note_) => {
      note_({ detail: { cancelled_steps: 1 } })
      return tasker.tasks.cancel(taskId, { step: 'write', actor: call.access.actor })
    })
    expect(result.taskId).toBe(taskId)
    expect(await entries(`?task_id=${taskId}`)).toMatchObject([
      {
        actor: 'ana',
        transport: 'graphql',
        reason: 'ordered twice',
        addressed: { steps: ['write'] },
        before: { state: 'pending', steps: [{ step: 'write', state: 'pending' }] },
        after: { state: 'cancelled', cancelled_steps: 1, steps: [{ state: 'cancelled' }] },
      },
    ])
  })

  test('does nothing that cannot be written down', async () => {
    const { tasker } = served
    const broken = {
      ...tasker,
      audit: {
        ...tasker.audit,
        begin: async () => {
          throw new TaskerError('DATABASE_UNREACHABLE', 'It is away.')
        },
      },
    }
    let isDone = false
    const call = { tasker: broken, access: access('graphql') }
    const mutation = { operation: 'cancelTask', permission: null }
    const attempt = recordAudit(call, mutation, async () => {
      isDone = true
    })
    await expect(attempt).rejects.toMatchObject({ code: 'DATABASE_UNREACHABLE' })
    expect(isDone).toBe(false)
  })

  test('leaves an entry that says that it failed, or nothing more when the process dies in it', async () => {
    const call = { tasker: served.tasker, access: access('graphql') }
    const failing = recordAudit(call, { operation: 'prune', permission: null }, async () => {
      const [entry] = await entries('?operation=prune')
      expect(entry).toMatchObject({ outcome: null, ended_at: null })
      throw new Error('out of memory')
    })
    await expect(failing).rejects.toThrow('out of memory')
    expect(await entries('?operation=prune')).toMatchObject([
      { outcome: 'failed', code: 'INTERNAL' },
    ])
  })
})
