// Numbers of runs: quantiles, medians, and what a run comes to per step.
import type { SubjectRun } from './run-subject.ts'

export interface Figures {
  readonly stepsPerSecond: number
  readonly tasksPerSecond: number
  readonly hopMsP50: number | null
  readonly hopMsP95: number | null
  readonly hopMsP99: number | null
  readonly taskMsP50: number | null
  readonly taskMsP99: number | null
  readonly statementsPerStep: number
  readonly commitsPerStep: number
  readonly walBytesPerStep: number
  readonly fullPageBytesPerStep: number
  readonly hotRatio: number
  readonly nodeCpuUsPerStep: number
  readonly databaseCpuUsPerStep: number | null
  readonly storedBytesPerTask: number
  readonly maxMemoryMb: number
}

export function figuresOf({ work, steps, report, database }: SubjectRun): Figures {
  const { taskCount } = work
  const seconds = report.tookMs / 1000
  return {
    stepsPerSecond: round(steps / seconds, 0),
    tasksPerSecond: round(taskCount / seconds, 0),
    hopMsP50: quantile(report.hopsMs, 0.5),
    hopMsP95: quantile(report.hopsMs, 0.95),
    hopMsP99: quantile(report.hopsMs, 0.99),
    taskMsP50: quantile(report.taskMs, 0.5),
    taskMsP99: quantile(report.taskMs, 0.99),
    statementsPerStep: round(database.statements / steps, 4),
    commitsPerStep: round(database.commits / steps, 4),
    walBytesPerStep: round(database.walBytes / steps, 0),
    fullPageBytesPerStep: round(database.fullPageBytes / steps, 0),
    hotRatio: round(database.hotRatio, 3),
    nodeCpuUsPerStep: round((report.cpuMs * 1000) / steps, 1),
    databaseCpuUsPerStep:
      database.cpuMs === null ? null : round((database.cpuMs * 1000) / steps, 1),
    storedBytesPerTask: round(database.storedBytes / taskCount, 0),
    maxMemoryMb: round(report.maxMemoryBytes / 1024 / 1024, 0),
  }
}

/** Null of nothing. */
export function quantile(sample: readonly number[], share: number): number | null {
  const sorted = sample.toSorted((a, b) => a - b)
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]
  return value === undefined ? null : round(value, 3)
}


export const round = (value: number, digits: number): number => Number(value.toFixed(digits))
