// The work that only Tasker is asked for: which graphs, how many tasks of each, and how. Both the benchmark and the process
// that does it read the graphs here, so that they agree on how many steps there are.
import type { DefinitionSource, StepExecution } from '@tasker/engine'
import { defineShape, type ShapeStep } from '@tasker/engine/testing'
import { readRealGraphs } from '../../packages/engine/test/support/real-graphs.ts'
import { chainOf, diamond, fanOut, linear, oneStep, wideOf } from './shapes.ts'

export type OwnGraph = 'linear' | 'diamond' | 'fan-out' | 'one-step' | 'chain' | 'wide' | 'real'

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
      return [{ name: 'linear', steps: linear }]
    case 'diamond':
      return [{ name: 'diamond', steps: diamond }]
    case 'fan-out':
      return [{ name: 'fan_out', steps: fanOut }]
    case 'one-step':
      return [{ name: 'one_step', steps: oneStep }]
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

export const defineGraph = (
  { name, steps }: NamedGraph,
  handler: (execution: StepExecution) => Promise<unknown>,
): DefinitionSource =>
  defineShape({ namespace: 'bench', name, version: '1.0.0', steps }, () => handler)
