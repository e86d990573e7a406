// The analysis of one task: graph, paths, parallelism, errors, bottlenecks and their summary. Computed anew from one
// read each time it is asked for, so it is never stale and nothing is cached.
import type { Database } from '../../database/connect.ts'
import { readTaskGraph, type TaskGraphReading } from '../../database/read-task-graph.ts'
import type { TaskId } from '../../ids.ts'
import { taskNotFound } from '../task-view.ts'
import { findBottlenecks, type Bottlenecks } from './bottlenecks.ts'
import { criticalPaths, type CriticalPaths } from './critical-paths.ts'
import { countDownstream } from './downstream.ts'
import { errorChains, type ErrorChains } from './error-chains.ts'
import { parallelismOpportunities, type ParallelismOpportunities } from './parallelism.ts'
import type { Weights } from './step-facts.ts'
import { summarize, type TaskExecutionSummary } from './summary.ts'
import { showGraph, taskGraph, type TaskDependencyGraph } from './task-graph.ts'

export interface TaskAnalysis {
  readonly taskId: TaskId
  /** The moment that everything below describes, by the clock of the database. */
  readonly generatedAt: Date
  readonly dependencyGraph: TaskDependencyGraph
  readonly criticalPaths: CriticalPaths
  readonly parallelismOpportunities: ParallelismOpportunities
  readonly errorChains: ErrorChains
  readonly bottlenecks: Bottlenecks
  readonly taskExecutionSummary: TaskExecutionSummary
}

/** @throws {TaskerError} TASK_NOT_FOUND */
export async function analyseTask(
  database: Database,
  taskId: TaskId,
  { at, weights }: { readonly at: Date | null; readonly weights: Weights },
): Promise<TaskAnalysis> {
  const reading = await readTaskGraph(database, taskId, at)
  if (reading === null) throw taskNotFound(taskId, database.schema)
  return { taskId, generatedAt: reading.at, ...analyseReading(reading, weights) }
}

/** The same without a database. */
export function analyseReading(
  { at, health, steps }: TaskGraphReading,
  weights: Weights,
): Omit<TaskAnalysis, 'taskId' | 'generatedAt'> {
  const graph = taskGraph(steps)
  const downstream = countDownstream(graph)
  const paths = criticalPaths(graph, { health, weights })
  const parallelism = parallelismOpportunities(graph)
  const errors = errorChains(graph, { downstream, health, weights })
  const bottlenecks = findBottlenecks(graph, { at, downstream, health, weights })
  return {
    dependencyGraph: showGraph(graph),
    criticalPaths: paths,
    parallelismOpportunities: parallelism,
    errorChains: errors,
    bottlenecks,
    taskExecutionSummary: summarize({ graph, paths, parallelism, errors, bottlenecks }),
  }
}
