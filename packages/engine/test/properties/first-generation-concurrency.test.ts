// The concurrency formula of the first generation, with the numbers of engine specification §9.11.
import { expect, test } from 'vitest'
import { resolveConfig } from '../../src/config.ts'
import type { HealthCounts } from '../../src/database/read-statistics.ts'
import {
  firstGenerationLimit,
  poolHealth,
  type PoolReading,
} from '../../src/dispatch/first-generation-concurrency.ts'

const settings = { ...resolveConfig({ env: {} }).config.execution, maxConcurrentStepsLimit: 12 }
const pool = (size: number, busy: number, available: number): PoolReading => ({
  size,
  busy,
  available,
})
type Counts = readonly [total: number, pending: number, inProgress: number]

const counts = (tasks: Counts, steps: Counts): HealthCounts => {
  const others = {
    complete: 0,
    error: 0,
    cancelled: 0,
    resolved_manually: 0,
    skipped: 0,
  }
  const of = ([total, pending, in_progress]: Counts) => ({ ...others, total, pending, in_progress })
  return {
    tasks: of(tasks),
    steps: of(steps),
    errors: { retryable: 0, inBackoff: 0, exhausted: 0 },
    connections: { active: 1, max: 100 },
  }
}
const idle = counts([100, 0, 0], [400, 0, 0])
const slots = (reading: PoolReading, work: HealthCounts | null, given = settings): number =>
  firstGenerationLimit(reading, work, given).slots

test.each([
  ['some open work', counts([10, 2, 3], [40, 8, 12]), 8, 'open_work'],
  ['much', counts([50, 15, 20], [200, 60, 80]), 4, 'open_work'],
  ['most', counts([100, 30, 50], [400, 120, 200]), 4, 'open_work'],
  ['hardly any', idle, 12, null],
])('a pool with room, and %s', (_, work, expected, reason) => {
  expect(firstGenerationLimit(pool(20, 2, 18), work, settings)).toEqual({ slots: expected, reason })
})

test('a small pool that is nearly used up gives the lower bound', () => {
  expect(slots(pool(5, 4, 1), idle)).toBe(3)
  expect(firstGenerationLimit(pool(5, 4, 1), idle, settings).reason).toBe('connections')
})

test('the lower bound holds when the counts cannot be read, the pool is missing or a figure makes no sense', () => {
  expect(slots(pool(20, 2, 18), null)).toBe(3)
  expect(slots(pool(0, 0, 0), idle)).toBe(3)
  expect(slots(pool(20, 2, -5), idle)).toBe(3)
  expect(slots(pool(20, 2, Number.NaN), idle)).toBe(3)
  expect(slots(pool(20, 2, 18), counts([Number.NaN, 0, 0], [1, 0, 0]))).toBe(3)
})

test('a pool of any size gives at most 12, whatever the upper bound is', () => {
  expect(slots(pool(100, 10, 90), idle)).toBe(12)
  expect(slots(pool(100, 10, 90), idle, { ...settings, maxConcurrentStepsLimit: 100 })).toBe(12)
})

test.each([
  ['low', pool(20, 10, 10), 8], // 10 × 0.8
  ['moderate', pool(40, 26, 14), 8], // 14 × 0.6, and 60 % of 14
  ['high', pool(100, 80, 20), 5], // 20 × 0.4, × 0.7
  ['critical', pool(100, 95, 5), 3],
])('%s pressure', (pressure, reading, expected) => {
  expect(poolHealth(reading).pressure).toBe(pressure)
  expect(slots(reading, idle)).toBe(expected)
})

test('a factor of the configuration counts', () => {
  const generous = {
    ...settings,
    connectionPressureFactors: { ...settings.connectionPressureFactors, low: 0.9 },
  }
  expect(slots(pool(8, 0, 8), idle, generous)).toBe(7)
})

test.each([
  [7, 2, { utilisation: 0.286, pressure: 'low', health: 'healthy' }],
  [10, 6, { utilisation: 0.6, pressure: 'moderate', health: 'healthy' }],
  [10, 8, { utilisation: 0.8, pressure: 'high', health: 'degraded' }],
  [10, 9, { utilisation: 0.9, pressure: 'critical', health: 'critical' }],
  [2, 1, { utilisation: 0.5, pressure: 'low', health: 'healthy' }],
  [10, 7, { utilisation: 0.7, pressure: 'moderate', health: 'healthy' }],
  [20, 17, { utilisation: 0.85, pressure: 'high', health: 'degraded' }],
  [0, 0, { utilisation: 0, pressure: 'low', health: 'healthy' }],
])('a pool of %i with %i in use', (size, busy, expected) => {
  expect(poolHealth({ size, busy })).toEqual(expected)
})
