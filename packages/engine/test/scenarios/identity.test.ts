// One request, one task: idempotency keys and the strategies that compute them (engine specification §9.7).
import pg from 'pg'
import { describe, expect, onTestFinished, test } from 'vitest'
import { defineTask } from '../../src/definitions/builder.ts'
import { testClock } from '../../src/testing/index.ts'
import { databaseForFile } from '../support/database.ts'
import { stage } from './stage.ts'

const database = databaseForFile()
const define = (name: string, version = '1.0.0') =>
  defineTask({ name, version }).step('only', async () => null)
const quiet = { isWorking: false } as const

describe('an idempotency key', () => {
  test('makes a repeat find the first task, whatever the order of its keys and the time of its request', async () => {
    const definition = define('repeated')
    const { tasker } = await stage(database.url, { definitions: [definition], ...quiet })
    const first = await tasker.tasks.create(definition, {
      context: { a: 1, b: { c: 2, d: 3 } },
      idempotencyKey: 'k',
      requestedAt: new Date(1),
    })
    const second = await tasker.tasks.create(definition, {
      context: { b: { d: 3, c: 2 }, a: 1 },
      idempotencyKey: 'k',
      requestedAt: new Date(2),
    })
    expect(first.created).toBe(true)
    expect(second).toEqual({ taskId: first.taskId, created: false })
  })

  test.each<[string, object]>([
    ['context', { context: { amount: 2 } }],
    ['priority', { priority: 'high' }],
    ['tags', { tags: ['x'] }],
    ['initiator', { initiator: 'eve' }],
    ['deadline', { deadlineMs: 5 }],
  ])('with another %s is a conflict that names the task', async (_what, change) => {
    const definition = define('conflicting')
    const { tasker } = await stage(database.url, { definitions: [definition], ...quiet })
    const request = { context: { amount: 1 }, idempotencyKey: 'k' }
    const { taskId } = await tasker.tasks.create(definition, request)
    await expect(tasker.tasks.create(definition, { ...request, ...change })).rejects.toMatchObject({
      code: 'IDEMPOTENCY_CONFLICT',
      category: 'conflict',
      details: { taskId },
      message: expect.stringContaining(taskId) as unknown,
    })
  })

  test('belongs to a task name: another task may use it', async () => {
    const [one, two] = [define('key_of_one'), define('key_of_two')]
    const { tasker } = await stage(database.url, { definitions: [one, two], ...quiet })
    const first = await tasker.tasks.create(one, { context: {}, idempotencyKey: 'k' })
    const second = await tasker.tasks.create(two, { context: {}, idempotencyKey: 'k' })
    expect(second.created).toBe(true)
    expect(second.taskId).not.toBe(first.taskId)
  })

  test('finds the task of the version before, when the request left the version out', async () => {
    const [old, renewed] = [define('versioned', '1.0.0'), define('versioned', '1.1.0')]
    const before = await stage(database.url, { definitions: [old], ...quiet })
    const first = await before.tasker.tasks.create('versioned', {
      context: {},
      idempotencyKey: 'k',
    })
    const after = await stage(database.url, { definitions: [old, renewed], ...quiet })
    const repeat = await after.tasker.tasks.create('versioned', {
      context: {},
      idempotencyKey: 'k',
    })
    expect(repeat).toEqual({ taskId: first.taskId, created: false })
  })

  test('expires: after that it makes a new task', async () => {
    const definition = define('expiring')
    const { tasker, clock } = await stage(database.url, {
      definitions: [definition],
      engine: { idempotencyKeyTtlHours: 1 },
      ...quiet,
    })
    const request = { context: {}, idempotencyKey: 'k' }
    const first = await tasker.tasks.create(definition, request)
    await clock.advance(3_599_999)
    expect(await tasker.tasks.create(definition, request)).toEqual({
      taskId: first.taskId,
      created: false,
    })
    await clock.advance(1)
    const second = await tasker.tasks.create(definition, request)
    expect(second.created).toBe(true)
    expect(await tasker.tasks.create(definition, request)).toEqual({
      taskId: second.taskId,
      created: false,
    })
  })

  test('twice in one call makes one task; with two contexts in one call, none', async () => {
    const definition = define('twice_in_one_call')
    const { tasker } = await stage(database.url, { definitions: [definition], ...quiet })
    const request = { definition, context: {}, idempotencyKey: 'k' }
    const [first, second] = await tasker.tasks.createMany([request, request])
    expect([first, second].filter((creation) => creation?.created)).toHaveLength(1)
    expect(second?.taskId).toBe(first?.taskId)
    const other = { ...request, idempotencyKey: 'l' }
    await expect(
      tasker.tasks.createMany([other, { ...other, context: { x: 1 } }]),
    ).rejects.toMatchObject({
      code: 'IDEMPOTENCY_CONFLICT',
    })
    expect(
      (await tasker.tasks.create(definition, { context: { x: 2 }, idempotencyKey: 'l' })).created,
    ).toBe(true)
  })

  test('20 requests with one key at once, from two processes’ worth of pools, make one task', async () => {
    const definition = define('raced')
    const first = await stage(database.url, { definitions: [definition], ...quiet })
    const second = await stage(database.url, { definitions: [definition], ...quiet })
    const created = await Promise.all(
      Array.from({ length: 20 }, async (_, index) =>
        (index % 2 === 0 ? first : second).tasker.tasks.create(definition, {
          context: {},
          idempotencyKey: 'k',
        }),
      ),
    )
    expect(new Set(created.map(({ taskId }) => taskId)).size).toBe(1)
    expect(created.filter((creation) => creation.created)).toHaveLength(1)
    const { tasks } = await first.tasker.tasks.find({ name: 'raced' })
    expect(tasks).toHaveLength(1)
  })

  test('many keys at once in opposite orders never deadlock', async () => {
    const definition = define('opposite_orders')
    const { tasker } = await stage(database.url, { definitions: [definition], ...quiet })
    const requests = Array.from({ length: 20 }, (_, index) => ({
      definition,
      context: {},
      idempotencyKey: `k${index}`,
    }))
    const created = (
      await Promise.all(
        Array.from({ length: 8 }, (_, turn) =>
          tasker.tasks.createMany(turn % 2 === 0 ? requests : requests.toReversed()),
        ),
      )
    ).flat()
    expect(created.filter((creation) => creation.created)).toHaveLength(20)
    expect(new Set(created.map(({ taskId }) => taskId)).size).toBe(20)
  })

  test('held by an open transaction: a second request waits for lock_timeout, then says so', async () => {
    const definition = define('held')
    const client = new pg.Client({ connectionString: database.url })
    await client.connect()
    onTestFinished(() => client.end())
    const { tasker } = await stage(database.url, {
      definitions: [definition],
      lockTimeoutMs: 50,
      ...quiet,
    })
    const request = { context: {}, idempotencyKey: 'k' }
    await client.query('begin')
    const held = await tasker.tasks.create(definition, { ...request, transaction: client })
    await expect(tasker.tasks.create(definition, request)).rejects.toMatchObject({
      code: 'IDEMPOTENCY_KEY_BUSY',
    })
    await client.query('commit')
    expect(await tasker.tasks.create(definition, request)).toEqual({
      taskId: held.taskId,
      created: false,
    })
  })

  test.each(['', 'x'.repeat(256), 'a\0b', '\ud800'])(
    'that is no key is refused: %j',
    async (idempotencyKey) => {
      const definition = define('bad_keys')
      const { tasker } = await stage(database.url, { definitions: [definition], ...quiet })
      await expect(
        tasker.tasks.create(definition, { context: {}, idempotencyKey }),
      ).rejects.toMatchObject({
        code: 'REQUEST_INVALID',
      })
    },
  )
})

describe('identity strategies', () => {
  test('default: without a key every request is a new task, with an id that orders by time', async () => {
    const definition = define('default_strategy')
    const { tasker } = await stage(database.url, { definitions: [definition], ...quiet })
    const ids: string[] = []
    for (let turn = 0; turn < 3; turn += 1)
      ids.push((await tasker.tasks.create(definition, { context: {} })).taskId)
    expect(new Set(ids).size).toBe(3)
    expect(ids).toEqual(ids.toSorted())
    for (const id of ids)
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  })

  test('hash: the same request within a minute is the same task; another reason or minute makes a new one', async () => {
    const definition = define('hash_strategy')
    const { tasker, clock } = await stage(database.url, {
      definitions: [definition],
      engine: { identityStrategy: 'hash' },
      clock: testClock('2031-05-05T10:00:00Z'),
      ...quiet,
    })
    const request = { context: { order: 1 }, reason: 'sale', initiator: 'ana' }
    const first = await tasker.tasks.create(definition, request)
    await clock.advance(59_999)
    expect(await tasker.tasks.create(definition, request)).toEqual({
      taskId: first.taskId,
      created: false,
    })
    for (const change of [
      { reason: 'refund' },
      { initiator: 'eve' },
      { context: { order: 2 } },
      { sourceSystem: 'x' },
    ]) {
      expect((await tasker.tasks.create(definition, { ...request, ...change })).created).toBe(true)
    }
    await clock.advance(1)
    expect((await tasker.tasks.create(definition, request)).created).toBe(true)
  })

  test('hash: a key that the request brings goes before it', async () => {
    const definition = define('hash_with_key')
    const { tasker } = await stage(database.url, {
      definitions: [definition],
      engine: { identityStrategy: 'hash' },
      ...quiet,
    })
    await tasker.tasks.create(definition, { context: {}, idempotencyKey: 'a' })
    expect(
      (await tasker.tasks.create(definition, { context: {}, idempotencyKey: 'b' })).created,
    ).toBe(true)
  })

  test('custom: the function sees the request and decides', async () => {
    const definition = define('custom_strategy')
    const seen: unknown[] = []
    const { tasker } = await stage(database.url, {
      definitions: [definition],
      engine: {
        identityStrategy: 'custom',
        identity: (request) => {
          seen.push(request)
          return `order-${JSON.stringify(request.context['order'])}`
        },
      },
      ...quiet,
    })
    const first = await tasker.tasks.create(definition, { context: { order: 1 }, tags: ['t'] })
    expect(await tasker.tasks.create(definition, { context: { order: 1 }, tags: ['t'] })).toEqual({
      taskId: first.taskId,
      created: false,
    })
    expect((await tasker.tasks.create(definition, { context: { order: 2 } })).created).toBe(true)
    expect(seen[0]).toEqual({
      namespace: 'default',
      name: 'custom_strategy',
      version: '1.0.0',
      context: { order: 1 },
      initiator: 'unknown',
      sourceSystem: 'unknown',
      reason: 'unknown',
      tags: ['t'],
      bypassSteps: [],
    })
  })

  test.each<[string, () => string]>([
    ['an empty key', () => ''],
    ['a key that cannot be stored', () => 'a\0b'],
    ['no text', () => 7 as never],
  ])('custom: %s refuses the request', async (_what, identity) => {
    const definition = define('custom_bad')
    const { tasker } = await stage(database.url, {
      definitions: [definition],
      engine: { identityStrategy: 'custom', identity },
      ...quiet,
    })
    await expect(tasker.tasks.create(definition, { context: {} })).rejects.toMatchObject({
      code: 'REQUEST_INVALID',
    })
  })
})
