// Root causes of waiting steps, against a plain search upwards, on random graphs.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  causesMax,
  rootCauses,
  type Causes,
  type WaitingStep,
} from '../../src/reports/root-causes.ts'
import { runs } from './runs.ts'

/** A number beyond the graph stands for a parent that is satisfied. */
const satisfied = 1_000

/** Parents have lower numbers; then the numbers are mixed, because a graph need not be declared in order. */
const graphs = fc
  .array(
    fc.record({
      parents: fc.uniqueArray(fc.nat(40), { maxLength: 5 }),
      severity: fc.nat(12),
      isWaiting: fc.boolean(),
    }),
    { minLength: 1, maxLength: 40 },
  )
  .chain((rows) =>
    fc
      .shuffledSubarray(
        rows.map((_, index) => index + 1),
        { minLength: rows.length },
      )
      .map((numbers) =>
        rows.map(({ parents, severity, isWaiting }, index): WaitingStep => {
          const known = parents.filter((parent) => parent < index)
          return {
            stepNo: numbers[index] ?? 0,
            parents: [...known.map((parent) => numbers[parent] ?? 0), satisfied],
            severity: isWaiting && known.length > 0 ? null : severity,
          }
        }),
      ),
  )

function searched(step: WaitingStep, steps: readonly WaitingStep[]): readonly number[] {
  const found = new Map<number, number>()
  const seen = new Set<number>()
  const look = ({ parents }: WaitingStep): void => {
    for (const parent of steps.filter(({ stepNo }) => parents.includes(stepNo))) {
      if (seen.has(parent.stepNo)) continue
      seen.add(parent.stepNo)
      if (parent.severity === null) look(parent)
      else found.set(parent.stepNo, parent.severity)
    }
  }
  look(step)
  return [...found].toSorted(([a, x], [b, y]) => x - y || a - b).map(([stepNo]) => stepNo)
}

test('the worst nearest ancestors that wait for no step, as a plain search finds them', () => {
  fc.assert(
    fc.property(graphs, (steps) => {
      const expected = steps
        .filter(({ severity }) => severity === null)
        .map((step): [number, Causes] => {
          const all = searched(step, steps)
          const missing = step.parents.filter((parent) => parent !== satisfied)
          return [
            step.stepNo,
            { missing, causes: all.slice(0, causesMax), hasMore: all.length > causesMax },
          ]
        })
      expect(rootCauses(steps)).toEqual(new Map(expected))
    }),
    runs(300),
  )
})
