// What Tasker makes of a store that fails: nobody waits long, it is asked again after a pause by one, and it is said once.
import { expect, test } from 'vitest'
import { compressed } from '../../src/cache/compressed-store.ts'
import { MemoryStore } from '../../src/cache/memory-store.ts'
import { steady } from '../../src/cache/steady-store.ts'
import { TaskerError } from '../../src/errors.ts'
import type { CacheStore } from '../../src/cache/cache-store.ts'
import { breakableStore, testClock } from '../../src/testing/index.ts'
import { saidLines } from '../support/said-lines.ts'

const timeoutMs = 500

function setup(inner: CacheStore = new MemoryStore()) {
  const clock = testClock()
  const { logger, lines } = saidLines()
  const broken = breakableStore(inner)
  let asked = 0
  const counted: CacheStore = {
    ...broken.store,
    get: async (key) => {
      asked += 1
      return broken.store.get(key)
    },
  }
  const store = steady(counted, { timeoutMs, clock, logger })
  return { clock, store, lines, fail: broken.fail, asked: () => asked }
}

const codeOf = (asked: Promise<unknown>): Promise<unknown> =>
  asked.then(
    () => 'answered',
    (error: unknown) => (error instanceof TaskerError ? error.code : error),
  )

const begun = 'warn: the cache store fails; one goes on without it'
const over = 'info: the cache store answers again'

test('a store that fails is asked once in a second, and said to fail once and to answer once', async () => {
  const { clock, store, lines, fail, asked } = setup()
  fail('gone')
  for (let second = 0; second < 10; second += 1) {
    for (let caller = 0; caller < 5; caller += 1) {
      expect(await codeOf(store.get('a'))).toBe('CACHE_UNAVAILABLE')
    }
    await clock.advance(1_000)
  }
  expect(asked()).toBe(10)
  fail(null)
  for (let second = 0; second < 10; second += 1) {
    expect(await codeOf(store.get('a'))).toBe('answered')
    await clock.advance(1_000)
  }
  expect(lines()).toEqual([begun, over])
})

test('whoever asks while one finds out whether the store answers again does not wait', async () => {
  const { clock, store, fail } = setup()
  fail('hanging')
  const first = codeOf(store.get('a'))
  await clock.advance(timeoutMs)
  expect(await first).toBe('CACHE_UNAVAILABLE')
  await clock.advance(1_000)
  const second = codeOf(store.get('a'))
  expect(await codeOf(store.get('a'))).toBe('CACHE_UNAVAILABLE')
  await clock.advance(timeoutMs)
  expect(await second).toBe('CACHE_UNAVAILABLE')
})

test('what stands in a full store is read, and that it is full is said once', async () => {
  const { clock, store, lines, fail } = setup()
  await store.set('a', 'text', 600_000)
  fail('full')
  for (let second = 0; second < 20; second += 1) {
    expect(await codeOf(store.set('b', 'text', 600_000))).toBe('CACHE_UNAVAILABLE')
    expect(await store.get('a')).toBe('text')
    await clock.advance(1_000)
  }
  expect(lines()).toEqual([begun])
  fail(null)
  await clock.advance(10_000)
  await store.set('b', 'text', 600_000)
  expect(lines()).toEqual([begun, over])
})

test('a lock is renewed and given back although a read was not answered a moment ago', async () => {
  const { clock, store, fail } = setup()
  await store.acquire?.('lock', 'me', 60_000)
  fail('hanging')
  const read = codeOf(store.get('a'))
  await clock.advance(timeoutMs)
  expect(await read).toBe('CACHE_UNAVAILABLE')
  fail(null)
  expect(await store.renew?.('lock', 'me', 60_000)).toBe(true)
  fail('gone')
  expect(await codeOf(store.get('a'))).toBe('CACHE_UNAVAILABLE')
  fail(null)
  await store.release?.('lock', 'me')
  expect(await store.acquire?.('lock', 'other', 60_000)).toBe(true)
})

test('a store that fails now and then is not said to fail each time', async () => {
  const { clock, store, lines, fail } = setup()
  for (let second = 0; second < 60; second += 2) {
    fail('gone')
    await codeOf(store.get('a'))
    fail(null)
    await clock.advance(2_000)
    await store.get('a')
  }
  expect(lines()).toEqual([begun])
})

test('what a store refuses for what it is does not count as a failure', async () => {
  const { store, lines } = setup()
  await store.set('a', 'no number', 1_000)
  expect(await codeOf(store.increment?.('a', 1, 1_000) ?? Promise.resolve())).toBe(
    'CACHE_TEXT_REFUSED',
  )
  expect(await store.get('a')).toBe('no number')
  expect(lines()).toEqual([])
})

test('a text that says it is compressed and is not is refused', async () => {
  const inner = new MemoryStore()
  const store = compressed(inner, { minBytes: 100 })
  const text = 'ab'.repeat(1_000)
  await store.set('good', text, 1_000)
  const packed = (await inner.get('good')) ?? ''
  expect(packed.length).toBeLessThan(100)
  expect(await store.get('good')).toBe(text)
  for (const broken of [packed.slice(0, -8), '~z', '~zäöü', '~x', `${packed.slice(0, 30)}AAAA`]) {
    await inner.set('bad', broken, 1_000)
    expect(await codeOf(store.get('bad'))).toBe('CACHE_TEXT_UNREADABLE')
  }
  await store.set('short', '~z', 1_000)
  expect(await store.get('short')).toBe('~z')
})
