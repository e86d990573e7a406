// The part of dagre that is used here, typed: its own declarations import files without extensions, which Node's way of
// resolving modules does not find.
import * as dagre from '@dagrejs/dagre'

/** An acyclic graph to be laid out. Boxes are placed by their middles. */
export interface DagreGraph {
  setGraph(settings: {
    readonly rankdir: 'TB'
    readonly nodesep: number
    readonly ranksep: number
    readonly edgesep: number
  }): void
  setNode(id: string, size: { readonly width: number; readonly height: number }): void
  setEdge(from: string, to: string, label: object): void
  /** Set by the layout, as all that follows. */
  graph(): { readonly width: number; readonly height: number }
  node(id: string): Spot
  /** Where it leaves its first box, bends, and enters its second one. */
  edge(from: string, to: string): { readonly points: readonly Spot[] }
}

interface Spot {
  readonly x: number
  readonly y: number
}

interface Dagre {
  readonly Graph: new () => DagreGraph
  readonly layout: (graph: DagreGraph) => unknown
}

// True of @dagrejs/dagre 3: the tests of the pictures would fail otherwise.
const typed = dagre as unknown as Dagre

export const newGraph = (): DagreGraph => new typed.Graph()

/** Its time grows much faster than the graph. */
export function layOutWithDagre(graph: DagreGraph): void {
  typed.layout(graph)
}
