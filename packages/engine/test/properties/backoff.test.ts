// The ladder of engine specification §9.5 and protocol rule 32: pure arithmetic, with its bounds as properties.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { resolveConfig, type Config } from '../../src/config.ts'
import { ladderSeconds, retryDelayMs } from '../../src/steps/backoff.ts'
import { runs } from './runs.ts'

const backoff = (changes: Partial<Config['backoff']> = {}): Config['backoff'] => ({
  ...resolveConfig({ code: {} }).config.backoff,
  ...changes,
})
const steady = backoff({ jitterEnabled: false })
const delay = (attempt: number, settings = steady): number =>
  retryDelayMs({ attempt, explicitMs: null, random: 0.5 }, settings)

describe('without jitter', () => {
  test.each([
    [1, 1],
    [2, 2],
    [3, 4],
    [4, 8],
    [5, 16],
    [6, 32], // the ladder
    [7, 49],
    [8, 64],
    [17, 289], // beyond it: attempt squared
    [18, 300],
    [100, 300],
    [32_767, 300], // the cap
  ])('attempt %i is tried again after %i s', (attempt, seconds) => {
    expect(delay(attempt)).toBe(seconds * 1000)
  })

  test.each([0, -1])('there is no wait for attempt %i, which never was', (attempt) => {
    expect(ladderSeconds(attempt, steady)).toBe(0)
  })

  test.each([
    [1, 5],
    [2, 10],
    [3, 5],
    [4, 8],
    [100, 60],
  ])('ladder [5, 10], multiplier 1.5, cap 60: attempt %i waits %i s', (attempt, seconds) => {
    const custom = backoff({
      jitterEnabled: false,
      defaultBackoffSeconds: [5, 10],
      backoffMultiplier: 1.5,
      maxBackoffSeconds: 60,
    })
    expect(delay(attempt, custom)).toBe(seconds * 1000)
  })

  test('a ladder below one second is kept', () => {
    expect(delay(1, backoff({ jitterEnabled: false, defaultBackoffSeconds: [0.05] }))).toBe(50)
  })

  test.each([
    [120_000, 120_000],
    [300_001, 300_000],
    [0, 0],
    [-1, 0],
    [Number.POSITIVE_INFINITY, 300_000],
  ])('a wait of %d ms that was asked for becomes %d ms', (explicitMs, expected) => {
    expect(retryDelayMs({ attempt: 1, explicitMs, random: 0.5 }, steady)).toBe(expected)
  })
})

describe('with jitter', () => {
  const wait = fc.record({
    attempt: fc.integer({ min: 1, max: 32_767 }),
    random: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  })
  const share = fc.double({ min: 0, max: 1, noNaN: true })

  test('a wait of the ladder stays within its share, below the cap and above one second', () => {
    const { seed } = runs(1)
    fc.assert(
      fc.property(wait, share, ({ attempt, random }, jitterMaxPercentage) => {
        const settings = backoff({ jitterEnabled: true, jitterMaxPercentage })
        const base = delay(attempt)
        const jittered = retryDelayMs({ attempt, explicitMs: null, random }, settings)
        expect(jittered).toBeGreaterThanOrEqual(
          Math.max(1_000, Math.floor(base * (1 - jitterMaxPercentage))),
        )
        expect(jittered).toBeLessThanOrEqual(
          Math.min(300_000, Math.ceil(base * (1 + jitterMaxPercentage))),
        )
      }),
      { seed, numRuns: 500 },
    )
  })

  test('a wait that was asked for is never shortened, unless by the cap', () => {
    const { seed } = runs(1)
    fc.assert(
      fc.property(
        wait,
        share,
        fc.integer({ min: 0, max: 1_000_000 }),
        ({ attempt, random }, jitterMaxPercentage, explicitMs) => {
          const settings = backoff({ jitterEnabled: true, jitterMaxPercentage })
          const jittered = retryDelayMs({ attempt, explicitMs, random }, settings)
          expect(jittered).toBeGreaterThanOrEqual(Math.min(300_000, explicitMs))
          expect(jittered).toBeLessThanOrEqual(
            Math.min(300_000, Math.ceil(explicitMs * (1 + jitterMaxPercentage))),
          )
        },
      ),
      { seed, numRuns: 500 },
    )
  })

  test('spreads waits evenly to both sides of the ladder', () => {
    const settings = backoff({ jitterEnabled: true, jitterMaxPercentage: 0.1 })
    const at = (random: number): number =>
      retryDelayMs({ attempt: 4, explicitMs: null, random }, settings)
    expect([at(0), at(0.5), at(0.999_999)]).toEqual([7_200, 8_000, 8_800])
  })

  test('50 % at the first attempt stays within 1 and 1.5 s', () => {
    const settings = backoff({ jitterEnabled: true, jitterMaxPercentage: 0.5 })
    const at = (random: number): number =>
      retryDelayMs({ attempt: 1, explicitMs: null, random }, settings)
    expect([at(0), at(0.25), at(0.5), at(0.999_999)]).toEqual([1_000, 1_000, 1_000, 1_500])
  })
})
