// What of a task can run at the same time, level by level. Pure.
import { countOf, isBlocked, isDone, isFailed, percentage } from './step-facts.ts'
import { placesWhere, stepAt, type TaskGraph } from './task-graph.ts'

export interface LevelParallelism {
  readonly level: number
  readonly totalSteps: number
  readonly readySteps: number
  readonly blockedSteps: number
  readonly errorSteps: number
  readonly completedSteps: number
  readonly stepNames: readonly string[]
  /** More than one ready: High; one: Medium; none: Low. */
  readonly parallelismPotential: 'High' | 'Medium' | 'Low'
  /** High: more than half of its steps are blocked. */
  readonly bottleneckRisk: 'High' | 'Low'
}

export interface ParallelismOpportunities {
  readonly totalSteps: number
  readonly totalLevels: number
  /** Steps of the widest level. */
  readonly maxParallelSteps: number
  /** Steps that may run now. */
  readonly currentParallelOpportunities: number
  /** Steps that wait for their parents. */
  readonly blockedParallelOpportunities: number
  /** Percent of the steps that are done. */
  readonly overallCompletion: number
  readonly levels: readonly LevelParallelism[]
  /** Percent of the levels on which more than one step is ready. */
  readonly parallelismEfficiency: number
}

export function parallelismOpportunities(graph: TaskGraph): ParallelismOpportunities {
  const { steps } = graph
  const levels = levelsOf(graph).map((places, level) => describeLevel(graph, places, level))
  return {
    totalSteps: steps.length,
    totalLevels: levels.length,
    maxParallelSteps: levels.reduce((max, { totalSteps }) => Math.max(max, totalSteps), 0),
    currentParallelOpportunities: countOf(steps, (step) => step.isReady),
    blockedParallelOpportunities: countOf(steps, isBlocked),
    overallCompletion: percentage(countOf(steps, isDone), steps.length),
    levels,
    parallelismEfficiency: percentage(
      countOf(levels, ({ readySteps }) => readySteps > 1),
      levels.length,
    ),
  }
}

function levelsOf(graph: TaskGraph): readonly (readonly number[])[] {
  const levels: number[][] = []
  for (const place of placesWhere(graph, () => true)) {
    const level = graph.levels[place] ?? 0
    while (levels.length <= level) levels.push([])
    levels[level]?.push(place)
  }
  return levels
}

function describeLevel(
  graph: TaskGraph,
  places: readonly number[],
  level: number,
): LevelParallelism {
  const steps = places.map((place) => stepAt(graph, place))
  const readySteps = countOf(steps, (step) => step.isReady)
  const blockedSteps = countOf(steps, isBlocked)
  return {
    level,
    totalSteps: steps.length,
    readySteps,
    blockedSteps,
    errorSteps: countOf(steps, isFailed),
    completedSteps: countOf(steps, isDone),
    stepNames: steps.map((step) => step.name),
    parallelismPotential: readySteps > 1 ? 'High' : readySteps === 1 ? 'Medium' : 'Low',
    bottleneckRisk: blockedSteps > Math.floor(steps.length / 2) ? 'High' : 'Low',
  }
}
