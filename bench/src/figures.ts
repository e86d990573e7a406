// Numbers of runs: quantiles, medians with their spread, ratios, and what a run comes to per step.
import type { Run } from './run-subject.ts'

/** By name in camel case, the unit last; null where a figure says nothing. */
export type Figures = Readonly<Record<string, number | null>>

/** The middle of several runs and how far they lie apart. */
export interface Median {
  readonly median: number
  readonly min: number
  readonly max: number
}

export function figuresOf({ taskCount, steps, report, database }: Run): Figures {
  const seconds = report.tookMs / 1000
  return {
    stepsPerSecond: round(steps / seconds, 0),
    tasksPerSecond: round(taskCount / seconds, 1),
    hopMsP50: quantile(report.hopsMs, 0.5),
    hopMsP95: quantile(report.hopsMs, 0.95),
    hopMsP99: quantile(report.hopsMs, 0.99),
    taskMsP50: quantile(report.taskMs, 0.5),
    taskMsP95: quantile(report.taskMs, 0.95),
    taskMsP99: quantile(report.taskMs, 0.99),
    statementsPerStep: share(database.statements, steps, 4),
    commitsPerStep: share(database.commits, steps, 4),
    walBytesPerStep: share(database.walBytes, steps, 0),
    fullPageBytesPerStep: share(database.fullPageBytes, steps, 0),
    hotRatio: share(database.hotRatio, 1, 3),
    nodeCpuUsPerStep: round((report.cpuMs * 1000) / steps, 1),
    databaseCpuUsPerStep: share(database.cpuMs, steps / 1000, 1),
    coresBusy:
      database.cpuMs === null ? null : round((report.cpuMs + database.cpuMs) / report.tookMs, 2),
    storedBytesPerTask: share(database.storedBytes, taskCount, 0),
    maxMemoryMb: round(report.maxMemoryBytes / 1024 / 1024, 0),
  }
}

/** The smallest of the sample that so large a share of it does not exceed. Null of nothing. */
export function quantile(sample: readonly number[], share: number): number | null {
  const sorted = sample.toSorted((a, b) => a - b)
  const value = sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)]
  return value === undefined ? null : round(value, 3)
}

/** The middle one, or the mean of the two in the middle. Null of nothing. */
export function medianOf(sample: readonly number[]): Median | null {
  const sorted = sample.toSorted((a, b) => a - b)
  const [min, max] = [sorted[0], sorted.at(-1)]
  const upper = sorted[Math.floor(sorted.length / 2)]
  const lower = sorted[Math.floor((sorted.length - 1) / 2)]
  if (min === undefined || max === undefined) return null
  return { median: significant(((lower ?? min) + (upper ?? max)) / 2), min, max }
}

/** Of each figure, over the runs that have it; null when none has. */
export function mediansOf(runs: readonly Figures[]): Readonly<Record<string, Median | null>> {
  const names = [...new Set(runs.flatMap((figures) => Object.keys(figures)))]
  return Object.fromEntries(
    names.map((name) => [name, medianOf(runs.flatMap((figures) => figures[name] ?? []))]),
  )
}

/** Null of what was not measured. */
const share = (value: number | null, by: number, digits: number): number | null =>
  value === null ? null : round(value / by, digits)

export const round = (value: number, digits: number): number => Number(value.toFixed(digits))

/** Four digits say more than any of these measurements knows; whole numbers keep theirs. */
export const significant = (value: number): number =>
  Math.abs(value) >= 1000 ? Math.round(value) : Number(value.toPrecision(4))
