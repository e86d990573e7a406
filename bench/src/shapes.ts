// The graphs of the workloads, as data.
import type { ShapeStep } from '@tasker/engine/testing'
import { fanOutWidth, type ShapeName } from './subject.ts'

const step = (name: string, ...dependsOn: readonly string[]): ShapeStep => ({ name, dependsOn })

export const linear = chainOf(5)

export const diamond: readonly ShapeStep[] = [
  step('a'),
  step('b', 'a'),
  step('c', 'a'),
  step('d', 'b', 'c'),
]

export const fanOut = wideOf(fanOutWidth)

export const oneStep: readonly ShapeStep[] = [step('only')]

export const stepsOf: Readonly<Record<ShapeName, readonly ShapeStep[]>> = {
  linear,
  diamond,
  'fan-out': fanOut,
  'one-step': oneStep,
}

export function chainOf(length: number): readonly ShapeStep[] {
  return Array.from({ length }, (_, index) =>
    index === 0 ? step('step_1') : step(`step_${index + 1}`, `step_${index}`),
  )
}

/** One step, so many that follow it, and one that waits for all of them. */
export function wideOf(width: number): readonly ShapeStep[] {
  const leaves = Array.from({ length: width }, (_, index) => `leaf_${index}`)
  return [step('first'), ...leaves.map((leaf) => step(leaf, 'first')), step('last', ...leaves)]
}
