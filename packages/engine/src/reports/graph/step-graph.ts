// The graph of a definition or of a task as it is shown: levels, states, durations, and the path that took longest. Pure;
// built on the graph of the definition, so that order and levels mean the same everywhere.
import { analyseGraph, type GraphStep } from '../../definitions/graph.ts'
import { show } from '../../definitions/names.ts'
import { TaskerError } from '../../errors.ts'
import type { TaskId } from '../../ids.ts'
import type { StepState, TaskState } from '../../states.ts'
import { longestPath, type CriticalPath } from './longest-path.ts'

/**
 * Where durations come from. `measured`: the history of the task, of a definition the mean of its newest complete tasks.
 * `recorded`: what the steps of a trace say they took (`runtime_seconds`). `none`: there are none.
 */
export const durationSources = ['measured', 'recorded', 'none'] as const
export type DurationSource = (typeof durationSources)[number]

/** What a JavaScript caller passes may be anything. @throws {TaskerError} REQUEST_INVALID */
export function requireDurationSource(given: DurationSource): void {
  if (durationSources.includes(given)) return
  const known = durationSources.join(', ')
  throw new TaskerError(
    'REQUEST_INVALID',
    `Durations are one of ${known}; received ${show(given)}.`,
  )
}

export interface StepNode {
  readonly name: string
  /** The longest way from a root; 0 for a root. */
  readonly level: number
  /** Steps that it waits for, each once. */
  readonly parents: readonly string[]
  /** Null in the graph of a definition. */
  readonly state: StepState | null
  /** Attempts so far; null in the graph of a definition. */
  readonly attempts: number | null
  /** Attempts in all, the first run included. */
  readonly retryLimit: number
  /** Milliseconds; recorded ones to the microsecond. Null: not known, or it has not run. */
  readonly durationMs: number | null
  readonly isOnCriticalPath: boolean
}

export interface StepEdge {
  readonly from: string
  readonly to: string
  readonly isOnCriticalPath: boolean
}

export interface StepGraph {
  readonly namespace: string
  readonly name: string
  readonly version: string
  /** Null: the graph of a definition. */
  readonly taskId: TaskId | null
  readonly state: TaskState | null
  readonly durations: DurationSource
  /** In the order of declaration. */
  readonly nodes: readonly StepNode[]
  /** By the step that waits, in the order of declaration. */
  readonly edges: readonly StepEdge[]
  /** Names by level, in the order of declaration. */
  readonly levels: readonly (readonly string[])[]
  /**
   * The way through the graph whose durations add up to most: no number of workers would have made it faster. Steps
   * without a duration count nothing. Null when no step has one.
   */
  readonly criticalPath: CriticalPath | null
}

/** What the graph is made of. */
export interface GraphSource extends Pick<
  StepGraph,
  'namespace' | 'name' | 'version' | 'taskId' | 'state' | 'durations'
> {
  /** In the order of declaration. */
  readonly steps: readonly (GraphStep & Pick<StepNode, 'state' | 'attempts' | 'retryLimit'>)[]
  /** By step name, in milliseconds. */
  readonly durationsMs: ReadonlyMap<string, number>
}

export function buildStepGraph({ steps, durationsMs, ...head }: GraphSource): StepGraph {
  const { nodes, edges, topology, levels } = analyseGraph(steps)
  const parentsOf = new Map(nodes.map((node) => [node.name, node.dependencies]))
  const criticalPath = longestPath(topology, parentsOf, durationsMs)
  // Each step of the path with the one before it; null before the first.
  const previous = new Map(
    criticalPath?.steps.map((name, at) => [name, criticalPath.steps[at - 1] ?? null]),
  )
  const byLevel: string[][] = []
  for (const { name } of steps) (byLevel[levels.get(name) ?? 0] ??= []).push(name)
  return {
    ...head,
    nodes: steps.map(({ name, state, attempts, retryLimit }) => ({
      name,
      level: levels.get(name) ?? 0,
      parents: parentsOf.get(name) ?? [],
      state,
      attempts,
      retryLimit,
      durationMs: durationsMs.get(name) ?? null,
      isOnCriticalPath: previous.has(name),
    })),
    edges: edges.map(({ from, to }) => ({
      from,
      to,
      isOnCriticalPath: previous.get(to) === from,
    })),
    levels: byLevel,
    criticalPath,
  }
}
