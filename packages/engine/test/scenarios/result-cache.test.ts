// Steps with `cache`: a fresh result is used again, by any task of the definition; equal ones that are wanted at the same
// time run once; failures are never kept; and a store in trouble costs nothing but the reuse.
import { expect, test } from 'vitest'
import { z } from 'zod'
import type { CacheStore } from '../../src/cache/cache-store.ts'
import { MemoryStore } from '../../src/cache/memory-store.ts'
import { defineTask } from '../../src/definitions/builder.ts'
import { RetryableError } from '../../src/errors.ts'
import type { TaskDefinition } from '../../src/definitions/model.ts'
import { readDefinition } from '../../src/definitions/yaml-files.ts'
import { databaseForFile } from '../support/database.ts'
import { gate, statesOf } from './handlers.ts'
import { stage, type Stage } from './stage.ts'

const database = databaseForFile()

const currency = z.object({ currency: z.string() })

/** Rates that say how often they were asked for, good for a minute. */
function rates(name: string, version = '1.0.0') {
  const asked: string[] = []
  const definition = defineTask({ name, version, context: currency }).step(
    'rate',
    { cache: { key: ({ context }) => context.currency, ttlMs: 60_000 } },
    async ({ context }) => {
      asked.push(context.currency)
      return { rate: asked.length }
    },
  )
  return { asked, definition }
}

/** Creates a task for the currency and runs it to its end. */
async function ask(
  { tasker, run }: Stage,
  definition: ReturnType<typeof rates>['definition'],
  wanted: string,
) {
  const { taskId } = await tasker.tasks.create(definition, { context: { currency: wanted } })
  return run(taskId)
}

test('a fresh result is used again by another task, and its history says so', async () => {
  const { asked, definition } = rates('fresh')
  const set = await stage(database.url, { definitions: [definition] })
  await ask(set, definition, 'EUR')
  const second = await ask(set, definition, 'EUR')
  const other = await ask(set, definition, 'USD')

  expect(second).toMatchObject({ state: 'complete', results: { rate: { rate: 1 } } })
  expect(other).toMatchObject({ state: 'complete', results: { rate: { rate: 2 } } })
  expect(asked).toEqual(['EUR', 'USD'])
  const history = await set.tasker.tasks.history(second.taskId)
  expect(history.filter(({ step, to }) => step === 'rate' && to === 'complete')).toMatchObject([
    { reason: 'cached', attempt: 1 },
  ])
  const { entries } = await set.tasker.tasks.timeline(second.taskId)
  expect(entries.filter(({ kind }) => kind === 'completed')).toMatchObject([{ why: 'cached' }])
  expect(set.events.of('step.completed').map(({ isCached }) => isCached)).toEqual([
    false,
    true,
    false,
  ])
})

test('a result that is no longer fresh is made again', async () => {
  const { asked, definition } = rates('stale')
  const set = await stage(database.url, { definitions: [definition] })
  await ask(set, definition, 'EUR')
  await set.clock.advance(59_999)
  expect(await ask(set, definition, 'EUR')).toMatchObject({ results: { rate: { rate: 1 } } })
  await set.clock.advance(1)
  expect(await ask(set, definition, 'EUR')).toMatchObject({ results: { rate: { rate: 2 } } })
  expect(asked).toHaveLength(2)
})

test('without a time of its own a result is fresh for cache.defaultTtl', async () => {
  let runs = 0
  const definition = defineTask({ name: 'default_ttl' }).step(
    'count',
    { cache: { key: () => 'one' } },
    async () => (runs += 1),
  )
  const set = await stage(database.url, { definitions: [definition], cache: { defaultTtl: 10 } })
  const next = async (): Promise<unknown> => {
    const { taskId } = await set.tasker.tasks.create(definition, { context: {} })
    return (await set.run(taskId)).results['count']
  }
  expect([await next(), await next()]).toEqual([1, 1])
  await set.clock.advance(10_000)
  expect(await next()).toBe(2)
})

test('another version of the definition, and another step, have results of their own', async () => {
  const one = rates('versions')
  const two = rates('versions', '2.0.0')
  const set = await stage(database.url, { definitions: [one.definition, two.definition] })
  await ask(set, one.definition, 'EUR')
  await ask(set, two.definition, 'EUR')
  expect([one.asked, two.asked]).toEqual([['EUR'], ['EUR']])
})

test('equal results that are wanted at the same time are made once', async () => {
  const door = gate()
  let runs = 0
  const definition = defineTask({ name: 'together' })
    .expand(
      'ask',
      { cache: { key: ({ inputs }) => inputs % 2 } },
      () => Array.from({ length: 20 }, (_, index) => ({ key: String(index), inputs: index })),
      async () => {
        runs += 1
        await door.opened
        return runs
      },
    )
    .step('beside', async () => door.open())
  const set = await stage(database.url, { definitions: [definition], slots: 100 })
  const { taskId } = await set.tasker.tasks.create(definition, { context: {} })
  const task = await set.run(taskId)
  expect(task.state).toBe('complete')
  expect(runs).toBe(2)
})

test('a failure is not kept, and the next that waits for the same makes it', async () => {
  let runs = 0
  const definition = defineTask({ name: 'failing' }).expand(
    'ask',
    { cache: { key: () => 'same' } },
    () => ['a', 'b', 'c'].map((key) => ({ key, inputs: null })),
    async () => {
      runs += 1
      if (runs === 1) throw new RetryableError('not the first time')
      return runs
    },
  )
  const set = await stage(database.url, { definitions: [definition] })
  const { taskId } = await set.tasker.tasks.create(definition, { context: {} })
  const task = await set.run(taskId)
  expect(task.results['ask']).toEqual({ a: 2, b: 2, c: 2 })
  expect(runs).toBe(2)
})

test('a step that waits keeps nothing, and nothing is cached without a key', async () => {
  let runs = 0
  const definition = defineTask({ name: 'no_key', context: z.object({ waits: z.boolean() }) }).step(
    'ask',
    { cache: { key: ({ context }) => (context.waits ? 'waits' : null) } },
    async ({ context, claimNo, waitUntil }) => {
      runs += 1
      return context.waits && claimNo === 1 ? waitUntil(new Date(0), 'not yet') : runs
    },
  )
  const set = await stage(database.url, { definitions: [definition] })
  for (const waits of [true, false, false]) {
    const { taskId } = await set.tasker.tasks.create(definition, { context: { waits } })
    await set.run(taskId)
  }
  expect(runs).toBe(4)
})

test('whoever waits for a handler that ignores its time limit is not held up by it', async () => {
  const hung = Promise.withResolvers<never>()
  let runs = 0
  const started = gate()
  const definition = defineTask({ name: 'hangs' }).step(
    'ask',
    { cache: { key: () => 'same' }, timeoutMs: 1_000, retry: { limit: 1 } },
    async () => {
      runs += 1
      if (runs > 1) return 'made'
      started.open()
      return hung.promise
    },
  )
  const set = await stage(database.url, { definitions: [definition], isWorking: false, slots: 100 })
  const first = await set.tasker.tasks.create(definition, { context: {} })
  await set.tasker.worker.start()
  await started.opened
  await set.clock.advance(500)
  const waits = gate()
  set.tasker.events.on('step.execution_requested', waits.open)
  const second = await set.tasker.tasks.create(definition, { context: {} })
  await waits.opened
  await set.clock.advance(500)
  const answer = await set.tasker.tasks.waitFor(second.taskId)
  expect(answer).toMatchObject({ results: { ask: 'made' } })
  expect(await set.tasker.tasks.waitFor(first.taskId)).toMatchObject({ state: 'error' })
  expect(runs).toBe(2)
})

const forget = async (): Promise<void> => undefined

test.each<[string, CacheStore, readonly string[]]>([
  [
    'fails',
    {
      get: async () => Promise.reject(new Error('the store is away')),
      set: async () => Promise.reject(new Error('the store is away')),
      delete: forget,
    },
    ['the cache store fails; one goes on without it'],
  ],
  [
    'never takes anything',
    { get: async () => null, set: () => Promise.withResolvers<void>().promise, delete: forget },
    [],
  ],
  [
    'holds what is no JSON',
    { get: async () => '1},{"task_id":', set: async () => undefined, delete: forget },
    ['a result in the cache cannot be read; it is made anew'],
  ],
  [
    'holds too much',
    { get: async () => `"${'x'.repeat(11_000_000)}"`, set: async () => undefined, delete: forget },
    [],
  ],
  [
    'holds what no jsonb takes',
    { get: async () => '"\\u0000"', set: async () => undefined, delete: forget },
    [],
  ],
])('a store that %s is as good as none', async (what, cacheStore, said) => {
  const { asked, definition } = rates(`store_${what.replaceAll(/\W+/g, '_')}`)
  const warned: unknown[] = []
  const warn = (_fields: object, message: string): void => void warned.push(message)
  const ignore = (): void => undefined
  const logger = { debug: ignore, info: ignore, warn, error: ignore }
  const set = await stage(database.url, { definitions: [definition], cacheStore, logger })
  for (const wanted of ['EUR', 'EUR']) {
    expect(await ask(set, definition, wanted)).toMatchObject({ state: 'complete' })
  }
  expect(asked).toEqual(['EUR', 'EUR'])
  expect(warned.filter((message) => String(message).includes('cache'))).toEqual(said)
})

test('a store that is given is shared by the processes that use it', async () => {
  const cacheStore = new MemoryStore()
  const one = rates('shared')
  const two = rates('shared')
  const first = await stage(database.url, { definitions: [one.definition], cacheStore })
  await ask(first, one.definition, 'EUR')
  await first.tasker.close()
  const second = await stage(database.url, { definitions: [two.definition], cacheStore })
  await ask(second, two.definition, 'EUR')
  expect([one.asked, two.asked]).toEqual([['EUR'], []])
})

test('a secret that a handler read is in no result that others are given', async () => {
  const texts: string[] = []
  const cacheStore: CacheStore = {
    get: async () => texts.at(-1) ?? null,
    set: async (_key, text) => void texts.push(text),
    delete: forget,
  }
  const definition = defineTask({ name: 'cached_secret' }).step(
    'echo',
    { cache: { key: () => 'same' } },
    async ({ secret }) => ({ said: `I am ${await secret('TOKEN')}` }),
  )
  const secrets = (): string => 't0p-secret'
  const set = await stage(database.url, { definitions: [definition], cacheStore, secrets })
  for (const context of [{ task: 1 }, { task: 2 }]) {
    const { taskId } = await set.tasker.tasks.create(definition, { context })
    expect((await set.run(taskId)).results['echo']).toEqual({ said: 'I am [REDACTED]' })
  }
  expect(texts).toEqual(['{"said":"I am [REDACTED]"}'])
})

function fromYaml(text: string, runs: string[]): TaskDefinition {
  const handlers = {
    Ask: async ({ context }: { readonly context: object }) => {
      runs.push(JSON.stringify(context))
      return { count: runs.length }
    },
  }
  return readDefinition(text, 'cached.yaml', { handlers })
}

test('in YAML the key names what the result depends on', async () => {
  const runs: string[] = []
  const definition = fromYaml(
    `---
name: cached_yaml
step_templates:
  - name: base
    handler_class: Ask
    cache: { key: [context.city, context.day], ttl_seconds: 60 }
  - name: next
    handler_class: Ask
    depends_on_step: base
    cache: { key: results.base.count }
`,
    runs,
  )
  const set = await stage(database.url, { definitions: [definition] })
  const go = async (context: Record<string, string>) => {
    const { taskId } = await set.tasker.tasks.create(definition, { context })
    return set.run(taskId)
  }
  await go({ city: 'Ghent', day: '1' })
  await go({ city: 'Ghent', day: '1', by: 'another' })
  expect(runs).toHaveLength(2)
  // Were the parts only joined, this would be the same key.
  await go({ city: 'Ghent1', day: '' })
  expect(runs).toHaveLength(4)
  const missing = await go({ city: 'Ghent' })
  expect(statesOf(missing)).toMatchObject({ base: 'error' })
  expect(missing.steps[0]?.error).toMatchObject({
    code: 'CACHE_KEY_MISSING',
    message: 'The cache key of step "base" needs context.day, which is not there.',
    retryable: false,
  })
})
