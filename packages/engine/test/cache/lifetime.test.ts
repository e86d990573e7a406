// How long answers are kept: the table of the first generation, the bounds, and what is learnt from what was seen.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  adaptedSeconds,
  learnt,
  nothingKnown,
  type KeyFacts,
  type Seen,
} from '../../src/cache/lifetime.ts'
import { runs } from '../properties/runs.ts'

const bounds = { minSeconds: 30, maxSeconds: 3_600 }
const learning = { smoothing: 0.9, decayPerSecond: 0.95 }

const facts = (hitRate: number, generationSeconds: number, accessesPerMinute: number) => ({
  hitRate,
  generationSeconds,
  accessesPerMinute,
})

test.for<[base: number, KeyFacts, seconds: number]>([
  [300, facts(0.9, 2, 150), 702],
  [300, facts(0.2, 0.05, 2), 151],
  [300, facts(0.5, 0.5, 50), 300],
  [10, facts(0.5, 0.5, 50), 30],
  [4_000, facts(0.9, 0, 0), 3_600],
  [300, nothingKnown, 300],
  [300, facts(0.8, 1, 100), 300],
  [300, facts(0.3, 0.1, 5), 300],
])('%d s of %o is kept for %d s', ([base, known, seconds]) => {
  expect(adaptedSeconds(base, known, bounds)).toBe(seconds)
})

const known = fc.record({
  hitRate: fc.double({ min: 0, max: 1, noNaN: true }),
  generationSeconds: fc.double({ min: 0, max: 1e4, noNaN: true }),
  accessesPerMinute: fc.double({ min: 0, max: 1e6, noNaN: true }),
})
const base = fc.integer({ min: 1, max: 100_000 })

test('it is whole seconds within the bounds, and a longer base is never kept shorter', () => {
  fc.assert(
    fc.property(known, base, base, (one, a, b) => {
      const [shorter, longer] = [Math.min(a, b), Math.max(a, b)].map((seconds) =>
        adaptedSeconds(seconds, one, bounds),
      )
      expect(Number.isInteger(shorter)).toBe(true)
      expect(shorter).toBeGreaterThanOrEqual(bounds.minSeconds)
      expect(longer).toBeLessThanOrEqual(bounds.maxSeconds)
      expect(shorter).toBeLessThanOrEqual(longer ?? 0)
    }),
    runs(200),
  )
})

test('more hits, a dearer making and more use never make it shorter, where they are known', () => {
  const positive = known.map((one) => ({
    hitRate: Math.max(one.hitRate, 1e-9),
    generationSeconds: Math.max(one.generationSeconds, 1e-9),
    accessesPerMinute: Math.max(one.accessesPerMinute, 1e-9),
  }))
  fc.assert(
    fc.property(positive, positive, base, (one, other, seconds) => {
      const [low, high] = [Math.min, Math.max].map((of) =>
        facts(
          of(one.hitRate, other.hitRate),
          of(one.generationSeconds, other.generationSeconds),
          of(one.accessesPerMinute, other.accessesPerMinute),
        ),
      )
      expect(adaptedSeconds(seconds, low ?? one, bounds)).toBeLessThanOrEqual(
        adaptedSeconds(seconds, high ?? one, bounds),
      )
    }),
    runs(200),
  )
})

test('access by access the hit rate is old × f + hit × (1 − f); only making changes what making takes (K2)', () => {
  const hit: Seen = { hits: 1, misses: 0, generationMs: 0 }
  const miss: Seen = { hits: 0, misses: 1, generationMs: 2_000 }
  const first = learnt(nothingKnown, miss, 1_000, learning)
  expect(first).toMatchObject({ hitRate: 0, generationSeconds: 2 })
  const half = learnt(first, { ...miss, hits: 1 }, 1_000, learning)
  expect(half).toMatchObject({ hitRate: 0.5, generationSeconds: 2 }) // the first that was found sets it
  const second = learnt(half, hit, 1_000, learning)
  expect(second.hitRate).toBeCloseTo(0.55)
  expect(second.generationSeconds).toBe(2)
  const third = learnt(second, { ...miss, generationMs: 1_000 }, 1_000, learning)
  expect(third.hitRate).toBeCloseTo(0.495)
  expect(third.generationSeconds).toBeCloseTo(1.9)
})

test('accesses per minute are those of real time, however they are batched: above 100 can be reached (K2)', () => {
  const afterAMinute = (perMinute: number, batches: number) => {
    let one: KeyFacts = nothingKnown
    for (let batch = 0; batch < 4 * batches; batch += 1) {
      one = learnt(
        one,
        { hits: perMinute / batches, misses: 0, generationMs: 0 },
        60_000 / batches,
        learning,
      )
    }
    return one.accessesPerMinute
  }
  for (const batches of [1, 12, 60]) {
    expect(afterAMinute(150, batches)).toBeCloseTo(150, 1)
    expect(afterAMinute(3, batches)).toBeCloseTo(3, 1)
  }
  const quiet = learnt(facts(0, 0, 150), { hits: 0, misses: 0, generationMs: 0 }, 60_000, learning)
  expect(quiet.accessesPerMinute).toBeLessThan(7)
})

test('what is learnt stays a share, a time and a rate, whatever was seen', () => {
  const seen = fc.record({
    hits: fc.nat(1_000),
    misses: fc.nat(1_000),
    generationMs: fc.double({ min: 0, max: 1e6, noNaN: true }),
  })
  const weight = fc.double({ min: 0, max: 1, noNaN: true })
  fc.assert(
    fc.property(
      known,
      seen,
      fc.nat(4_000_000),
      weight,
      weight,
      (one, what, ms, smoothing, decayPerSecond) => {
        const next = learnt(one, what, ms, { smoothing, decayPerSecond })
        expect(next.hitRate).toBeGreaterThanOrEqual(0)
        expect(next.hitRate).toBeLessThanOrEqual(1 + 1e-9)
        expect(Number.isFinite(next.generationSeconds) && next.generationSeconds >= 0).toBe(true)
        expect(Number.isFinite(next.accessesPerMinute) && next.accessesPerMinute >= 0).toBe(true)
      },
    ),
    runs(200),
  )
})
