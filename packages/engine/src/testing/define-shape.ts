// A shape (a workflow as data) becomes a definition, its steps with the handlers that a test needs. Also shapes at random.
import type { DefinitionSource } from '../definitions/build-definition.ts'
import type { RunStep } from '../definitions/model.ts'
import { shapeFailures, type Shape, type ShapeId, type ShapeStep } from './shapes.ts'

const succeeds: RunStep = async () => ({ ok: true })

/** A shape as a definition, each step with the handler that `handlerOf` gives for its name. Default: all succeed. */
export function defineShape(
  source: Shape,
  handlerOf: (stepName: string) => RunStep = () => succeeds,
): DefinitionSource {
  return {
    toDraft: () => ({
      namespace: source.namespace,
      name: source.name,
      version: source.version,
      steps: source.steps,
      contextSchema: null,
      handlers: new Map(source.steps.map(({ name }) => [name, handlerOf(name)])),
      generators: new Map(),
      adjust: null,
      annotate: null,
      faults: [],
    }),
  }
}

/** For `defineShape`: handlers that fail as `shapeFailures` says and then succeed. */
export function builtInFailures(id: ShapeId): (stepName: string) => RunStep {
  return (stepName) => {
    const failures = shapeFailures[id]?.[stepName] ?? 0
    return async ({ attempt }) => {
      if (attempt <= failures) throw new Error(`fails ${failures}×, as shape ${id} has it`)
      return { ok: true }
    }
  }
}

export interface RandomShapeOptions {
  /** Names the task. Default `random_<seed>`. */
  readonly name?: string
  /** Default 60. The number of steps is drawn from 1 to this. */
  readonly stepsMax?: number
  /** Most parents of one step. Default 4. */
  readonly parentsMax?: number
}

/** A directed acyclic graph drawn from a seed, a whole number: the same seed gives the same shape. */
export function randomShape(seed: number, options: RandomShapeOptions = {}): Shape {
  const { name = `random_${seed}`, stepsMax = 60, parentsMax = 4 } = options
  const draw = drawFrom(seed)
  const steps = Array.from({ length: 1 + draw(stepsMax) }, (_, index): ShapeStep => {
    const parents =
      index === 0 ? [] : Array.from({ length: draw(parentsMax + 1) }, () => draw(index))
    return {
      name: `s${index}`,
      dependsOn: [...new Set(parents)].map((parent) => `s${parent}`),
      retryLimit: 1 + draw(4),
    }
  })
  return { namespace: 'random', version: '0.1.0', name, steps }
}

/** Whole numbers below a bound, from a seed: the generator known as mulberry32. */
function drawFrom(seed: number): (below: number) => number {
  let state = seed >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}
