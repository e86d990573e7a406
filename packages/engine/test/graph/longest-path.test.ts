// The critical path: the longest of all ways through a graph, against an enumeration of all of them.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { analyseGraph } from '../../src/definitions/graph.ts'
import { longestPath, type CriticalPath } from '../../src/reports/graph/longest-path.ts'
import { buildStepGraph } from '../../src/reports/graph/step-graph.ts'
import { randomShape, shapes, type Shape } from '../../src/testing/index.ts'
import { runs } from '../properties/runs.ts'

type Durations = Readonly<Record<string, number>>

function pathOf({ steps }: Pick<Shape, 'steps'>, durations: Durations): CriticalPath | null {
  const { nodes, topology } = analyseGraph(steps)
  const parentsOf = new Map(nodes.map((node) => [node.name, node.dependencies]))
  return longestPath(topology, parentsOf, new Map(Object.entries(durations)))
}

/** Every way from a root to a step. */
function waysTo(name: string, { steps }: Pick<Shape, 'steps'>): readonly (readonly string[])[] {
  const parents = steps.find((step) => step.name === name)?.dependsOn ?? []
  if (parents.length === 0) return [[name]]
  return parents.flatMap((parent) => waysTo(parent, { steps }).map((way) => [...way, name]))
}

test('it is the longest of all ways, and a way', () => {
  fc.assert(
    fc.property(fc.integer(), fc.array(fc.integer({ min: 0, max: 9 })), (seed, lengths) => {
      const shape = randomShape(seed, { stepsMax: 12, parentsMax: 3 })
      const durations = Object.fromEntries(
        shape.steps.map(({ name }, index) => [name, lengths[index] ?? 1]),
      )
      const lengthOf = (way: readonly string[]): number =>
        way.reduce((sum, name) => sum + (durations[name] ?? 0), 0)
      const ways = shape.steps.flatMap(({ name }) => waysTo(name, shape))
      const path = pathOf(shape, durations)
      expect(path?.totalMs).toBe(Math.max(...ways.map(lengthOf)))
      expect(lengthOf(path?.steps ?? [])).toBe(path?.totalMs)
      expect(ways).toContainEqual(path?.steps)
    }),
    runs(100),
  )
})

const steps = [
  { name: 'a', dependsOn: [] },
  { name: 'b', dependsOn: [] },
  { name: 'left', dependsOn: ['a', 'b'] },
  { name: 'right', dependsOn: ['b', 'a'] },
]

test('of equals it is the parent named first and the end declared first', () => {
  const path = pathOf({ steps }, { a: 2, b: 2, left: 1, right: 1 })
  expect(path).toEqual({ steps: ['a', 'left'], totalMs: 3 })
})

test('it ends with the last step that adds something: what has not run is no part of it', () => {
  expect(pathOf({ steps }, { b: 2 })).toEqual({ steps: ['b'], totalMs: 2 })
})

test('without any duration there is none', () => {
  expect(pathOf({ steps }, {})).toBeNull()
})

test('fractions add up without noise', () => {
  expect(pathOf({ steps }, { a: 0.1, left: 0.2 })?.totalMs).toBe(0.3)
})

test('names such as constructor and __proto__ are names like any other', () => {
  const odd = [
    { name: '__proto__', dependsOn: [] },
    { name: 'constructor', dependsOn: ['__proto__'] },
  ]
  const parentsOf = new Map(odd.map(({ name, dependsOn }) => [name, dependsOn]))
  const durations = new Map([
    ['__proto__', 1],
    ['constructor', 2],
  ])
  expect(longestPath(['__proto__', 'constructor'], parentsOf, durations)).toEqual({
    steps: ['__proto__', 'constructor'],
    totalMs: 3,
  })
})

test('the graph marks the steps and the edges of the path, and no others', () => {
  const { namespace, name, version } = shapes.B
  const graph = buildStepGraph({
    namespace,
    name,
    version,
    taskId: null,
    state: null,
    durations: 'recorded',
    steps: shapes.B.steps.map((step) => ({ ...step, state: null, attempts: null, retryLimit: 3 })),
    durationsMs: new Map([
      ['start_workflow', 1],
      ['branch_one_process', 1],
      ['branch_two_validate', 5],
      ['merge_branches', 2],
    ]),
  })
  expect(graph.criticalPath).toEqual({
    steps: ['start_workflow', 'branch_two_process', 'branch_two_validate', 'merge_branches'],
    totalMs: 8,
  })
  expect(graph.nodes.flatMap((node) => (node.isOnCriticalPath ? [node.name] : []))).toEqual([
    'start_workflow',
    'branch_two_process',
    'branch_two_validate',
    'merge_branches',
  ])
  expect(graph.edges.flatMap((edge) => (edge.isOnCriticalPath ? [edge.to] : []))).toEqual([
    'branch_two_process',
    'branch_two_validate',
    'merge_branches',
  ])
  expect(graph.levels.map((names) => names.length)).toEqual([1, 2, 2, 1, 1])
})
