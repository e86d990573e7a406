// Where the boxes of a graph stand and how its edges run, all boxes being of one size. Small graphs are laid out by dagre,
// which keeps long edges away from boxes; its time grows much faster than the graph, so big ones stand in plain rows by
// level, each step near the middle of its parents. Pure and deterministic.
import { layOutWithDagre, newGraph } from './dagre.ts'
import type { Direction } from './labels.ts'
import type { StepEdge, StepGraph } from './step-graph.ts'

export interface Size {
  readonly width: number
  readonly height: number
}

/** A corner or a waypoint, in pixels from the upper left corner of the picture. */
export interface Point {
  readonly x: number
  readonly y: number
}

export interface Layout extends Size {
  /** Upper left corners of the boxes, by step name. */
  readonly corners: ReadonlyMap<string, Point>
  readonly routes: readonly {
    readonly edge: StepEdge
    /** From box to box; between two waypoints of a pair the edge runs straight, from pair to pair it bends. */
    readonly waypoints: readonly Point[]
  }[]
}

/** Steps times edges. As much as this takes dagre two seconds or less, seven times as much a quarter of a minute. */
const dagreWorkMax = 300_000
const gapRight = 64
const gapDown = 48
const gapAcross = 20

export function layOut(graph: StepGraph, direction: Direction, box: Size): Layout {
  const isDown = direction === 'down'
  const along = isDown ? box.height : box.width
  const across = isDown ? box.width : box.height
  const isSmall = graph.nodes.length * graph.edges.length <= dagreWorkMax
  const place = isSmall ? placeWithDagre : placeInRows
  const placed = place(graph, { along, across, gap: isDown ? gapDown : gapRight })
  const turn = ({ at, off }: Spot): Point => (isDown ? { x: off, y: at } : { x: at, y: off })
  return {
    width: isDown ? placed.across : placed.along,
    height: isDown ? placed.along : placed.across,
    corners: new Map(
      [...placed.centres].map(([name, { at, off }]) => [
        name,
        turn({ at: Math.round(at - along / 2), off: Math.round(off - across / 2) }),
      ]),
    ),
    routes: graph.edges.map((edge) => ({
      edge,
      waypoints: waypointsOf(edge, placed, along).map(turn),
    })),
  }
}

/** `at`: along the way that edges point. `off`: across it. */
interface Spot {
  readonly at: number
  readonly off: number
}

interface Placed {
  readonly along: number
  readonly across: number
  readonly centres: ReadonlyMap<string, Spot>
  /** Where an edge passes the rows between its ends, in order. */
  readonly passesOf: (edge: StepEdge) => readonly Spot[]
}

interface BoxSize {
  readonly along: number
  readonly across: number
  /** Between two rows. */
  readonly gap: number
}

/** A pair of waypoints for each row: where the edge enters it and where it leaves it. */
function waypointsOf(edge: StepEdge, { centres, passesOf }: Placed, along: number): Spot[] {
  const from = centres.get(edge.from)
  const to = centres.get(edge.to)
  if (from === undefined || to === undefined) return [] // every edge joins two nodes
  return [
    { at: from.at + along / 2, off: from.off },
    ...passesOf(edge).flatMap(({ at, off }) => [
      { at: at - along / 2, off },
      { at: at + along / 2, off },
    ]),
    { at: to.at - along / 2, off: to.off },
  ]
}

function placeWithDagre(graph: StepGraph, box: BoxSize): Placed {
  const drawn = newGraph()
  drawn.setGraph({ rankdir: 'TB', nodesep: gapAcross, ranksep: box.gap, edgesep: gapAcross })
  // By position: a name may be anything, and dagre adds nodes with names of its own.
  const ids = new Map(graph.nodes.map(({ name }, index) => [name, String(index)]))
  const idOf = (name: string): string => ids.get(name) ?? ''
  for (const id of ids.values()) drawn.setNode(id, { width: box.across, height: box.along })
  // The critical path has no say: a definition looks the same whatever its tasks took.
  for (const { from, to } of graph.edges) drawn.setEdge(idOf(from), idOf(to), {})
  layOutWithDagre(drawn)
  const centres = new Map(
    [...ids].map(([name, id]): [string, Spot] => {
      const { x, y } = drawn.node(id)
      return [name, { at: y, off: x }]
    }),
  )
  // Dagre also bends edges between rows; there they bend by themselves.
  const rows = new Set([...centres.values()].map(({ at }) => at))
  const { width, height } = drawn.graph()
  return {
    along: height,
    across: width,
    centres,
    passesOf: ({ from, to }) =>
      drawn
        .edge(idOf(from), idOf(to))
        .points.slice(1, -1)
        .filter(({ y }) => rows.has(y))
        .map(({ x, y }) => ({ at: y, off: x })),
  }
}

function placeInRows(graph: StepGraph, box: BoxSize): Placed {
  const widest = graph.levels.reduce((most, names) => Math.max(most, names.length), 0)
  const step = box.across + gapAcross
  const across = widest * step - gapAcross
  const parentsOf = new Map(graph.nodes.map(({ name, parents }) => [name, parents]))
  const centres = new Map<string, Spot>()
  graph.levels.forEach((names, level) => {
    const at = level * (box.along + box.gap) + box.along / 2
    const first = (across - names.length * step + gapAcross + box.across) / 2
    const middle = (name: string): number => {
      const offs = (parentsOf.get(name) ?? []).map((parent) => centres.get(parent)?.off ?? 0)
      return offs.reduce((sum, off) => sum + off, 0) / offs.length
    }
    const middles = new Map(names.map((name) => [name, level === 0 ? 0 : middle(name)]))
    // Sorting keeps the order of declaration among equals.
    const sorted = names.toSorted((a, b) => (middles.get(a) ?? 0) - (middles.get(b) ?? 0))
    sorted.forEach((name, index) => centres.set(name, { at, off: first + index * step }))
  })
  const along = graph.levels.length * (box.along + box.gap) - box.gap
  return { along, across, centres, passesOf: () => [] }
}
