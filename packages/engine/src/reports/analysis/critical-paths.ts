// The ways from a root to a leaf: how many there are, and the few that matter most. Nothing enumerates them: a graph of
// 40 steps can have a million. Pure.
import type { HealthStatus } from '../../states.ts'
import {
  countOf,
  isBlocked,
  isDone,
  isExhausted,
  isFailed,
  isInBackoff,
  percentage,
  stepSeconds,
  type Weights,
} from './step-facts.ts'
import { leavesOf, rootsOf, stepAt, type TaskGraph } from './task-graph.ts'
import type { TaskGraphStep } from '../../database/read-task-graph.ts'

export interface PathBottleneck {
  readonly stepId: number
  readonly stepName: string
  readonly reason:
    'Dependencies not satisfied' | 'Exhausted retries' | 'In backoff period' | 'In error state'
  /** 10 when in error, 5 for each attempt, 20 when no attempt is left, 5 when a parent is not done. */
  readonly severity: number
  readonly impact: string
}

export interface CriticalPath {
  /** Numbers of its steps, from a root to a leaf. */
  readonly path: readonly number[]
  readonly length: number
  readonly stepNames: readonly string[]
  readonly completedSteps: number
  readonly blockedSteps: number
  readonly errorSteps: number
  /** Steps in error that have been tried. */
  readonly retrySteps: number
  readonly readySteps: number
  /** Seconds, from the durations in `dependencyGraph.durationEstimates`. */
  readonly estimatedDuration: number
  /** The ten worst of its blocked and failed steps. */
  readonly bottlenecks: readonly PathBottleneck[]
  readonly criticalityScore: number
  readonly completionPercentage: number
}

export interface CriticalPaths {
  /** At most 9007199254740991, which then means that many or more. */
  readonly totalPaths: number
  /** Steps of the longest path. */
  readonly longestPathLength: number
  /** The five with the highest score; among equals the longer, then the one declared first. */
  readonly paths: readonly CriticalPath[]
  readonly rootNodes: readonly number[]
  readonly leafNodes: readonly number[]
}

const pathsShown = 5
const bottlenecksShown = 10

export interface PathSettings {
  readonly health: HealthStatus
  readonly weights: Weights
}

export function criticalPaths(graph: TaskGraph, settings: PathSettings): CriticalPaths {
  const completion = countOf(graph.steps, isDone) / graph.steps.length
  return {
    totalPaths: countPaths(graph),
    longestPathLength: graph.levels.reduce((max, level) => Math.max(max, level + 1), 0),
    paths: bestPaths(graph, settings).map(({ places, score60 }) =>
      describePath(graph, places, {
        // Every path has this factor, so it changes no order.
        score: Math.max(0, (score60 / 60) * (1 - 0.3 * completion)),
        weights: settings.weights,
      }),
    ),
    rootNodes: rootsOf(graph).map((place) => stepAt(graph, place).stepNo),
    leafNodes: leavesOf(graph).map((place) => stepAt(graph, place).stepNo),
  }
}

/** Sums over the graph, no further than numbers are exact. */
function countPaths(graph: TaskGraph): number {
  const waysTo: number[] = []
  let total = 0
  graph.steps.forEach((_, place) => {
    const parents = graph.parents[place] ?? []
    const ways = parents.reduce((sum, parent) => addCapped(sum, waysTo[parent] ?? 0), 0)
    waysTo.push(parents.length === 0 ? 1 : ways)
    if (graph.children[place]?.length === 0) total = addCapped(total, waysTo[place] ?? 0)
  })
  return total
}

const addCapped = (a: number, b: number): number => Math.min(a + b, Number.MAX_SAFE_INTEGER)

/** The rest of a path, from one step to a leaf. */
interface Tail {
  readonly score60: number
  readonly length: number
  /** The place where it goes on, and which of the tails of that place it takes; -1 at a leaf. */
  readonly next: number
  readonly rank: number
}

interface BestPath {
  readonly places: readonly number[]
  readonly score60: number
}

/**
 * The best few from each step to a leaf, from the leaves up. A path's score is the sum of its steps', so the best few of
 * a step are among the best few of its children. Kept as chains, so that memory does not grow with their length.
 */
function bestPaths(graph: TaskGraph, settings: PathSettings): readonly BestPath[] {
  const tails: (readonly Tail[])[] = graph.steps.map(() => [])
  for (let place = graph.steps.length - 1; place >= 0; place -= 1) {
    const own = stepScore60(stepAt(graph, place), settings)
    const children = graph.children[place] ?? []
    const after = bestOf(tails, children)
    tails[place] =
      children.length === 0
        ? [{ score60: own, length: 1, next: -1, rank: 0 }]
        : after.map((tail) => ({
            ...tail,
            score60: tail.score60 + own,
            length: tail.length + 1,
          }))
  }
  return bestOf(tails, rootsOf(graph)).map((tail) => ({
    places: followTail(tails, tail),
    score60: tail.score60,
  }))
}

/** Those with the highest scores among the tails of the given places, each as a way to reach it. */
function bestOf(tails: readonly (readonly Tail[])[], places: readonly number[]): readonly Tail[] {
  const best: Tail[] = []
  for (const next of places) {
    for (const [rank, { score60, length }] of (tails[next] ?? []).entries()) {
      const at = best.findIndex(
        (kept) => score60 > kept.score60 || (score60 === kept.score60 && length > kept.length),
      )
      if (at < 0 && best.length >= pathsShown) break // what follows in this list is no better
      best.splice(at < 0 ? best.length : at, 0, { score60, length, next, rank })
      if (best.length > pathsShown) best.pop()
    }
  }
  return best
}

function followTail(tails: readonly (readonly Tail[])[], start: Tail): readonly number[] {
  const places: number[] = []
  let tail: Tail | undefined = start
  while (tail !== undefined && tail.next >= 0) {
    places.push(tail.next)
    tail = tails[tail.next]?.[tail.rank]
  }
  return places
}

/**
 * What one step adds to the score of each path through it, in sixtieths: every weight is a whole number and health counts
 * 1 or 1.5, so sums are exact and equal scores are equal.
 */
function stepScore60(step: TaskGraphStep, { health, weights }: PathSettings): number {
  const { impactMultipliers: points } = weights
  const health60 = health === 'healthy' ? 60 : 90
  return (
    60 * points.pathLengthWeight -
    (isDone(step) ? 60 * points.completedPenalty : 0) +
    (isBlocked(step) ? health60 * points.blockedPenalty : 0) +
    (isFailed(step) ? health60 * points.errorPenalty : 0) +
    (isFailed(step) && step.attempts > 0 ? 60 * points.retryPenalty : 0) +
    2 * stepSeconds(step, weights) // two points for each minute
  )
}

function describePath(
  graph: TaskGraph,
  places: readonly number[],
  { score, weights }: { readonly score: number; readonly weights: Weights },
): CriticalPath {
  const steps = places.map((place) => stepAt(graph, place))
  const completedSteps = countOf(steps, isDone)
  return {
    path: steps.map((step) => step.stepNo),
    length: steps.length,
    stepNames: steps.map((step) => step.name),
    completedSteps,
    blockedSteps: countOf(steps, isBlocked),
    errorSteps: countOf(steps, isFailed),
    retrySteps: countOf(steps, (step) => isFailed(step) && step.attempts > 0),
    readySteps: countOf(steps, (step) => step.isReady),
    estimatedDuration: steps.reduce((sum, step) => sum + stepSeconds(step, weights), 0),
    bottlenecks: pathBottlenecks(steps),
    criticalityScore: Math.round(score * 100) / 100,
    completionPercentage: percentage(completedSteps, steps.length),
  }
}

function pathBottlenecks(steps: readonly TaskGraphStep[]): readonly PathBottleneck[] {
  return steps
    .map((step, index) => ({ step, behind: steps.length - 1 - index }))
    .filter(({ step }) => isBlocked(step) || isFailed(step))
    .map(({ step, behind }) => ({
      stepId: step.stepNo,
      stepName: step.name,
      reason: reasonOf(step),
      severity:
        (isFailed(step) ? 10 : 0) +
        5 * step.attempts +
        (isExhausted(step) ? 20 : 0) +
        (isBlocked(step) ? 5 : 0),
      impact: `Blocks ${behind} downstream ${behind === 1 ? 'step' : 'steps'}`,
    }))
    .toSorted((a, b) => b.severity - a.severity) // stable: among equals, the earlier on the path
    .slice(0, bottlenecksShown)
}

function reasonOf(step: TaskGraphStep): PathBottleneck['reason'] {
  if (isBlocked(step)) return 'Dependencies not satisfied'
  if (isExhausted(step)) return 'Exhausted retries'
  return isInBackoff(step) ? 'In backoff period' : 'In error state'
}
