// The analysis of a task against the plainest way to the same numbers: list every path of a small random graph, follow
// every edge. Then the sizes at which listing is no longer possible.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { resolveConfig } from '../../src/config.ts'
import type { TaskGraphStep } from '../../src/database/read-task-graph.ts'
import { analyseReading } from '../../src/reports/analysis/analyse-task.ts'
import { countDownstream } from '../../src/reports/analysis/downstream.ts'
import { taskGraph } from '../../src/reports/analysis/task-graph.ts'
import { satisfiedStates, type HealthStatus, type StepState } from '../../src/states.ts'
import { runs } from './runs.ts'

const { dependencyGraph: weights } = resolveConfig({ env: {} }).config
const at = new Date('2030-01-01T00:00:00Z')

interface Drawn {
  readonly parents: readonly number[]
  readonly state: StepState
  readonly attempts: number
  readonly isRetryToCome: boolean
  readonly number: number
}

const drawnStep: fc.Arbitrary<Drawn> = fc.record({
  parents: fc.array(fc.nat(), { maxLength: 4 }),
  state: fc.constantFrom<StepState>('pending', 'in_progress', 'complete', 'error', 'skipped'),
  attempts: fc.integer({ min: 0, max: 4 }),
  isRetryToCome: fc.boolean(),
  number: fc.nat(),
})

/** Steps whose numbers are not in the order of the graph, as a YAML file may declare them. */
const drawnTask = fc.array(drawnStep, { minLength: 1, maxLength: 9, size: 'max' }).map((drawn) => {
  const numbers = drawn
    .map((step, index) => ({ index, key: step.number }))
    .toSorted((a, b) => a.key - b.key || a.index - b.index)
    .map(({ index }) => index)
  const numberOf = (index: number): number => numbers.indexOf(index) + 1
  const parentsOf = (index: number): readonly number[] =>
    index === 0 ? [] : [...new Set(drawn[index]?.parents.map((parent) => parent % index))]
  return drawn
    .map((step, index) => {
      const parents = parentsOf(index)
      const isFree = parents.every((parent) =>
        satisfiedStates.includes(drawn[parent]?.state ?? 'pending'),
      )
      return asStep(step, {
        stepNo: numberOf(index),
        parents: parents.map(numberOf).toSorted((a, b) => a - b),
        isFree,
      })
    })
    .toSorted((a, b) => a.stepNo - b.stepNo)
})

function asStep(
  drawn: Drawn,
  place: Pick<TaskGraphStep, 'stepNo' | 'parents'> & { readonly isFree: boolean },
): TaskGraphStep {
  const isError = drawn.state === 'error'
  const retryEligible = drawn.attempts < 3 && (!isError || drawn.isRetryToCome)
  return {
    stepNo: place.stepNo,
    name: `s${place.stepNo}`,
    parents: place.parents,
    state: drawn.state,
    isReady: drawn.state === 'pending' && place.isFree,
    blockedBy: isError ? (retryEligible ? 'retry' : 'exhausted') : null,
    attempts: drawn.attempts,
    retryLimit: 3,
    dependenciesSatisfied: place.isFree,
    retryEligible,
    nextRetryAt: null,
    ranMs: null,
  }
}

const isDone = (step: TaskGraphStep) => satisfiedStates.includes(step.state)
const isBlocked = (step: TaskGraphStep) => step.state === 'pending' && !step.dependenciesSatisfied
const isError = (step: TaskGraphStep) => step.state === 'error'

function everyPath(steps: readonly TaskGraphStep[]): readonly (readonly TaskGraphStep[])[] {
  const childrenOf = (step: TaskGraphStep) =>
    steps.filter(({ parents }) => parents.includes(step.stepNo))
  const from = (step: TaskGraphStep): readonly (readonly TaskGraphStep[])[] => {
    const children = childrenOf(step)
    if (children.length === 0) return [[step]]
    return children.flatMap((child) => from(child).map((rest) => [step, ...rest]))
  }
  return steps.filter(({ parents }) => parents.length === 0).flatMap(from)
}

function everyoneBehind(
  steps: readonly TaskGraphStep[],
  start: TaskGraphStep,
): readonly TaskGraphStep[] {
  const direct = steps.filter(({ parents }) => parents.includes(start.stepNo))
  return [...new Set(direct.flatMap((child) => [child, ...everyoneBehind(steps, child)]))]
}

/** The formula of the specification, word for word, before it is floored at 0. */
function rawScore(
  path: readonly TaskGraphStep[],
  health: HealthStatus,
  completion: number,
): number {
  const h = health === 'healthy' ? 1 : 1.5
  const errors = path.filter(isError).length
  const duration =
    30 * path.length + 60 * errors + 30 * path.reduce((sum, step) => sum + step.attempts, 0)
  const points =
    10 * path.length -
    15 * path.filter(isDone).length +
    25 * path.filter(isBlocked).length * h +
    30 * errors * h +
    10 * path.filter((step) => isError(step) && step.attempts > 0).length +
    2 * (duration / 60)
  return points * (1 - 0.3 * completion)
}

function compareNumbers(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, index) => value !== b[index])
  return at < 0 ? 0 : (a[at] ?? 0) - (b[at] ?? 0)
}

test('paths, their scores and what stands behind each step are what listing every path says', () => {
  const { numRuns, seed } = runs(400)
  const health = fc.constantFrom<HealthStatus>('healthy', 'recovering', 'blocked')
  fc.assert(
    fc.property(drawnTask, health, (steps, taskHealth) => {
      const { criticalPaths, bottlenecks, errorChains } = analyseReading(
        { at, health: taskHealth, steps },
        weights,
      )
      const all = everyPath(steps)
      const completion = steps.filter(isDone).length / steps.length
      expect(criticalPaths.totalPaths).toBe(all.length)
      expect(criticalPaths.longestPathLength).toBe(Math.max(...all.map(({ length }) => length)))

      const expected = all
        .map((path) => ({
          path: path.map(({ stepNo }) => stepNo),
          score: rawScore(path, taskHealth, completion),
        }))
        .toSorted(
          (a, b) =>
            Math.round((b.score - a.score) * 1e6) ||
            b.path.length - a.path.length ||
            compareNumbers(a.path, b.path),
        )
        .slice(0, 5)
      expect(criticalPaths.paths.map(({ path }) => path)).toEqual(expected.map(({ path }) => path))
      for (const [index, { criticalityScore }] of criticalPaths.paths.entries())
        expect(criticalityScore).toBeCloseTo(Math.max(0, expected[index]?.score ?? Number.NaN), 1)

      for (const bottleneck of bottlenecks.bottlenecks) {
        const step = steps.find(({ stepNo }) => stepNo === bottleneck.stepId)
        const behind = step === undefined ? [] : everyoneBehind(steps, step)
        expect(bottleneck.downstreamStepsCount).toBe(behind.length)
        expect(bottleneck.blockedDownstreamCount).toBe(behind.filter(isBlocked).length)
      }
      const behindErrors = new Set(steps.filter(isError).flatMap((s) => everyoneBehind(steps, s)))
      expect(errorChains.totalBlockedByErrors).toBe([...behindErrors].filter(isBlocked).length)
      expect(errorChains.totalErrorSteps).toBe(steps.filter(isError).length)
    }),
    { numRuns, seed },
  )
})

test('no done step is a bottleneck; where steps failed, each bottleneck is one of them', () => {
  const { numRuns, seed } = runs(400)
  fc.assert(
    fc.property(drawnTask, (steps) => {
      const { bottlenecks } = analyseReading({ at, health: 'recovering', steps }, weights)
      const found = bottlenecks.bottlenecks.map(({ stepId }) => steps[stepId - 1])
      expect(found.filter((step) => step !== undefined && isDone(step))).toEqual([])
      const failed = steps.filter(isError).length
      const total = failed > 0 ? failed : bottlenecks.totalBottlenecks
      expect(bottlenecks.totalBottlenecks).toBe(total)
      const scores = bottlenecks.bottlenecks.map(({ impactScore }) => impactScore)
      expect(scores).toEqual(scores.toSorted((a, b) => b - a))
    }),
    { numRuns, seed },
  )
})

test('downstream counts are right across the words they are counted in', () => {
  const { numRuns, seed } = runs(60)
  const tasks = fc
    .array(fc.array(fc.nat(), { maxLength: 2 }), { minLength: 33, maxLength: 140, size: 'max' })
    .map((drawn) =>
      drawn.map((parents, index) =>
        waitingStep(
          index + 1,
          index === 0 ? [] : [...new Set(parents.map((parent) => (parent % index) + 1))],
        ),
      ),
    )
  fc.assert(
    fc.property(tasks, (steps) => {
      const graph = taskGraph(steps)
      const { total, blocked } = countDownstream(graph)
      const behind = graph.steps.map((step) => reachedFrom(steps, step.stepNo))
      expect([...total]).toEqual(behind.map(({ length }) => length))
      expect([...blocked]).toEqual(behind.map((reached) => reached.filter(isBlocked).length))
    }),
    { numRuns, seed },
  )
})

function reachedFrom(steps: readonly TaskGraphStep[], start: number): readonly TaskGraphStep[] {
  const seen = new Set([start])
  for (const stepNo of seen) {
    for (const child of steps) if (child.parents.includes(stepNo)) seen.add(child.stepNo)
  }
  return steps.filter(({ stepNo }) => stepNo !== start && seen.has(stepNo))
}

const waitingStep = (stepNo: number, parents: readonly number[]): TaskGraphStep =>
  asStep(
    { parents: [], state: 'pending', attempts: 0, isRetryToCome: false, number: 0 },
    { stepNo, parents, isFree: parents.length === 0 },
  )

describe('size', () => {
  /** Each step waits for every step of the layer before it. */
  const layers = (count: number, width: number): readonly TaskGraphStep[] =>
    Array.from({ length: count * width }, (_, index) => {
      const first = (Math.floor(index / width) - 1) * width + 1
      return waitingStep(
        index + 1,
        first < 1 ? [] : Array.from({ length: width }, (__, n) => first + n),
      )
    })

  test('20 layers of 10 steps have 10^20 paths: counted up to what a number holds exactly, five shown', () => {
    const { criticalPaths } = analyseReading(
      { at, health: 'healthy', steps: layers(20, 10) },
      weights,
    )
    expect(criticalPaths.totalPaths).toBe(Number.MAX_SAFE_INTEGER)
    expect(criticalPaths.longestPathLength).toBe(20)
    const firsts = Array.from({ length: 19 }, (_, layer) => layer * 10 + 1)
    expect(criticalPaths.paths.map(({ path }) => path)).toEqual(
      [1, 2, 3, 4, 5].map((last) => [...firsts, 190 + last]), // all equal: the first declared
    )
  })

  test('10 layers of 10 steps have exactly 10^10', () => {
    const { criticalPaths } = analyseReading(
      { at, health: 'healthy', steps: layers(10, 10) },
      weights,
    )
    expect(criticalPaths.totalPaths).toBe(10 ** 10)
  })

  test('a chain and a fan of 10,000 steps, and 10,000 with 30 parents each, are analysed whole', () => {
    const chain = Array.from({ length: 10_000 }, (_, index) =>
      waitingStep(index + 1, index ? [index] : []),
    )
    const fan = Array.from({ length: 10_000 }, (_, index) =>
      waitingStep(index + 1, index ? [1] : []),
    )
    const wide = Array.from({ length: 10_000 }, (_, index) =>
      waitingStep(
        index + 1,
        Array.from({ length: Math.min(30, index) }, (__, back) => index - back).toReversed(),
      ),
    )
    for (const [steps, longest, paths] of [
      [chain, 10_000, 1],
      [fan, 2, 9_999],
      [wide, 10_000, Number.MAX_SAFE_INTEGER],
    ] as const) {
      const { criticalPaths, bottlenecks } = analyseReading(
        { at, health: 'healthy', steps },
        weights,
      )
      expect(criticalPaths).toMatchObject({ totalPaths: paths, longestPathLength: longest })
      expect(bottlenecks.totalBottlenecks).toBe(9_999) // all but the root wait
    }
    const { bottlenecks } = analyseReading({ at, health: 'healthy', steps: chain }, weights)
    expect(bottlenecks.bottlenecks[0]).toMatchObject({
      stepId: 2,
      downstreamStepsCount: 9_998,
      blockedDownstreamCount: 9_998,
    })
  })
})
