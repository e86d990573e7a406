// How many steps the first generation ran at once: its formula, number for number, from the connection pool and the share
// of work that is open. Kept for who wants it back (`execution.concurrencyPolicy`) and to be measured against ours. Pure.
import type { Config } from '../config.ts'
import type { HealthCounts } from '../database/read-statistics.ts'
import type { Limit } from './concurrency.ts'

export interface PoolReading {
  readonly size: number
  readonly busy: number
  readonly available: number
}

export type PoolPressure = 'low' | 'moderate' | 'high' | 'critical'

export interface PoolHealth {
  /** Three digits. */
  readonly utilisation: number
  readonly pressure: PoolPressure
  readonly health: 'healthy' | 'degraded' | 'critical'
}

type Settings = Pick<
  Config['execution'],
  'minConcurrentSteps' | 'maxConcurrentStepsLimit' | 'connectionPressureFactors'
>

/** Never more by the pool alone, whatever the upper bound is. */
const poolCap = 12
/** Nor less, before the bounds are applied. */
const poolFloor = 3
const safeShare = 0.6

/** `counts` is null when they could not be read: then nothing is known, and the lower bound holds. */
export function firstGenerationLimit(
  pool: PoolReading,
  counts: HealthCounts | null,
  settings: Settings,
): Limit {
  const { minConcurrentSteps: min, maxConcurrentStepsLimit: max } = settings
  const byPool = orElse(slotsByPool(pool, settings), poolFloor)
  const byWork = orElse(counts === null ? Number.NaN : slotsByWork(counts, settings), min)
  const slots = clamp(Math.min(byPool, byWork), min, max)
  const reason = byPool <= byWork ? 'connections' : 'open_work'
  return { slots, reason: slots === max ? null : reason }
}

export function poolHealth({ busy, size }: Pick<PoolReading, 'busy' | 'size'>): PoolHealth {
  const utilisation = size === 0 ? 0 : Math.round((busy / size) * 1_000) / 1_000
  if (utilisation <= 0.5) return { utilisation, pressure: 'low', health: 'healthy' }
  if (utilisation <= 0.7) return { utilisation, pressure: 'moderate', health: 'healthy' }
  if (utilisation <= 0.85) return { utilisation, pressure: 'high', health: 'degraded' }
  return { utilisation, pressure: 'critical', health: 'critical' }
}

function slotsByPool(pool: PoolReading, settings: Settings): number {
  const { pressure } = poolHealth(pool)
  const counted = pool.available * settings.connectionPressureFactors[pressure]
  const recommended = Math.max(poolFloor, Math.floor(Math.min(counted, poolCap)))
  const safe = Math.floor(pool.available * safeShare)
  const { minConcurrentSteps: min, maxConcurrentStepsLimit: max } = settings
  switch (pressure) {
    case 'low':
      return clamp(recommended, min, max)
    case 'moderate':
      return clamp(Math.min(recommended, safe), min, max)
    case 'high':
      return clamp(Math.floor(Math.min(recommended * 0.7, safe)), min, max)
    case 'critical':
      return clamp(Math.min(poolFloor, safe), min, max)
    default:
      return pressure satisfies never
  }
}

// By the share of tasks and steps that are open, among all there are: it falls as the database ages.
function slotsByWork({ tasks, steps }: HealthCounts, settings: Settings): number {
  const { minConcurrentSteps: min, maxConcurrentStepsLimit: max } = settings
  const openTasks = Math.max(tasks.in_progress + tasks.pending, 1) / Math.max(tasks.total, 1)
  const openSteps = Math.max(steps.in_progress + steps.pending, 1) / Math.max(steps.total, 1)
  const load = 0.3 * openTasks + 0.7 * openSteps
  if (Number.isNaN(load)) return load
  if (load <= 0.3) return max
  if (load <= 0.6) return Math.round((max - min) * 0.6 + min)
  return min + 1
}

/** Readings that make no sense end in no number. */
const orElse = (slots: number, fallback: number): number => (Number.isNaN(slots) ? fallback : slots)

const clamp = (slots: number, min: number, max: number): number =>
  Math.min(max, Math.max(min, slots))
