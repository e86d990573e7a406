// Creating tasks: options and defaults, many in one call, inside the caller's transaction, bypassed steps, own graphs.
import pg from 'pg'
import { describe, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { defineTask } from '../../src/definitions/builder.ts'
import { defineShape, shapes } from '../../src/testing/index.ts'
import { databaseForFile } from '../support/database.ts'
import { attemptsOf, recordCalls, statesOf } from './handlers.ts'
import { stage } from './stage.ts'

const database = databaseForFile()
const simple = defineTask({ name: 'simple' }).step('only', async () => null)

async function connect(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  onTestFinished(() => client.end())
  return client
}

/** Rows of every table that a creation writes to. */
async function countRows(): Promise<Record<string, number>> {
  const client = await connect()
  const tables = [
    'tasks',
    'task_progress',
    'task_contexts',
    'workflow_steps',
    'due',
    'task_transitions',
    'idempotency_keys',
    'graph_steps',
  ]
  const counts: Record<string, number> = {}
  for (const table of tables) {
    const { rows } = await client.query<{ count: string }>(`select count(*) from tasker.${table}`)
    counts[table] = Number(rows[0]?.count)
  }
  return counts
}

describe('options', () => {
  test('each has its default', async () => {
    const { tasker } = await stage(database.url, { definitions: [simple], isWorking: false })
    const { taskId, created } = await tasker.tasks.create(simple, { context: {} })
    expect(created).toBe(true)
    expect(await tasker.tasks.get(taskId)).toMatchObject({
      taskId,
      namespace: 'default',
      name: 'simple',
      version: '0.1.0',
      state: 'pending',
      priority: 'normal',
      tags: [],
      initiator: 'unknown',
      sourceSystem: 'unknown',
      reason: 'unknown',
      requestedAt: new Date('2030-01-01T00:00:00Z'),
      deadlineAt: null,
      startedAt: null,
      endedAt: null,
    })
  })

  test('each is stored as given', async () => {
    const { tasker } = await stage(database.url, { definitions: [simple], isWorking: false })
    const requestedAt = new Date('2029-12-31T23:00:00Z')
    const options = {
      priority: 'critical',
      tags: ['a', 'b'],
      initiator: 'ana',
      sourceSystem: 'crm',
      reason: 'spring',
      requestedAt,
    } as const
    const { taskId } = await tasker.tasks.create(simple, {
      context: { a: 1 },
      ...options,
      deadlineMs: 1_000,
    })
    expect(await tasker.tasks.get(taskId)).toMatchObject({
      ...options,
      context: { a: 1 },
      deadlineAt: new Date('2030-01-01T00:00:01Z'),
    })
  })

  test('every fault is named at once, near misses too, and nothing is stored', async () => {
    const { tasker } = await stage(database.url, { definitions: [simple], isWorking: false })
    const before = await countRows()
    const request = {
      context: {},
      priority: 'urgent',
      tags: ['\0'],
      initiator: '',
      deadlineMs: 0.5,
      idempotencykey: 'x',
      status: 'complete',
      bypassSteps: 'no',
    }
    // What a JavaScript caller may pass.
    const refused = await tasker.tasks
      .create(simple, request as never)
      .catch((error: unknown) => error)
    expect(refused).toMatchObject({ code: 'REQUEST_INVALID' })
    const paths = (refused as { details: { faults: { path: string }[] } }).details.faults.map(
      ({ path }) => path,
    )
    expect(paths.toSorted()).toEqual([
      'bypassSteps',
      'deadlineMs',
      'idempotencykey',
      'initiator',
      'priority',
      'status',
      'tags.0',
    ])
    expect(String(refused)).toContain('did you mean "idempotencyKey"?')
    expect(await countRows()).toEqual(before)
  })

  test.each([null, 'text', 7, [], undefined])(
    'a context that is no object is refused: %j',
    async (context) => {
      const { tasker } = await stage(database.url, { definitions: [simple], isWorking: false })
      await expect(tasker.tasks.create(simple, { context } as never)).rejects.toMatchObject({
        code: 'CONTEXT_INVALID',
      })
    },
  )

  test('a context is checked against its schema, and defaults are filled in', async () => {
    const definition = defineTask({
      name: 'with_schema',
      context: z.strictObject({
        dateRange: z.object({ start: z.iso.date() }),
        limit: z.int().default(10),
      }),
    }).step('only', async ({ context }) => context.limit)
    const { tasker, run } = await stage(database.url, { definitions: [definition] })
    const wrong = { dateRange: { start: 'yesterday' }, limit: 'ten', extra: 1 }
    await expect(
      tasker.tasks.create(definition, { context: wrong } as never),
    ).rejects.toMatchObject({
      code: 'CONTEXT_INVALID',
      message: expect.stringMatching(/3 faults/) as unknown,
    })
    await expect(tasker.tasks.create(definition, { context: {} } as never)).rejects.toThrow(
      /dateRange/,
    )
    const { taskId } = await tasker.tasks.create(definition, {
      context: { dateRange: { start: '2030-01-01' } },
    })
    expect((await run(taskId)).results).toEqual({ only: 10 })
  })

  test('a definition is found by address and range; an unknown one is named', async () => {
    const versions = ['1.0.0', '1.10.0', '2.0.0-beta.1'].map((version) =>
      defineTask({ namespace: 'v', name: 'many', version }).step('a', async () => version),
    )
    const { tasker } = await stage(database.url, { definitions: versions, isWorking: false })
    const versionOf = async (
      address: Parameters<typeof tasker.tasks.create>[0],
    ): Promise<string> => {
      const { taskId } = await tasker.tasks.create(address as string, { context: {} }) // any of its forms
      return (await tasker.tasks.get(taskId)).version
    }
    expect(await versionOf('v/many')).toBe('1.10.0')
    expect(await versionOf('v/many@1.0.0')).toBe('1.0.0')
    expect(await versionOf('v/many@^1.2')).toBe('1.10.0')
    expect(await versionOf('v/many@2.0.0-beta.1')).toBe('2.0.0-beta.1')
    for (const address of ['many', 'w/many', 'v/many@3', 'v/missing']) {
      await expect(tasker.tasks.create(address, { context: {} })).rejects.toMatchObject({
        code: 'DEFINITION_NOT_FOUND',
      })
    }
  })
})

describe('many in one call', () => {
  test('come back in the order of the requests, and all run', async () => {
    const { tasker, run } = await stage(database.url, { definitions: [simple] })
    const created = await tasker.tasks.createMany(
      Array.from({ length: 50 }, (_, index) => ({ definition: simple, context: { index } })),
    )
    expect(new Set(created.map(({ taskId }) => taskId)).size).toBe(50)
    for (const [index, { taskId }] of created.entries()) {
      expect(await run(taskId)).toMatchObject({ state: 'complete', context: { index } })
    }
    expect(await tasker.tasks.createMany([])).toEqual([])
  })

  test.each<[string, object, string]>([
    ['a context that cannot be stored', { context: { text: 'a\0b' } }, 'CONTEXT_INVALID'],
    ['an option that is none', { context: {}, color: 'red' }, 'REQUEST_INVALID'],
    [
      'an unknown definition',
      { definition: 'default/missing', context: {} },
      'DEFINITION_NOT_FOUND',
    ],
    [
      'a key of another request',
      { context: { other: true }, idempotencyKey: 'taken' },
      'IDEMPOTENCY_CONFLICT',
    ],
  ])('one bad request refuses them all: %s', async (_what, bad, code) => {
    const { tasker } = await stage(database.url, { definitions: [simple], isWorking: false })
    await tasker.tasks.create(simple, { context: {}, idempotencyKey: 'taken' })
    const before = await countRows()
    const good = { definition: simple, context: {} }
    const requests = [
      good,
      { ...good, idempotencyKey: `fresh for ${code}` },
      { ...good, ...bad },
      good,
    ]
    await expect(tasker.tasks.createMany(requests)).rejects.toMatchObject({ code })
    expect(await countRows()).toEqual(before)
  })
})

describe('inside the caller’s transaction', () => {
  test('the task exists after the commit and not before; the worker finds it when woken', async () => {
    const { tasker, run } = await stage(database.url, { definitions: [simple] })
    const client = await connect()
    await client.query('begin')
    await client.query('create table if not exists orders (id integer)')
    await client.query('insert into orders values (1)')
    const { taskId } = await tasker.tasks.create(simple, { context: {}, transaction: client })
    await expect(tasker.tasks.get(taskId)).rejects.toMatchObject({ code: 'TASK_NOT_FOUND' })
    await client.query('commit')
    expect((await run(taskId)).state).toBe('complete')
  })

  test('after a rollback there is no trace of it', async () => {
    const { tasker } = await stage(database.url, { definitions: [simple], isWorking: false })
    const client = await connect()
    const before = await countRows()
    await client.query('begin')
    const [{ taskId } = { taskId: '' }] = await tasker.tasks.createMany(
      [{ definition: simple, context: {}, idempotencyKey: 'rolled back' }],
      { transaction: client },
    )
    await client.query('rollback')
    await expect(tasker.tasks.get(taskId)).rejects.toMatchObject({ code: 'TASK_NOT_FOUND' })
    expect(await countRows()).toEqual(before)
  })

  test('is refused where Tasker has a database of its own', async () => {
    const { tasker } = await stage(database.url, {
      definitions: [simple],
      separate: true,
      isWorking: false,
    })
    const client = await connect()
    await expect(
      tasker.tasks.create(simple, { context: {}, transaction: client }),
    ).rejects.toMatchObject({
      code: 'TRANSACTION_UNAVAILABLE',
    })
  })
})

describe('bypassed steps', () => {
  const skipping = defineTask({ name: 'skipping' })
    .step('a', { skippable: true }, async () => 'a')
    .step('b', { dependsOn: ['a'], skippable: true }, async () => 'b')
    .step('c', { dependsOn: ['a', 'b'] }, async ({ results }) => results)

  test('are skipped, count as satisfied, and have null for a result', async () => {
    const { tasker, run } = await stage(database.url, { definitions: [skipping] })
    const { taskId } = await tasker.tasks.create(skipping, { context: {}, bypassSteps: ['a'] })
    const task = await run(taskId)
    expect(task.state).toBe('complete')
    expect(statesOf(task)).toEqual({ a: 'skipped', b: 'complete', c: 'complete' })
    expect(attemptsOf(task)).toEqual({ a: 0, b: 1, c: 1 })
    expect(task.results).toEqual({ a: null, b: 'b', c: { a: null, b: 'b' } })
  })

  test('in the middle of the graph do not keep their own parents from running first', async () => {
    const { tasker, run } = await stage(database.url, { definitions: [skipping] })
    const { taskId } = await tasker.tasks.create(skipping, { context: {}, bypassSteps: ['b'] })
    const task = await run(taskId)
    expect(statesOf(task)).toEqual({ a: 'complete', b: 'skipped', c: 'complete' })
  })

  test('only steps that are declared skippable, and exist', async () => {
    const { tasker } = await stage(database.url, { definitions: [skipping], isWorking: false })
    const before = await countRows()
    await expect(
      tasker.tasks.create(skipping, { context: {}, bypassSteps: ['c', 'z'] }),
    ).rejects.toMatchObject({
      code: 'REQUEST_INVALID',
      details: { faults: [{ path: 'bypassSteps' }, { path: 'bypassSteps' }] },
    })
    expect(await countRows()).toEqual(before)
  })

  test('when they are all of them the task is complete at once, and its annotations still come', async () => {
    const definition = defineTask({ name: 'all_skipped' })
      .step('a', { skippable: true }, async () => 'a')
      .annotate(async ({ steps }) =>
        steps.map(({ name, state }) => ({ type: 'skipped', annotation: { name, state } })),
      )
    const { tasker, run } = await stage(database.url, { definitions: [definition] })
    const { taskId } = await tasker.tasks.create(definition, {
      context: {},
      bypassSteps: ['a', 'a'],
    })
    const task = await run(taskId)
    expect(task.state).toBe('complete')
    expect(task.annotations.map(({ annotation }) => annotation)).toEqual([
      { name: 'a', state: 'skipped' },
    ])
    expect(await tasker.tasks.waitFor(taskId)).toMatchObject({ state: 'complete' })
  })
})

test('a task keeps the version that it was created with when a newer one is deployed', async () => {
  const old = defineShape({ ...shapes.I, name: 'upgraded', version: '1.0.0' })
  const calls = recordCalls()
  const renewed = defineShape({ ...shapes.K, name: 'upgraded', version: '2.0.0' }, calls.handlerOf)
  const before = await stage(database.url, { definitions: [old], isWorking: false })
  const { taskId } = await before.tasker.tasks.create('upgraded', { context: {} })
  const after = await stage(database.url, { definitions: [old, renewed] })
  const task = await after.run(taskId)
  expect(task).toMatchObject({ state: 'complete', version: '1.0.0' })
  expect(task.steps.map(({ name }) => name)).toEqual(['step_1', 'step_2', 'step_3'])
  expect(calls.started).toEqual([])
})

test('a changed definition under a version that tasks use is refused at the start', async () => {
  const original = defineShape({ ...shapes.I, name: 'edited' })
  const { tasker } = await stage(database.url, { definitions: [original], isWorking: false })
  await tasker.tasks.create(original, { context: {} })
  const changed = defineShape({ ...shapes.K, name: 'edited' })
  await expect(
    stage(database.url, { definitions: [changed], isWorking: false }),
  ).rejects.toMatchObject({ code: 'DEFINITION_CHANGED' })
})
