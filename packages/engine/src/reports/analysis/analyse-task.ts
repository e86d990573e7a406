// The analysis of one task: graph, paths, schedule, parallelism, errors, bottlenecks and their summary, from one read. When it
// is made anew is task-analyses.ts.
import type { Database } from '../../database/connect.ts'
import { readUsualDurations } from '../../database/read-durations.ts'
import {
  readTaskGraph,
  type TaskAddress,
  type TaskGraphReading,
} from '../../database/read-task-graph.ts'
import type { TaskId } from '../../ids.ts'
import { taskNotFound } from '../task-view.ts'
import { findBottlenecks, type Bottlenecks } from './bottlenecks.ts'
import { criticalPaths, type CriticalPaths } from './critical-paths.ts'
import { countDownstream } from './downstream.ts'
import { errorChains, type ErrorChains } from './error-chains.ts'
import { parallelismOpportunities, type ParallelismOpportunities } from './parallelism.ts'
import type { Weights } from './step-facts.ts'
import { summarize, type TaskExecutionSummary } from './summary.ts'
import { taskSchedule, type TaskSchedule, type UsualDurations } from './timing.ts'
import { showGraph, taskGraph, type TaskDependencyGraph } from './task-graph.ts'

export interface TaskAnalysis extends TaskAddress {
  readonly taskId: TaskId
  /** The moment that everything below describes, by the clock of the database. */
  readonly generatedAt: Date
  readonly dependencyGraph: TaskDependencyGraph
  readonly criticalPaths: CriticalPaths
  readonly schedule: TaskSchedule
  readonly parallelismOpportunities: ParallelismOpportunities
  readonly errorChains: ErrorChains
  readonly bottlenecks: Bottlenecks
  readonly taskExecutionSummary: TaskExecutionSummary
}

/** Attempts read for what is usual. */
const usualRunsMax = 20_000

/** @throws {TaskerError} TASK_NOT_FOUND */
export async function analyseTask(
  database: Database,
  taskId: TaskId,
  { at, weights }: { readonly at: Date | null; readonly weights: Weights },
): Promise<TaskAnalysis> {
  const reading = await readTaskGraph(database, taskId, at)
  if (reading === null) throw taskNotFound(taskId, database.schema)
  const { address, steps } = reading
  const usual = await readUsualDurations(database, taskId, {
    stepCount: steps.length,
    runsMax: usualRunsMax,
  })
  return {
    taskId,
    ...address,
    generatedAt: reading.at,
    ...analyseReading(reading, weights, usual),
  }
}

/** The same without a database. */
export function analyseReading(
  { at, health, steps }: Pick<TaskGraphReading, 'at' | 'health' | 'steps'>,
  weights: Weights,
  usual: UsualDurations = new Map(),
): Omit<TaskAnalysis, 'taskId' | 'generatedAt' | keyof TaskAddress> {
  const graph = taskGraph(steps)
  const downstream = countDownstream(graph)
  const paths = criticalPaths(graph, { health, weights })
  const schedule = taskSchedule(graph, { usual, weights })
  const parallelism = parallelismOpportunities(graph)
  const errors = errorChains(graph, { downstream, health, weights })
  const bottlenecks = findBottlenecks(graph, { at, downstream, health, weights })
  return {
    dependencyGraph: showGraph(graph),
    criticalPaths: paths,
    schedule,
    parallelismOpportunities: parallelism,
    errorChains: errors,
    bottlenecks,
    taskExecutionSummary: summarize({ graph, paths, schedule, parallelism, errors, bottlenecks }),
  }
}
