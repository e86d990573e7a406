// Who is who (engine specification §9.7): keys of requests, names of namespaces and tasks, and what a definition that cannot
// be leaves behind. Idempotency itself is identity.test.ts; the registry alone has a page of its own.
import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { describe, expect, test } from 'vitest'
import { defineTask } from '../../src/index.ts'
import { cloneDatabase } from '../support/database.ts'
import { stage } from './stage.ts'

const ok = async () => null

async function keysIn(url: string): Promise<readonly string[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query<{ key: string }>('select key from tasker.idempotency_keys')
    return rows.map(({ key }) => key)
  } finally {
    await client.end()
  }
}

describe('keys', () => {
  test('hash: 64 hex digits, equal for equal attributes, another for another initiator', async () => {
    const { url } = await cloneDatabase()
    const definition = defineTask({ name: 'hashed' }).step('a', ok)
    const { tasker } = await stage(url, {
      definitions: [definition],
      engine: { identityStrategy: 'hash' },
      isWorking: false,
    })
    const request = { context: { order: 1 }, initiator: 'ana' }
    await tasker.tasks.create(definition, request)
    await tasker.tasks.create(definition, request)
    expect(await keysIn(url)).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)])
    await tasker.tasks.create(definition, { ...request, initiator: 'eve' })
    expect(new Set(await keysIn(url)).size).toBe(2)
  })

  test('custom: what the function returns', async () => {
    const { url } = await cloneDatabase()
    const definition = defineTask({ name: 'custom' }).step('a', ok)
    const { tasker } = await stage(url, {
      definitions: [definition],
      engine: {
        identityStrategy: 'custom',
        identity: () => `custom-task-${randomUUID()}`,
      },
      isWorking: false,
    })
    await tasker.tasks.create(definition, { context: {} })
    expect(await keysIn(url)).toEqual([expect.stringMatching(/^custom-task-[0-9a-f-]{36}$/)])
  })
})

describe('requests that name nothing', () => {
  test.each<[string, unknown, string]>([
    ['no name', { namespace: 'default' }, 'REQUEST_INVALID'],
    ['no address', null, 'REQUEST_INVALID'],
    ['a name that nobody registered', 'unknown', 'DEFINITION_NOT_FOUND'],
    ['a name of another namespace', 'default/charge', 'DEFINITION_NOT_FOUND'],
  ])('%s is refused', async (_what, address, code) => {
    const { url } = await cloneDatabase()
    const definition = defineTask({ namespace: 'payments', name: 'charge' }).step('a', ok)
    const { tasker } = await stage(url, { definitions: [definition], isWorking: false })
    await expect(
      tasker.tasks.create(address as string, { context: {} }), // whatever a JavaScript caller passes
    ).rejects.toMatchObject({ code })
    expect((await tasker.tasks.find()).tasks).toEqual([])
  })

  test('a context of the wrong type with an unknown key names both; so does one that misses date_range', async () => {
    const { url } = await cloneDatabase()
    const definition = defineTask({
      name: 'customer_analytics',
      context: {
        type: 'object',
        properties: { date_range: { type: 'object' }, limit: { type: 'integer' } },
        required: ['date_range'],
        additionalProperties: false,
      },
    }).step('extract', ok)
    const { tasker } = await stage(url, { definitions: [definition], isWorking: false })
    const refusal = (context: object): Promise<unknown> =>
      tasker.tasks.create(definition, { context: { ...context } }).catch((error: unknown) => error)
    expect(await refusal({ date_range: {}, limit: 'ten', extra: 1 })).toMatchObject({
      code: 'CONTEXT_INVALID',
      message: expect.stringMatching(/extra[\s\S]*limit|limit[\s\S]*extra/) as unknown,
    })
    expect(await refusal({})).toMatchObject({
      code: 'CONTEXT_INVALID',
      message: expect.stringContaining('date_range') as unknown,
    })
  })
})

describe('names', () => {
  test('of one task may stand in two namespaces; of namespaces, case tells them apart', async () => {
    const { url } = await cloneDatabase()
    const inNamespace = (namespace: string) =>
      defineTask({ namespace, name: 'charge' }).step('a', async () => namespace)
    const names = ['payments', 'Payments', 'n'.repeat(64)]
    const { tasker, run } = await stage(url, { definitions: names.map(inNamespace) })
    const results: unknown[] = []
    for (const namespace of names) {
      const { taskId } = await tasker.tasks.create({ namespace, name: 'charge' }, { context: {} })
      results.push((await run(taskId)).results['a'])
    }
    expect(results).toEqual(names)
    const found = await tasker.tasks.find({ namespace: 'Payments' })
    expect(found.tasks.map(({ namespace }) => namespace)).toEqual(['Payments'])
    await expect(stage(url, { definitions: [inNamespace('n'.repeat(65))] })).rejects.toMatchObject({
      code: 'DEFINITION_INVALID',
    })
  })

  test('a definition whose custom event cannot be leaves the ones beside it unregistered and unstored', async () => {
    const { url } = await cloneDatabase()
    const good = defineTask({ name: 'good' }).step('a', ok)
    const bad = defineTask({ name: 'bad' }).step(
      'a',
      { customEvents: [{ name: 'task.done', description: '' }] },
      ok,
    )
    await expect(stage(url, { definitions: [good, bad] })).rejects.toMatchObject({
      code: 'DEFINITION_INVALID',
      message: expect.stringContaining('reserved for system events') as unknown,
    })
    const { tasker } = await stage(url, { definitions: [], isWorking: false })
    expect((await tasker.reports.registry()).versions).toEqual([])
  })
})
