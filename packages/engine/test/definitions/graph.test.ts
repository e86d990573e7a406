// The dependency graph: the shapes and facts of engine specification §9.1 and §9.8, and the sizes it must bear.
import { describe, expect, test } from 'vitest'
import { buildDefinition } from '../../src/definitions/build-definition.ts'
import { analyseGraph, cyclesOf } from '../../src/definitions/graph.ts'
import { defineShape, shapes, type ShapeId } from '../../src/testing/index.ts'
import { shapeFacts } from './shape-facts.ts'

const ids = Object.keys(shapes) as ShapeId[] // the keys of a record of ShapeId

/** Ways from any root to any leaf, counted along the topology. */
function countPaths(graph: ReturnType<typeof analyseGraph>): number {
  const ways = new Map<string, number>()
  for (const name of graph.topology) {
    const parents = graph.edges.filter((edge) => edge.to === name).map((edge) => edge.from)
    const sum = parents.reduce((total, parent) => total + (ways.get(parent) ?? 0), 0)
    ways.set(name, parents.length === 0 ? 1 : sum)
  }
  return graph.leaves.reduce((total, leaf) => total + (ways.get(leaf) ?? 0), 0)
}

describe('the shapes of §9.1', () => {
  test.each(ids)(
    'shape %s has the steps, edges, ends, paths, depth and width of the table',
    (id) => {
      const graph = analyseGraph(buildDefinition(defineShape(shapes[id])).steps)
      expect({
        steps: graph.nodes.length,
        edges: graph.edges.length,
        roots: graph.roots.length,
        leaves: graph.leaves.length,
        paths: countPaths(graph),
        maxDepth: graph.summary.maxDepth,
        parallelBranches: graph.summary.parallelBranches,
      }).toEqual(shapeFacts[id])
      expect(graph.cycles).toEqual([])
      expect(graph.summary).toMatchObject({
        hasCycles: false,
        totalSteps: shapeFacts[id].steps,
        totalDependencies: shapeFacts[id].edges,
      })
    },
  )

  test('the linear shape is ordered as listed, one level a step', () => {
    const graph = analyseGraph(shapes.A.steps)
    const names = shapes.A.steps.map((step) => step.name)
    expect(graph.topology).toEqual(names)
    expect([...graph.levels]).toEqual(names.map((name, level) => [name, level]))
  })

  test('the mixed shape has the levels of the table', () => {
    expect(Object.fromEntries(analyseGraph(shapes.E.steps).levels)).toEqual({
      init_auth: 0,
      init_config: 0,
      validate_permissions: 1,
      setup_environment: 1,
      begin_processing: 2,
      cleanup_temp_files: 2,
      process_critical_data: 3,
      process_optional_data: 3,
      finalize_and_report: 4,
    })
  })

  test('an edge is single when it is the only dependency of its step', () => {
    const { edges } = analyseGraph(shapes.K.steps)
    expect(edges.map((edge) => edge.type)).toEqual(['multiple', 'multiple'])
    expect(analyseGraph(shapes.I.steps).edges.map((edge) => edge.type)).toEqual([
      'single',
      'single',
    ])
  })
})

describe('cycles', () => {
  test('a ↔ b is found as the path a → b → a, and leaves no topology and no levels', () => {
    const graph = analyseGraph([
      { name: 'a', dependsOn: ['b'] },
      { name: 'b', dependsOn: ['a'] },
    ])
    expect(graph.cycles).toEqual([['a', 'b', 'a']])
    expect(graph.topology).toEqual([])
    expect(graph.levels.size).toBe(0)
    expect(graph.summary).toMatchObject({ hasCycles: true, maxDepth: 0, parallelBranches: 1 })
  })

  test('the path holds only the steps of the cycle, not the way to it', () => {
    const steps = [
      { name: 'entry', dependsOn: ['c1'] },
      { name: 'c1', dependsOn: ['c2'] },
      { name: 'c2', dependsOn: ['c3'] },
      { name: 'c3', dependsOn: ['c1'] },
      { name: 'alone', dependsOn: [] },
    ]
    expect(cyclesOf(steps)).toEqual([['c1', 'c2', 'c3', 'c1']])
  })

  test('two separate cycles are both found', () => {
    const steps = [
      { name: 'a', dependsOn: ['b'] },
      { name: 'b', dependsOn: ['a'] },
      { name: 'c', dependsOn: ['d'] },
      { name: 'd', dependsOn: ['c'] },
    ]
    expect(cyclesOf(steps)).toEqual([
      ['a', 'b', 'a'],
      ['c', 'd', 'c'],
    ])
  })

  test('two ways to one step are no cycle', () => {
    expect(cyclesOf(shapes.B.steps)).toEqual([])
  })
})

describe('size', () => {
  test('a chain of 50,000 steps is analysed without running out of stack', () => {
    const steps = Array.from({ length: 50_000 }, (_, index) => ({
      name: `s${index}`,
      dependsOn: index === 0 ? [] : [`s${index - 1}`],
    }))
    expect(analyseGraph(steps).summary).toEqual({
      totalSteps: 50_000,
      totalDependencies: 49_999,
      hasCycles: false,
      maxDepth: 49_999,
      parallelBranches: 1,
    })
  })

  test('a fan of 200,000 steps has one level of that width', () => {
    const fan = Array.from({ length: 200_000 }, (_, index) => ({
      name: `s${index}`,
      dependsOn: ['root'],
    }))
    const graph = analyseGraph([{ name: 'root', dependsOn: [] }, ...fan])
    expect(graph.summary.parallelBranches).toBe(200_000)
  })

  test('a step may have the name of a member of every object', () => {
    const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty']
    const steps = names.map((name, index) => ({ name, dependsOn: names.slice(0, index) }))
    const graph = analyseGraph(steps)
    expect(graph.topology).toEqual(names)
    expect(graph.levels.get('__proto__')).toBe(0)
    expect(graph.levels.get('hasOwnProperty')).toBe(3)
  })
})
