// Answers that are kept: when they were made and for whom, once for all who ask, and for how long.
import { expect, test } from 'vitest'
import { AdaptiveCache, type AdaptiveCacheOptions } from '../../src/cache/adaptive-cache.ts'
import type { AnswerKey, AnswerOrder } from '../../src/cache/tasker-cache.ts'
import { MemoryStore } from '../../src/cache/memory-store.ts'
import { testClock } from '../../src/testing/index.ts'

const learning = { smoothing: 0.9, decayPerSecond: 0.95 }
const bounds = { minSeconds: 1, maxSeconds: 3_600 }
const adapting = { sums: null, learning, bounds, intervalMs: 30_000 }

function setup(options: Partial<AdaptiveCacheOptions> = {}) {
  const clock = testClock()
  const store = options.store ?? new MemoryStore({ clock })
  const cache = new AdaptiveCache({
    store,
    clock,
    owner: async () => 'database',
    locks: null,
    tracking: null,
    defaultTtlMs: 1_000,
    pressureThreshold: 0.8,
    ...options,
  })
  let made = 0
  const order = { make: async () => (made += 1) }
  const ask = (key: AnswerKey, more: Partial<AnswerOrder<number>> = {}) =>
    cache.fetch(key, { ...order, ...more })
  const numberOf = async (key: AnswerKey, more: Partial<AnswerOrder<number>> = {}) =>
    (await ask(key, more)).value
  return { cache, clock, store, ask, numberOf }
}

/** Begins to be made, and is not before `finish`. */
function gated() {
  const [begun, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<number>()]
  const make = (): Promise<number> => {
    begun.resolve()
    return gate.promise
  }
  return { make, begun: begun.promise, finish: gate.resolve, fail: gate.reject }
}

test('an answer is given again until its time is over, and says when it was made and until when it holds', async () => {
  const { ask, clock } = setup()
  const generatedAt = clock.now()
  const expiresAt = new Date(clock.nowMs() + 1_000)
  const first = { value: 1, generatedAt, expiresAt, isCached: false, isStale: false }
  expect(await ask(['a'])).toEqual(first)
  await clock.advance(999)
  expect(await ask(['a'])).toEqual({ ...first, isCached: true })
  await clock.advance(1)
  expect(await ask(['a'])).toMatchObject({ value: 2, isCached: false, generatedAt: clock.now() })
})

test('parts of a key are apart: no two questions share one (W-47)', async () => {
  const { numberOf } = setup()
  const keys: readonly AnswerKey[] = [
    ['x', null],
    [null, 'x'],
    ['a_b', null],
    ['a', 'b'],
    ['a","b'],
    ['1'],
    [1],
    [true],
    ['true'],
    ['null'],
    [null],
  ]
  const numbers = []
  for (const key of keys) numbers.push(await numberOf(key))
  expect(new Set(numbers).size).toBe(keys.length)
})

test('50 who ask at once for what nobody has made: it is made once, for all of them', async () => {
  const { cache, ask } = setup()
  const answers = await Promise.all(Array.from({ length: 50 }, () => ask(['a'])))
  expect(new Set(answers.map(({ value, isCached }) => `${value} ${isCached}`))).toEqual(
    new Set(['1 false']),
  )
  expect(cache.reading().kinds).toContainEqual({ kind: 'a', hits: 49, staleHits: 0, misses: 1 })
})

test('while one makes it anew all others are given the old answer, which says so; nobody waits', async () => {
  const { cache, clock, ask } = setup()
  await ask(['a'])
  await clock.advance(1_500)
  const { make, begun, finish } = gated()
  const fresh = ask(['a'], { make })
  await begun
  const old = await ask(['a'])
  expect(old).toMatchObject({ value: 1, isCached: true, isStale: true })
  expect(old.expiresAt.getTime()).toBe(clock.nowMs() - 500)
  finish(7)
  expect(await fresh).toMatchObject({ value: 7, isCached: false, isStale: false })
  expect(await ask(['a'])).toMatchObject({ value: 7, isCached: true, isStale: false })
  expect(cache.reading().kinds).toContainEqual({ kind: 'a', hits: 2, staleHits: 1, misses: 2 })
})

test('an answer that is too old, or may not be given old, is waited for', async () => {
  const { clock, ask } = setup()
  for (const [ms, staleMs] of [
    [2_000, 1_000],
    [1_000, 0],
  ] as const) {
    await ask(['a', ms], { staleMs })
    await clock.advance(ms)
    const { make, begun, finish } = gated()
    const fresh = ask(['a', ms], { staleMs, make })
    await begun
    const other = ask(['a', ms], { staleMs })
    finish(7)
    expect([(await fresh).value, (await other).value]).toEqual([7, 7])
  }
})

test('a failure goes to all who wait for it, and is not kept; the old answer stays', async () => {
  const { clock, ask } = setup()
  const { make, begun, fail } = gated()
  const waiting = [ask(['a'], { make }), ask(['a'], { make })]
  await begun
  fail(new Error('away'))
  for (const each of await Promise.allSettled(waiting)) expect(each.status).toBe('rejected')
  expect(await ask(['a'])).toMatchObject({ value: 1, isCached: false })
  await clock.advance(1_000)
  const failing = ask(['a'], { make: () => Promise.reject(new Error('away')) })
  expect(await ask(['a'])).toMatchObject({ value: 1, isStale: true })
  await expect(failing).rejects.toThrow('away')
})

test('an answer that tells of trouble is not kept, and nor is the good one from before it', async () => {
  const { clock, ask } = setup()
  await ask(['a'])
  await clock.advance(1_000)
  const bad = await ask(['a'], { isKept: () => false })
  expect(bad).toMatchObject({ value: 2, isCached: false, expiresAt: clock.now() })
  expect(await ask(['a'])).toMatchObject({ value: 3, isCached: false })
})

test('what would not come back as it is, is given and not kept', async () => {
  const { cache } = setup()
  const points = () => cache.fetch(['a'], { make: async () => new Map([[1, 2]]) })
  expect((await points()).value).toEqual(new Map([[1, 2]]))
  expect((await points()).isCached).toBe(false)
})

test('a kept answer of another version is none, not even while a new one is made', async () => {
  const { ask, numberOf } = setup()
  expect(await numberOf(['a'], { version: [1] })).toBe(1)
  const { make, begun, finish } = gated()
  const second = ask(['a'], { version: [2], make })
  await begun
  finish(7)
  expect((await second).value).toBe(7)
  expect(await numberOf(['a'], { version: [2] })).toBe(7)
})

test('what is forgotten is made anew, also when it was being made', async () => {
  const { cache, ask, numberOf } = setup()
  await ask(['a'])
  expect(await cache.forget(['a'])).toBe(true)
  expect(await numberOf(['a'])).toBe(2)
  const { make, begun, finish } = gated()
  const before = ask(['b'], { make })
  await begun
  await cache.forget(['b'])
  finish(7)
  expect((await before).value).toBe(7)
  expect(await numberOf(['b'])).toBe(3)
})

test('a store that fails is as good as none: answers are made, and the failures counted', async () => {
  const fails = () => Promise.reject(new Error('the store is away'))
  const { cache, numberOf } = setup({ store: { get: fails, set: fails, delete: fails } })
  expect(await numberOf(['a'])).toBe(1)
  expect(await numberOf(['a'])).toBe(2)
  expect(await cache.forget(['a'])).toBe(false)
  expect(cache.reading().storeErrorCount).toBe(5)
  await expect(cache.fetch(['a'], { make: () => Promise.reject(new Error('no')) })).rejects.toThrow(
    'no',
  )
})

test('garbage in the store, an answer to another question, and one that its reader refuses are made anew', async () => {
  const clock = testClock()
  const texts = new Map<string, string>()
  const store = {
    get: async (key: string) => texts.get(key) ?? null,
    set: async (key: string, text: string) => void texts.set(key, text),
    delete: async (key: string) => void texts.delete(key),
  }
  const { numberOf } = setup({ store, clock })
  await numberOf(['a'])
  const place = [...texts.keys()][0] ?? ''
  await numberOf(['b'])
  const ofB = [...texts.values()][1] ?? ''
  for (const [index, text] of ['garbage', '{}', 'null', ofB].entries()) {
    texts.set(place, text)
    expect(await numberOf(['a'])).toBe(index + 3)
  }
  const read = (): number => {
    throw new TypeError('of another shape')
  }
  expect(await numberOf(['a'], { read })).toBe(7)
  const ahead = JSON.stringify({
    ...(JSON.parse(texts.get(place) ?? '') as object), // written above
    madeAtMs: clock.nowMs() + 3_600_000,
  })
  texts.set(place, ahead)
  expect(await numberOf(['a'])).toBe(8)
})

test('a lifetime adapts to cost and use, is computed at most once per interval, and stays within what was asked for', async () => {
  const { clock, ask, cache } = setup({ tracking: adapting })
  const slow = { ttlMs: 40_000, make: async () => (await clock.advance(2_000), 1) }
  const ttlOf = async (order: Partial<AnswerOrder<number>> = slow) => {
    const { expiresAt, generatedAt } = await ask(['a'], order)
    return expiresAt.getTime() - generatedAt.getTime()
  }
  expect(await ttlOf()).toBe(40_000) // nothing is known
  for (let second = 0; second < 39; second += 1) {
    await ask(['a'], slow)
    await clock.advance(1_000)
  }
  await clock.advance(1_000)
  expect(await ttlOf()).toBe(Math.floor(40 * 1.5 * 1.3) * 1_000) // found again, and dear
  expect(await ttlOf({ ...slow, version: [2] })).toBe(78_000) // within the interval: as it was
  await clock.advance(29_000)
  const limited = await ttlOf({ ...slow, version: [3], ttlMaxMs: 50_000 })
  expect(limited).toBe(50_000)
  const [key] = cache.keys() ?? []
  expect(key).toMatchObject({ key: '["a"]', generations: 4, meanGenerationMs: 2_000 })
})

test('without adaptation a lifetime is what was asked for; without tracking nothing is known of keys', async () => {
  const fixed = setup({ tracking: { ...adapting, bounds: null } })
  await fixed.ask(['a'])
  await fixed.clock.advance(60_000)
  const { generatedAt, expiresAt } = await fixed.ask(['a'])
  expect(expiresAt.getTime() - generatedAt.getTime()).toBe(1_000)
  expect(fixed.cache.keys()).toHaveLength(1)
  const { cache, ask } = setup()
  await ask(['a'])
  expect(cache.keys()).toBeNull()
})

test('a store under pressure gets answers that live half as long, and none beyond their time', async () => {
  const clock = testClock()
  const store = new MemoryStore({ clock, bytesMax: 10_000 })
  const { ask } = setup({ clock, store, tracking: adapting, pressureThreshold: 0.5 })
  const first = await ask(['a'], { ttlMs: 60_000 })
  expect(first.expiresAt.getTime() - clock.nowMs()).toBe(60_000)
  await store.set('other', 'x'.repeat(3_000), 10_000)
  await clock.advance(1_000)
  const pressed = await ask(['b'], { ttlMs: 60_000 })
  expect(pressed.expiresAt.getTime() - clock.nowMs()).toBe(30_000)
  await clock.advance(10_000) // what took the room is gone
  const later = await ask(['c'], { ttlMs: 60_000 })
  expect(later.expiresAt.getTime() - clock.nowMs()).toBe(60_000)
})

test('keys are tracked for an hour, and no more than a thousand', async () => {
  const { cache, clock, ask } = setup({ tracking: adapting })
  for (let index = 0; index < 1_010; index += 1) await ask(['a', index])
  expect(cache.keys()).toHaveLength(1_000)
  await clock.advance(3_600_000)
  await ask(['a', 1_009])
  expect(cache.keys()).toMatchObject([{ key: '["a",1009]', accesses: 1 }])
})
