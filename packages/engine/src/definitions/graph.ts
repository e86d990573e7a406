// The dependency graph of a definition: order, levels, ends, cycles. Pure, linear in steps and edges, and without
// recursion, so that 10,000 steps in one chain are nothing special. Serves validation, reports and the dashboard.

/** The part of a step that the graph needs. */
export interface GraphStep {
  readonly name: string
  readonly dependsOn: readonly string[]
  readonly description?: string
  readonly handler?: string
}

export interface GraphNode {
  readonly name: string
  readonly description: string
  readonly handler: string
  readonly dependencies: readonly string[]
  readonly dependencyCount: number
}

export interface GraphEdge {
  readonly from: string
  readonly to: string
  /** `single` when it is the step's only dependency. */
  readonly type: 'single' | 'multiple'
}

export interface GraphSummary {
  readonly totalSteps: number
  readonly totalDependencies: number
  readonly hasCycles: boolean
  /** The highest level; 0 when there is none. */
  readonly maxDepth: number
  /** Steps on the widest level; at least 1. */
  readonly parallelBranches: number
}

export interface DependencyGraph {
  /** In the order of declaration. */
  readonly nodes: readonly GraphNode[]
  readonly edges: readonly GraphEdge[]
  /** Parents before children; among equals, the order of declaration. Empty when there is a cycle. */
  readonly topology: readonly string[]
  /** Longest way from a root, by step. Empty when there is a cycle. */
  readonly levels: ReadonlyMap<string, number>
  readonly roots: readonly string[]
  readonly leaves: readonly string[]
  /** Each as `[a, b, a]`. At most one per place where the search enters it. */
  readonly cycles: readonly (readonly string[])[]
  readonly summary: GraphSummary
}

/** Analyses steps whose dependencies exist; unknown ones are left out, naming them is the validation's. */
export function analyseGraph(steps: readonly GraphStep[]): DependencyGraph {
  const graph = indexGraph(steps)
  const cycles = findCycles(graph)
  const topology = cycles.length === 0 ? orderTopologically(graph) : []
  const levels = levelSteps(graph, topology)
  const edges = steps.flatMap((step) => edgesOf(step, graph))
  return {
    nodes: steps.map(nodeOf),
    edges: edges,
    topology: topology,
    levels: levels,
    roots: graph.names.filter((name) => graph.parents.get(name)?.length === 0),
    leaves: graph.names.filter((name) => graph.children.get(name)?.length === 0),
    cycles: cycles,
    summary: {
      totalSteps: steps.length,
      totalDependencies: edges.length,
      hasCycles: cycles.length > 0,
      maxDepth: maxOf(levels.values(), 0),
      parallelBranches: widestLevel(levels),
    },
  }
}

/** Every cycle that the depth-first search meets, each as the path that closes it: `[a, b, a]`. */
export function cyclesOf(steps: readonly GraphStep[]): readonly (readonly string[])[] {
  return findCycles(indexGraph(steps))
}

/** Steps that wait for exactly the same steps as this one, itself left out; none where it waits for nothing. */
export function siblingsOf({ nodes }: DependencyGraph, name: string): readonly string[] {
  const key = (node: GraphNode): string => JSON.stringify(node.dependencies.toSorted())
  const own = nodes.find((node) => node.name === name)
  if (own === undefined || own.dependencyCount === 0) return []
  const wanted = key(own)
  return nodes
    .filter((node) => node.dependencyCount === own.dependencyCount && key(node) === wanted)
    .flatMap((node) => (node.name === name ? [] : [node.name]))
}

interface IndexedGraph {
  readonly names: readonly string[]
  readonly parents: ReadonlyMap<string, readonly string[]>
  readonly children: ReadonlyMap<string, readonly string[]>
}

function indexGraph(steps: readonly GraphStep[]): IndexedGraph {
  const children = new Map<string, string[]>(steps.map((step) => [step.name, []]))
  const parents = new Map<string, readonly string[]>()
  for (const step of steps) {
    const known = [...new Set(step.dependsOn)].filter((parent) => children.has(parent))
    // Two steps of one name are a fault, which must not hide a cycle through the first.
    parents.set(step.name, [...(parents.get(step.name) ?? []), ...known])
    for (const parent of known) children.get(parent)?.push(step.name)
  }
  return { names: [...children.keys()], parents, children }
}

/** Kahn's algorithm with a first-in first-out queue, seeded in the order of declaration. */
function orderTopologically(graph: IndexedGraph): readonly string[] {
  const missing = new Map([...graph.parents].map(([name, parents]) => [name, parents.length]))
  const order = graph.names.filter((name) => missing.get(name) === 0)
  for (let next = 0; next < order.length; next += 1) {
    for (const child of graph.children.get(order[next] ?? '') ?? []) {
      const left = (missing.get(child) ?? 0) - 1
      missing.set(child, left)
      if (left === 0) order.push(child)
    }
  }
  return order
}

function levelSteps(graph: IndexedGraph, topology: readonly string[]): ReadonlyMap<string, number> {
  const levels = new Map<string, number>()
  for (const name of topology) {
    let level = 0
    for (const parent of graph.parents.get(name) ?? []) {
      level = Math.max(level, (levels.get(parent) ?? 0) + 1)
    }
    levels.set(name, level)
  }
  return levels
}

/** Depth first over the dependencies, with a stack of our own; a step on the current path closes a cycle. */
function findCycles(graph: IndexedGraph): readonly (readonly string[])[] {
  const done = new Set<string>()
  const cycles: (readonly string[])[] = []
  for (const start of graph.names) {
    if (!done.has(start)) searchFrom(start, graph, done, cycles)
  }
  return cycles
}

function searchFrom(
  start: string,
  graph: IndexedGraph,
  done: Set<string>,
  cycles: (readonly string[])[],
): void {
  const path: { readonly name: string; next: number }[] = [{ name: start, next: 0 }]
  const onPath = new Map([[start, 0]])
  let isReported = false
  for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
    const parent = graph.parents.get(top.name)?.[top.next]
    top.next += 1
    if (parent === undefined) {
      done.add(top.name)
      onPath.delete(top.name)
      path.pop()
    } else if (onPath.has(parent)) {
      if (!isReported) cycles.push(closePath(path, onPath.get(parent) ?? 0, parent))
      isReported = true
    } else if (!done.has(parent)) {
      onPath.set(parent, path.length)
      path.push({ name: parent, next: 0 })
    }
  }
}

function closePath(
  path: readonly { readonly name: string }[],
  from: number,
  closing: string,
): readonly string[] {
  return [...path.slice(from).map((stop) => stop.name), closing]
}

function nodeOf(step: GraphStep): GraphNode {
  const dependencies = [...new Set(step.dependsOn)]
  return {
    name: step.name,
    description: step.description ?? step.name,
    handler: step.handler ?? step.name,
    dependencies: dependencies,
    dependencyCount: dependencies.length,
  }
}

function edgesOf(step: GraphStep, graph: IndexedGraph): readonly GraphEdge[] {
  const parents = graph.parents.get(step.name) ?? []
  const type = parents.length === 1 ? 'single' : 'multiple'
  return parents.map((from) => ({ from, to: step.name, type }))
}

function widestLevel(levels: ReadonlyMap<string, number>): number {
  const widths = new Map<number, number>()
  for (const level of levels.values()) widths.set(level, (widths.get(level) ?? 0) + 1)
  return maxOf(widths.values(), 1)
}

/** Math.max(...values) fails above about 100,000 arguments. */
function maxOf(values: Iterable<number>, least: number): number {
  let max = least
  for (const value of values) max = Math.max(max, value)
  return max
}
