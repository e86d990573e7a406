// The work that only Tasker is asked for: which graphs, how many tasks of each, and how. Both the benchmark and the process
// that does it read the graphs here, so that they agree on how many steps there are.
import type { DefinitionSource, RunStep } from '@tasker/engine'
import { defineShape, type ShapeStep } from '@tasker/engine/testing'
import { readRealGraphs } from '../../packages/engine/test/support/real-graphs.ts'
import { chainOf, stepsOf, wideOf } from './shapes.ts'
import type { ShapeName } from './subject.ts'

export type OwnGraph = ShapeName | 'chain' | 'wide' | 'real'

export interface OwnWork {
  readonly graph: OwnGraph
  /** Steps of a chain, leaves of a wide task; says nothing to the others. */
  readonly size: number
  /** Of each graph that `graph` stands for. */
  readonly taskCount: number
  /** `enqueue-first`: all tasks are created before a worker starts. `timed`: each step's start is noted. */
  readonly manner: 'together' | 'enqueue-first' | 'timed'
}

interface NamedGraph {
  readonly name: string
  readonly steps: readonly ShapeStep[]
}

/** @param size Steps of a chain, leaves of a wide task. */
export function graphsOf({ graph, size }: Pick<OwnWork, 'graph' | 'size'>): readonly NamedGraph[] {
  switch (graph) {
    case 'linear':
    case 'diamond':
    case 'fan-out':
    case 'one-step':
      return [{ name: graph.replace('-', '_'), steps: stepsOf[graph] }]
    case 'chain':
      return [{ name: `chain_${size}`, steps: chainOf(size) }]
    case 'wide':
      return [{ name: `wide_${size}`, steps: wideOf(size) }]
    case 'real':
      return readRealGraphs().map(({ steps }, index) => ({ name: `real_${index}`, steps }))
    default:
      return graph satisfies never
  }
}

/** What the work comes to, all graphs together. */
export function sizeOf(work: OwnWork): { readonly tasks: number; readonly steps: number } {
  const graphs = graphsOf(work)
  const steps = graphs.reduce((sum, graph) => sum + graph.steps.length, 0)
  return { tasks: graphs.length * work.taskCount, steps: steps * work.taskCount }
}

export const defineGraph = ({ name, steps }: NamedGraph, handler: RunStep): DefinitionSource =>
  defineShape({ namespace: 'bench', name, version: '1.0.0', steps }, () => handler)
