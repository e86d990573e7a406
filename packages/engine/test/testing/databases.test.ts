// The databases of the kit and the published shapes: each kit has its own database, and every shape runs as written.
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { z } from 'zod'
import { defineTask } from '../../src/definitions/builder.ts'
import {
  builtInFailures,
  createTestTasker,
  defineShape,
  randomShape,
  shapeFailures,
  shapes,
  startTestServer,
  type ShapeId,
} from '../../src/testing/index.ts'
import { kitFor, serverUrl } from './kit.ts'

const order = defineTask({
  name: 'process_order',
  context: z.object({ orderId: z.number() }),
}).step('fetch', async ({ context }) => ({ total: context.orderId * 2 }))
const orderOne = { context: { orderId: 1 } }

const withOrder = () => kitFor({ definitions: [order] })

describe('databases', () => {
  const databases = async (server = serverUrl()): Promise<readonly string[]> => {
    const client = new pg.Client({ connectionString: server })
    await client.connect()
    const found = await client.query<{ datname: string }>('select datname from pg_database')
    await client.end()
    return found.rows.map(({ datname }) => datname)
  }

  /** One that no other test run on this machine uses: their databases come and go. */
  const serverOfItsOwn = async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tasker-kit-'))
    await chmod(folder, 0o755) // under root the server runs as another user, who has to get in
    vi.stubEnv('TMPDIR', folder)
    const server = await startTestServer()
    onTestFinished(async () => {
      await server.release()
      vi.unstubAllEnvs()
      await rm(folder, { recursive: true, force: true })
    })
    return server
  }

  test('each kit has its own, made from one template and dropped at the end', async () => {
    const [one, two] = await Promise.all([withOrder(), withOrder()])
    expect(one.database.name).not.toBe(two.database.name)
    const { taskId } = await one.create(order, orderOne)
    await expect(two.tasker.tasks.get(taskId)).rejects.toThrow('is not in schema')
    expect(await databases()).toEqual(
      expect.arrayContaining([one.database.name, two.database.name]),
    )
    expect(
      (await databases()).filter((name) => /^tasker_template_[0-9a-f]+$/.test(name)),
    ).toHaveLength(1)
    await one.close()
    await one.close()
    expect(await databases()).not.toContain(one.database.name)
  })

  test('what a killed process left goes when the next test begins', async () => {
    const client = new pg.Client({ connectionString: serverUrl() })
    await client.connect()
    const names = ['tasker_test_1000000000000_0badcafe', 'tasker_test_of_mine']
    for (const name of names) await client.query(`create database ${name}`)
    await withOrder()
    const left = (await databases()).filter((name) => names.includes(name))
    await client.query('drop database tasker_test_of_mine')
    await client.end()
    expect(left).toEqual(['tasker_test_of_mine'])
  })

  test('without a server, the embedded one is shared by all that test', async () => {
    const server = await startTestServer()
    onTestFinished(() => server.release())
    await using kit = await createTestTasker({ definitions: [order] })
    const hostOf = (url: string): string => url.replace(/\/[^/]*$/, '')
    expect(hostOf(kit.database.url)).toBe(hostOf(server.url))
    expect((await kit.run(order, orderOne)).state).toBe('complete')
  })

  test('`await using` closes it', async () => {
    let url: string
    {
      await using kit = await createTestTasker({ definitions: [order], database: serverUrl() })
      url = kit.database.url
    }
    const client = new pg.Client({ connectionString: url })
    await expect(client.connect()).rejects.toThrow('does not exist')
  })

  test('definitions that cannot be built leave no database behind', async () => {
    const bad = defineTask({ name: 'x'.repeat(65) }).step('a', async () => null)
    const server = await serverOfItsOwn()
    await createTestTasker({ definitions: [order], database: server.url }).then((kit) =>
      kit.close(),
    )
    const before = await databases(server.url)
    await expect(
      createTestTasker({ definitions: [bad], database: server.url }),
    ).rejects.toMatchObject({ code: 'DEFINITION_INVALID' })
    expect(await databases(server.url)).toEqual(before)
  })
})

describe('shapes', () => {
  test.for(Object.keys(shapeFailures) as ShapeId[])(
    'shape %s with its built-in failures completes, each step with its failures + 1 attempts',
    async (id) => {
      const definition = defineShape(shapes[id], builtInFailures(id))
      const kit = await kitFor({ definitions: [definition] })
      const done = await kit.run(definition, { context: {} })
      expect(done.state).toBe('complete')
      expect(Object.fromEntries(done.steps.map(({ name, attempts }) => [name, attempts]))).toEqual(
        Object.fromEntries(
          shapes[id].steps.map(({ name }) => [name, 1 + (shapeFailures[id]?.[name] ?? 0)]),
        ),
      )
    },
  )

  test('a random shape is the same for the same seed, and runs', async () => {
    expect(randomShape(7)).toEqual(randomShape(7))
    expect(randomShape(8)).not.toEqual(randomShape(7))
    const definition = defineShape(randomShape(7, { stepsMax: 40 }))
    const kit = await kitFor({ definitions: [definition] })
    const done = await kit.run(definition, { context: {} })
    expect(done.state).toBe('complete')
  })
})
