// The graph of one task as the analysis walks it, and the same as it is shown. Built on the graph of a definition, so
// that levels, ends and order mean the same everywhere. Pure.
import type { TaskGraphStep } from '../../database/read-task-graph.ts'
import { analyseGraph } from '../../definitions/graph.ts'

/** Steps by position: parents stand before children, so a walk to either side is one loop. */
export interface TaskGraph {
  readonly steps: readonly TaskGraphStep[]
  /** Positions of the parents of each step, in the order of declaration. */
  readonly parents: readonly (readonly number[])[]
  readonly children: readonly (readonly number[])[]
  /** The longest way from a root. */
  readonly levels: readonly number[]
}

/** Steps are named by their number in the task. */
export interface TaskDependencyGraph {
  /** In the order of declaration. `level` is the longest way from a root. */
  readonly nodes: readonly { readonly id: number; readonly name: string; readonly level: number }[]
  readonly edges: readonly {
    readonly from: number
    readonly to: number
    readonly fromName: string
    readonly toName: string
  }[]
  /** Children by step. */
  readonly adjacencyList: Readonly<Record<number, readonly number[]>>
  /** Parents by step. */
  readonly reverseAdjacencyList: Readonly<Record<number, readonly number[]>>
  readonly dependencyLevels: Readonly<Record<number, number>>
}

export function taskGraph(steps: readonly TaskGraphStep[]): TaskGraph {
  const nameOf = new Map(steps.map((step) => [step.stepNo, step.name]))
  const { topology, levels } = analyseGraph(
    steps.map(({ name, parents }) => ({
      name,
      dependsOn: parents.map((stepNo) => nameOf.get(stepNo) ?? ''), // stored graphs name their own steps
    })),
  )
  const byName = new Map(steps.map((step) => [step.name, step]))
  const ordered = topology.flatMap((name) => byName.get(name) ?? [])
  const placeOf = new Map(ordered.map((step, place) => [step.stepNo, place]))
  const placesOf = (stepNos: readonly number[]): number[] =>
    stepNos.flatMap((stepNo) => placeOf.get(stepNo) ?? [])
  const children = ordered.map((): number[] => [])
  // In the order of declaration, so that each list of children is in that order too.
  for (const step of steps) {
    const [place = 0] = placesOf([step.stepNo])
    for (const parent of placesOf(step.parents)) children[parent]?.push(place)
  }
  return {
    steps: ordered,
    parents: ordered.map((step) => placesOf(step.parents)),
    children,
    levels: ordered.map((step) => levels.get(step.name) ?? 0),
  }
}

export function showGraph(graph: TaskGraph): TaskDependencyGraph {
  const declared = graph.steps
    .map((step, place) => ({ step, place }))
    .toSorted((a, b) => a.step.stepNo - b.step.stepNo)
  const numbers = (places: readonly number[]): readonly number[] =>
    places.map((place) => stepAt(graph, place).stepNo)
  const record = <Value>(value: (place: number) => Value): Readonly<Record<number, Value>> =>
    Object.fromEntries(declared.map(({ step, place }) => [step.stepNo, value(place)]))
  return {
    nodes: declared.map(({ step, place }) => ({
      id: step.stepNo,
      name: step.name,
      level: graph.levels[place] ?? 0,
    })),
    edges: declared.flatMap(({ step, place }) =>
      (graph.parents[place] ?? []).map((parent) => ({
        from: stepAt(graph, parent).stepNo,
        to: step.stepNo,
        fromName: stepAt(graph, parent).name,
        toName: step.name,
      })),
    ),
    adjacencyList: record((place) => numbers(graph.children[place] ?? [])),
    reverseAdjacencyList: record((place) => numbers(graph.parents[place] ?? [])),
    dependencyLevels: record((place) => graph.levels[place] ?? 0),
  }
}

/** Places of the steps for which `is` holds, in the order of declaration. */
export function placesWhere(graph: TaskGraph, is: (place: number) => boolean): readonly number[] {
  return graph.steps
    .map((_, place) => place)
    .filter((place) => is(place))
    .toSorted((a, b) => stepAt(graph, a).stepNo - stepAt(graph, b).stepNo)
}

export const rootsOf = (graph: TaskGraph): readonly number[] =>
  placesWhere(graph, (place) => graph.parents[place]?.length === 0)

export const leavesOf = (graph: TaskGraph): readonly number[] =>
  placesWhere(graph, (place) => graph.children[place]?.length === 0)

/** The step at a place that the graph itself gave out. */
export function stepAt(graph: TaskGraph, place: number): TaskGraphStep {
  const step = graph.steps[place]
  if (step === undefined) throw new RangeError(`The graph has no place ${place}.`)
  return step
}
