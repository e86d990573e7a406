// Answers that are kept for a while: when they were made, for whom, how many of them, and under which key.
import { expect, test } from 'vitest'
import { AnswerCache, type AnswerKey } from '../../src/index.ts'
import { testClock } from '../../src/testing/index.ts'

function setup(weightMax?: number) {
  const clock = testClock()
  const cache = new AnswerCache({ clock, ...(weightMax === undefined ? {} : { weightMax }) })
  let made = 0
  const ask = (key: AnswerKey, weight?: number) =>
    cache.get(key, {
      ttlMs: 1_000,
      make: async () => ({ number: (made += 1), generatedAt: clock.now() }),
      ...(weight === undefined ? {} : { weightOf: () => weight }),
    })
  const numberOf = async (key: AnswerKey, weight?: number) => (await ask(key, weight)).number
  return { cache, clock, ask, numberOf }
}

test('an answer is given again until its time is over, and says when it was made and until when it holds', async () => {
  const { ask, clock } = setup()
  const generatedAt = clock.now()
  const expiresAt = new Date(clock.nowMs() + 1_000)
  expect(await ask(['a'])).toEqual({ number: 1, generatedAt, isCached: false, expiresAt })
  await clock.advance(999)
  expect(await ask(['a'])).toEqual({ number: 1, generatedAt, isCached: true, expiresAt })
  await clock.advance(1)
  expect(await ask(['a'])).toMatchObject({ number: 2, isCached: false, generatedAt: clock.now() })
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

test('who asks while it is made waits for the same answer', async () => {
  const { ask } = setup()
  const answers = await Promise.all([ask(['a']), ask(['a']), ask(['b'])])
  expect(answers.map(({ number, isCached }) => [number, isCached])).toEqual([
    [1, false],
    [1, false],
    [2, false],
  ])
})

test('a failure is not kept', async () => {
  const { cache, clock } = setup()
  let isFirst = true
  const ask = () =>
    cache.get(['a'], {
      ttlMs: 1_000,
      make: async () => {
        if (!isFirst) return { generatedAt: clock.now() }
        isFirst = false
        throw new Error('away')
      },
    })
  await expect(ask()).rejects.toThrow('away')
  expect(await ask()).toMatchObject({ isCached: false })
})

test('beyond the bound the answer that was not asked for the longest goes; one too large is not kept', async () => {
  const { cache, numberOf } = setup(30)
  expect(await numberOf(['a'], 10)).toBe(1)
  expect(await numberOf(['b'], 10)).toBe(2)
  expect(await numberOf(['c'], 10)).toBe(3)
  expect(await numberOf(['a'], 10)).toBe(1)
  expect(await numberOf(['d'], 10)).toBe(4)
  expect(cache.weight).toBe(30)
  expect(await numberOf(['a'], 10)).toBe(1)
  expect(await numberOf(['b'], 10)).toBe(5) // it had gone
  expect(await numberOf(['e'], 31)).toBe(6)
  expect(await numberOf(['e'], 31)).toBe(7)
  expect(cache.weight).toBe(30)
})
