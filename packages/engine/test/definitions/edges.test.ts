// Edges, cycles and siblings (engine specification §9.8).
import { describe, expect, test } from 'vitest'
import { buildDefinition } from '../../src/definitions/build-definition.ts'
import { analyseGraph, siblingsOf } from '../../src/definitions/graph.ts'
import { defineShape, type ShapeStep } from '../../src/testing/index.ts'
import { errorOf } from './errors.ts'

describe('edges and cycles (§9.8)', () => {
  const build = (steps: readonly ShapeStep[]) =>
    buildDefinition(defineShape({ namespace: 'default', name: 'edges', version: '1.0.0', steps }))
  const step = (name: string, ...dependsOn: readonly string[]): ShapeStep => ({ name, dependsOn })

  test('a simple edge is accepted, and two parents for one child', () => {
    expect(analyseGraph(build([step('a'), step('b', 'a')]).steps).summary.totalDependencies).toBe(1)
    const { edges } = analyseGraph(build([step('a'), step('b'), step('c', 'a', 'b')]).steps)
    expect(edges.map(({ from, to }) => `${from} > ${to}`)).toEqual(['a > c', 'b > c'])
  })

  test.each<[string, readonly ShapeStep[], string]>([
    ['the reverse edge', [step('a', 'b'), step('b', 'a')], 'a → b → a'],
    ['3 → 1 after 1 → 2 → 3', [step('1', '3'), step('2', '1'), step('3', '2')], '1 → 3 → 2 → 1'],
  ])('%s is refused, with the cycle', (_what, steps, cycle) => {
    const error = errorOf(() => build(steps))
    expect(error.code).toBe('DEFINITION_INVALID')
    expect(error.message).toContain(cycle)
  })

  test('children of the same parents are siblings, each once and not of themselves', () => {
    const graph = analyseGraph([
      step('a'),
      step('b'),
      step('one', 'a', 'b'),
      step('two', 'b', 'a'),
      step('only_a', 'a'),
      step('also_a', 'a'),
    ])
    expect(siblingsOf(graph, 'one')).toEqual(['two'])
    expect(siblingsOf(graph, 'only_a')).toEqual(['also_a'])
    expect(siblingsOf(graph, 'a')).toEqual([]) // roots share no parent
    expect(siblingsOf(graph, 'unknown')).toEqual([])
  })
})
