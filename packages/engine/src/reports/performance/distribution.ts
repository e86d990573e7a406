// How long the tasks of a window and their steps took, and what that is known from: all of its ended tasks while they are few,
// else a sample of them. The one place that says how much a report reads.
import type { Database } from '../../database/connect.ts'
import { readDistributions, type Distributions } from '../../database/read-distributions.ts'
import type { StatisticsScope } from '../../database/read-statistics.ts'
import { sampleEndedTasks } from '../../database/sample-ended.ts'
import type { TaskId } from '../../ids.ts'

/** Ended tasks that a report reads at most, and of them so many steps. */
export const tasksReadMax = 2_000
export const stepsReadMax = 20_000

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

export async function readWindow(database: Database, window: Window): Promise<WindowReading> {
  const { taskIds, tasksInWindow } = await sampleEndedTasks(database, window, tasksReadMax)
  const distributions = await readDistributions(database, taskIds, stepsReadMax)
  const isExact = tasksInWindow <= tasksReadMax && distributions.steps.count < stepsReadMax
  return {
    taskIds,
    distribution: { ...distributions, tasksInWindow, tasksRead: taskIds.length, isExact },
  }
}
