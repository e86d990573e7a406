// How long the tasks of a window and their steps took, and what that is known from: all of its ended tasks while they are few,
// else a sample of them. The one place that says how much a report reads.
import type { Database } from '../../database/connect.ts'
import { readDistributions, type Distributions } from '../../database/read-distributions.ts'
import type { StatisticsScope } from '../../database/read-statistics.ts'
import { sampleEndedTasks } from '../../database/sample-ended.ts'
import type { TaskId } from '../../ids.ts'

/** How much a report reads at most. */
export interface ReadLimits {
  /** Ended tasks for percentiles, and of them so many steps. */
  readonly tasksMax: number
  readonly stepsMax: number
  /** Tasks whose history is read for errors. */
  readonly historiesMax: number
}

export const usualLimits: ReadLimits = { tasksMax: 2_000, stepsMax: 20_000, historiesMax: 1_000 }

export interface PerformanceDistribution extends Distributions {
  /** Ended tasks that were created in the window. */
  readonly tasksInWindow: number
  /** Those of them that were read. */
  readonly tasksRead: number
  /** False: percentiles and buckets are those of a sample, spread over the window in proportion. */
  readonly isExact: boolean
}

export type Window = StatisticsScope & { readonly since: Date }

export interface WindowReading {
  readonly distribution: PerformanceDistribution
  readonly taskIds: readonly TaskId[]
}

export async function readWindow(
  database: Database,
  window: Window,
  { tasksMax, stepsMax }: ReadLimits = usualLimits,
): Promise<WindowReading> {
  const { taskIds, tasksInWindow } = await sampleEndedTasks(database, window, tasksMax)
  const distributions = await readDistributions(database, taskIds, stepsMax)
  const isExact = tasksInWindow <= tasksMax && distributions.steps.count < stepsMax
  return {
    taskIds,
    distribution: { ...distributions, tasksInWindow, tasksRead: taskIds.length, isExact },
  }
}
