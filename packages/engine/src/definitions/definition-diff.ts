// What differs between two versions of a definition, and whether those who rely on the first can rely on the second.
// Handlers are code and are not compared. Pure.
import { contentOf, type DefinitionContent, type StepContent } from './definition-content.ts'
import type { Difference } from './difference.ts'
import { analyseGraph } from './graph.ts'
import type { TaskDefinition } from './model.ts'
import { formatAddress, quote } from './names.ts'
import { stepDifferences, taskDifferences } from './setting-differences.ts'

export interface GraphEdgeName {
  readonly from: string
  readonly to: string
}

export interface GraphDiff {
  readonly stepsAdded: readonly string[]
  readonly stepsRemoved: readonly string[]
  /** All of them, those of added and removed steps too. */
  readonly edgesAdded: readonly GraphEdgeName[]
  readonly edgesRemoved: readonly GraphEdgeName[]
  /** Steps of both versions that stand on another level. */
  readonly levelsChanged: readonly {
    readonly step: string
    readonly from: number
    readonly to: number
  }[]
}

export interface DefinitionDiff {
  /** Addresses, as in `payments/process_order@2.1.0`. */
  readonly from: string
  readonly to: string
  /** No difference is incompatible. */
  readonly isCompatible: boolean
  readonly graph: GraphDiff
  /** Incompatible ones first; then the task's own, then by step. */
  readonly differences: readonly Difference[]
}

/** Compares two definitions of this process; `tasker.reports.definitionDiff` also finds stored ones. */
export function diffDefinitions(from: TaskDefinition, to: TaskDefinition): DefinitionDiff {
  return diffContents(contentOf(from), contentOf(to))
}

export function diffContents(from: DefinitionContent, to: DefinitionContent): DefinitionDiff {
  const graph = diffGraphs(from.steps, to.steps)
  const before = new Map(from.steps.map((step) => [step.name, step]))
  const differences = [
    ...taskDifferences(from, to),
    ...graphDifferences(graph),
    ...to.steps.flatMap((step) => {
      const old = before.get(step.name)
      return old === undefined ? [] : stepDifferences(old, step)
    }),
  ].toSorted((a, b) => Number(a.isCompatible) - Number(b.isCompatible))
  return {
    from: formatAddress(from),
    to: formatAddress(to),
    isCompatible: differences.every(({ isCompatible }) => isCompatible),
    graph,
    differences,
  }
}

function diffGraphs(from: readonly StepContent[], to: readonly StepContent[]): GraphDiff {
  const [before, after] = [analyseGraph(from), analyseGraph(to)]
  const [edgesBefore, edgesAfter] = [before.edges.map(edgeName), after.edges.map(edgeName)]
  return {
    stepsAdded: missingFrom(before.levels, to),
    stepsRemoved: missingFrom(after.levels, from),
    edgesAdded: edgesMissingFrom(edgesBefore, edgesAfter),
    edgesRemoved: edgesMissingFrom(edgesAfter, edgesBefore),
    levelsChanged: [...after.levels].flatMap(([step, level]) => {
      const old = before.levels.get(step)
      return old === undefined || old === level ? [] : [{ step, from: old, to: level }]
    }),
  }
}

const edgeName = ({ from, to }: GraphEdgeName): GraphEdgeName => ({ from, to })

const missingFrom = (
  known: ReadonlyMap<string, unknown>,
  steps: readonly StepContent[],
): readonly string[] => steps.flatMap(({ name }) => (known.has(name) ? [] : [name]))

function edgesMissingFrom(
  known: readonly GraphEdgeName[],
  edges: readonly GraphEdgeName[],
): readonly GraphEdgeName[] {
  const key = ({ from, to }: GraphEdgeName): string => JSON.stringify([from, to])
  const keys = new Set(known.map(key))
  return edges.filter((edge) => !keys.has(key(edge)))
}

/** An edge of a step that came or went at its child's end goes without saying. */
function graphDifferences(graph: GraphDiff): readonly Difference[] {
  const [added, removed] = [new Set(graph.stepsAdded), new Set(graph.stepsRemoved)]
  return [
    ...graph.stepsRemoved.map((step) =>
      difference('step_removed', step, null, {
        isCompatible: false,
        why: 'Whoever reads its result, or acts on it by name, finds nothing.',
      }),
    ),
    ...graph.stepsAdded.map((step) =>
      difference('step_added', step, null, {
        isCompatible: true,
        why: 'It runs beside what ran before.',
      }),
    ),
    ...graph.edgesRemoved
      .filter(({ to }) => !removed.has(to))
      .map(({ from, to }) =>
        difference('edge_removed', to, from, {
          isCompatible: false,
          why: `It no longer waits for ${quote(from)} and is not given its result.`,
        }),
      ),
    ...graph.edgesAdded
      .filter(({ to }) => !added.has(to))
      .map(({ from, to }) =>
        difference('edge_added', to, from, {
          isCompatible: true,
          why: `It also waits for ${quote(from)} and is given its result.`,
        }),
      ),
  ]
}

function difference(
  kind: Difference['kind'],
  step: string,
  parent: string | null,
  verdict: Pick<Difference, 'isCompatible' | 'why'>,
): Difference {
  const isNew = kind === 'step_added' || kind === 'edge_added'
  const what = parent ?? step
  return { kind, step, what, from: isNew ? null : what, to: isNew ? what : null, ...verdict }
}
