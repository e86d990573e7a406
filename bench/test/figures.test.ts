// Quantiles, medians and ratios, for any numbers; and which verdict follows from them.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { medianOf, mediansOf, quantile } from '../src/figures.ts'
import { judge, ratios } from '../src/verdict.ts'
import { hopsByPosition } from '../src/workloads/chain.ts'

const thousandths = fc.integer({ min: 0, max: 10_000_000 }).map((value) => value / 1_000)
const sample = fc.array(thousandths, { minLength: 1, maxLength: 50 })
const share = fc.double({ min: 0, max: 1, noNaN: true })

test('a quantile is of the sample, and at least so large a share of it is no larger', () => {
  fc.assert(
    fc.property(sample, share, (values, of) => {
      const value = quantile(values, of) ?? Number.NaN
      expect(values).toContain(value)
      const notLarger = values.filter((other) => other <= value).length
      expect(notLarger).toBeGreaterThanOrEqual(of * values.length)
      const smaller = values.filter((other) => other < value).length
      expect(smaller).toBeLessThan(Math.max(of * values.length, 1))
    }),
  )
})

test('a larger share has no smaller quantile; of nothing there is none', () => {
  fc.assert(
    fc.property(sample, share, share, (values, one, other) => {
      const [low, high] = one < other ? [one, other] : [other, one]
      expect(quantile(values, low)).toBeLessThanOrEqual(quantile(values, high) ?? Number.NaN)
    }),
  )
  expect(quantile([], 0.5)).toBeNull()
})

test('half of the sample is on each side of the median, whatever the order', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 999 }), { minLength: 1 }), (values) => {
      const found = medianOf(values)
      const median = found?.median ?? Number.NaN
      expect(values.filter((value) => value <= median).length * 2).toBeGreaterThanOrEqual(
        values.length,
      )
      expect(values.filter((value) => value >= median).length * 2).toBeGreaterThanOrEqual(
        values.length,
      )
      expect(found).toMatchObject({ min: Math.min(...values), max: Math.max(...values) })
      expect(medianOf(values.toReversed())).toEqual(found)
    }),
  )
  expect(medianOf([])).toBeNull()
})

test('a figure that some runs lack has the median of the others', () => {
  expect(
    mediansOf([
      { a: 1, b: null },
      { a: 3, b: null },
      { a: null, b: null },
    ]),
  ).toEqual({
    a: { median: 2, min: 1, max: 3 },
    b: null,
  })
})

test('ratios are taken within a run, and the middle one is judged', () => {
  const run = (wide: number, narrow: number) => [
    { name: 'wide', figures: { rate: wide } },
    { name: 'narrow', figures: { rate: narrow } },
  ]
  const found = ratios([run(10, 5), run(100, 100), run(30, 10)], 'rate', 'wide', 'narrow')
  expect(found).toEqual([2, 1, 3])
  expect(judge('twice', found, { atLeast: 2 })).toEqual({
    says: 'twice',
    found: { median: 2, min: 1, max: 3 },
    isMet: true,
  })
  expect(judge('flat', found, { atLeast: 0.9, atMost: 1.1 }).isMet).toBe(false)
  expect(judge('unknown', ratios([run(1, 0)], 'rate', 'wide', 'narrow'), { atLeast: 1 })).toEqual({
    says: 'unknown',
    found: null,
    isMet: null,
  })
})

test('a chain whose last steps take twice as long as its first is told so', () => {
  const hops = Array.from({ length: 999 }, (_, index) => (index < 500 ? 1 : 2))
  const figures = hopsByPosition([hops, hops])
  expect(figures).toMatchObject({ hopMsAt10: 1, hopMsAt300: 1, hopMsAt1000: 2, lastHopsByFirst: 2 })
})
