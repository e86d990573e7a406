// What each option of section `cache` that says where entries are kept does to what is kept, in a real Redis, in files and in this
// process; and what is said of one that cannot be.
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { defineTask } from '../../src/definitions/builder.ts'
import type { CacheStore } from '../../src/cache/cache-store.ts'
import type { TaskerOptions } from '../../src/tasker-options.ts'
import { startRedis, type RedisServer } from '../../../../tools/services/redis.ts'
import { run } from '../../../../tools/run-program.ts'
import { gate } from '../scenarios/handlers.ts'
import { stage } from '../scenarios/stage.ts'
import { databaseForFile } from '../support/database.ts'

const database = databaseForFile()
let redis: RedisServer
let folder: string
beforeAll(async () => {
  redis = await startRedis()
  folder = await mkdtemp(join(tmpdir(), 'tasker-cache-'))
})
afterAll(async () => {
  await redis.stop()
  await rm(folder, { recursive: true, force: true })
})

async function setup(name: string, options: Omit<TaskerOptions, 'clock' | 'database'>) {
  const asked: string[] = []
  const definition = defineTask({
    name,
    context: z.object({ for: z.string(), length: z.number() }),
  }).step('ask', { cache: { key: ({ context }) => context.for } }, async ({ context }) => {
    asked.push(context.for)
    return 'x'.repeat(context.length)
  })
  const set = await stage(database.url, { definitions: [definition], ...options })
  const ask = async (wanted: string, length = 1): Promise<void> => {
    const { taskId } = await set.tasker.tasks.create(definition, {
      context: { for: wanted, length },
    })
    await set.run(taskId)
    await set.tasker.readiness() // what is asked of the store after it is answered after it
  }
  return { ...set, ask, asked }
}

const keysInRedis = async (): Promise<readonly string[]> =>
  [...(await redis.ask('KEYS *')).matchAll(/^(?!\*|\$)(\S+:step\/\S+)\r$/gm)].map(
    ([, key = '']) => key,
  )

test('store, url, namespace: results are in that Redis, under keys that begin so, for whoever has the same', async () => {
  const cache = { store: 'redis', url: redis.url, namespace: 'shop' } as const
  const first = await setup('shared', { cache })
  await first.ask('rates')
  const second = await setup('shared', { cache })
  await second.ask('rates')
  const other = await setup('shared', { cache: { ...cache, namespace: 'other' } })
  await other.ask('rates')
  expect([first.asked, second.asked, other.asked]).toEqual([['rates'], [], ['rates']])
  const names = (await keysInRedis()).map((key) => key.replace(/:step.*/, ''))
  expect(names.toSorted()).toEqual(['other', 'shop'])
})

test('compressionMinBytes: longer texts are compressed, and none without it', async () => {
  for (const [compressionMinBytes, isCompressed] of [
    [1_000, true],
    [1_003, false],
    [null, false],
  ] as const) {
    await redis.ask('FLUSHALL')
    const cache = { store: 'redis', url: redis.url, compressionMinBytes } as const
    const set = await setup(`long_${String(compressionMinBytes)}`, { cache })
    await set.ask('long', 1_000) // with its quotes, of 1,002 bytes
    await set.ask('long', 1_000)
    expect(set.asked).toEqual(['long'])
    const [key = ''] = await keysInRedis()
    const length = Number(/^:(\d+)/.exec(await redis.ask(`STRLEN ${key}`))?.[1])
    expect(length < 100).toBe(isCompressed)
    await set.tasker.close()
  }
})

test('store file, directory: results are in files there, also for the next process', async () => {
  const directory = join(folder, 'kept')
  const cache = { store: 'file', directory } as const
  const first = await setup('in_files', { cache })
  await first.ask('rates')
  await first.tasker.close()
  const second = await setup('in_files', { cache })
  await second.ask('rates')
  expect([first.asked, second.asked]).toEqual([['rates'], []])
  expect((await readdir(directory)).length).toBeGreaterThan(0)
})

test.each(['memory', 'file'] as const)('store %s, memoryMaxMb: not more is kept', async (store) => {
  const cache = {
    store,
    directory: join(folder, 'bounded'),
    memoryMaxMb: 1,
    compressionMinBytes: null,
  }
  const set = await setup(`bounded_${store}`, { cache })
  for (const wanted of ['a', 'b', 'c', 'd', 'e', 'a', 'e']) {
    await set.ask(wanted, 250_000)
    await set.clock.advance(1_000)
  }
  expect(set.asked).toEqual(['a', 'b', 'c', 'd', 'e', 'a'])
})

test('store null: nothing is kept, and the process is ready', async () => {
  const set = await setup('nowhere', { cache: { store: 'null' } })
  await set.ask('rates')
  await set.ask('rates')
  expect(set.asked).toEqual(['rates', 'rates'])
  expect(await set.tasker.readiness()).toMatchObject({ isReady: true })
})

test('operationTimeoutMs: a step waits no longer for a store, given ones too', async () => {
  const started = gate()
  const cacheStore: CacheStore = {
    get: async () => {
      started.open()
      return new Promise(() => undefined)
    },
    set: async () => undefined,
    delete: async () => undefined,
  }
  const set = await setup('hanging', { cacheStore, cache: { operationTimeoutMs: 700 } })
  const done = set.ask('rates')
  await started.opened
  await set.clock.advance(699)
  expect(set.asked).toEqual([])
  await set.clock.advance(1)
  await done
  expect(set.asked).toEqual(['rates'])
})

test.each<[string, TaskerOptions['cache']]>([
  ['`cache.store` is redis, without a `cache.url`', { store: 'redis' }],
  ['`cache.store` is memcached, without a `cache.url`', { store: 'memcached' }],
  ['not of the form redis://host:6379', { store: 'redis', url: 'localhost:6379' }],
  ['not of the form host:11211', { store: 'memcached', url: 'http://localhost' }],
  ['cannot be used', { store: 'file', directory: '/dev/null/cache' }],
])('a store that cannot be had is refused at once: %s', async (said, cache) => {
  const refusal = await stage(database.url, { cache }).catch((thrown: unknown) => thrown)
  expect(refusal).toMatchObject({ code: 'CACHE_MISCONFIGURED' })
  expect(String(refusal)).toContain(said)
})

test('a package that is not installed is named', async () => {
  const file = join(folder, 'importing.mjs')
  await writeFile(file, `import 'memjs'`) // outside of every project
  const source = new URL('../../src/cache/store-package.ts', import.meta.url).href
  const { output } = await run('node', [
    '--conditions=@tasker/source',
    '--input-type=module',
    '--eval',
    `import { loadStorePackage } from '${source}'
     const loading = loadStorePackage('memjs', () => import('${file}'))
     await loading.catch(({ code, message }) => console.log(code, message))`,
  ])
  expect(output).toContain(
    'CACHE_MISCONFIGURED The cache store needs the package memjs, which is not installed.',
  )
})
