// The trend test of the soak, with readings whose trend is known: it must find a leak, and must not find one in noise.
import { describe, expect, test } from 'vitest'
import { randomFrom } from '../tools/chaos/random.ts'
import { trendOf } from '../tools/chaos/slope.ts'

const windows = 20
const readings = (of: (index: number) => number): readonly number[] =>
  Array.from({ length: windows }, (_, index) => of(index))

/** From −1 to 1, of a seed. */
function noiseOf(seed: number): () => number {
  const random = randomFrom(seed)
  return () => random.next() * 2 - 1
}

test('what stands still has no drift', () => {
  expect(trendOf(readings(() => 40))).toEqual({ mean: 40, drift: 0, driftAtLeast: 0 })
})

test('a line drifts by its rise', () => {
  expect(trendOf(readings((index) => 100 + index))).toMatchObject({ drift: 19, driftAtLeast: 19 })
})

describe('of 200 seeds', () => {
  const trends = (of: (index: number, noise: number) => number) =>
    Array.from({ length: 200 }, (_, seed) => {
      const noise = noiseOf(seed)
      return trendOf(readings((index) => of(index, noise())))
    })

  test('noise of 20 % is hardly ever a drift', () => {
    const drifting = trends((_, noise) => 100 + 20 * noise).filter((t) => t.driftAtLeast > 0)
    expect(drifting.length).toBeLessThanOrEqual(4)
  })

  test('a leak of 40 % over the time is always found under noise of 10 %', () => {
    const found = trends((index, noise) => 100 + (40 * index) / windows + 10 * noise)
    for (const { driftAtLeast, drift } of found) {
      expect(driftAtLeast).toBeGreaterThan(5)
      expect(Math.abs(drift - 38)).toBeLessThan(20)
    }
  })

  test('four readings of twenty that are ten times too high tilt nothing', () => {
    const tilted = trends((index, noise) => (index >= 16 ? 1_000 : 100 + noise))
    for (const { drift } of tilted) expect(drift).toBeLessThan(5)
  })
})

test('of a few readings nothing is said', () => {
  expect(() => trendOf([1, 2, 3])).toThrow('too few')
})
