// The schedule of an analysis against the plainest computations of the same: relax every edge until nothing changes, on real
// graphs; list every path, on small random ones. Bottlenecks that were planted are found; work grows with the graph, counted.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { resolveConfig } from '../../src/config.ts'
import type { TaskGraphStep } from '../../src/database/read-task-graph.ts'
import { analyseReading } from '../../src/reports/analysis/analyse-task.ts'
import { criticalPaths } from '../../src/reports/analysis/critical-paths.ts'
import { countDownstream } from '../../src/reports/analysis/downstream.ts'
import { parallelismOpportunities } from '../../src/reports/analysis/parallelism.ts'
import { gainsOf, scheduleOf } from '../../src/reports/analysis/schedule.ts'
import { taskGraph, type TaskGraph } from '../../src/reports/analysis/task-graph.ts'
import { readRealGraphs } from '../support/real-graphs.ts'
import { runs } from './runs.ts'

const { dependencyGraph: weights } = resolveConfig({ env: {} }).config
const at = new Date('2030-01-01T00:00:00Z')

const stepOf = (
  stepNo: number,
  parents: readonly number[],
  more: Partial<TaskGraphStep> = {},
): TaskGraphStep => ({
  stepNo,
  name: `s${stepNo}`,
  parents,
  state: 'complete',
  isReady: false,
  blockedBy: null,
  attempts: 1,
  retryLimit: 3,
  dependenciesSatisfied: true,
  retryEligible: false,
  nextRetryAt: null,
  ranMs: 0,
  ...more,
})

const waiting = {
  state: 'pending',
  attempts: 0,
  dependenciesSatisfied: false,
  ranMs: null,
} as const
const analyse = (steps: readonly TaskGraphStep[]) =>
  analyseReading({ at, health: 'healthy', steps }, weights)

interface Plain {
  readonly parents: readonly number[]
  readonly ms: number
}

/** When each step ends: every edge is relaxed until nothing changes. */
function plainEnds(steps: readonly Plain[]): readonly number[] {
  const ends = steps.map(({ ms }) => ms)
  for (let isChanged = true; isChanged;) {
    isChanged = false
    for (const [index, { parents, ms }] of steps.entries())
      for (const parent of parents) {
        const end = (ends[parent - 1] ?? 0) + ms
        if (end <= (ends[index] ?? 0)) continue
        ends[index] = end
        isChanged = true
      }
  }
  return ends
}

const plainTotal = (steps: readonly Plain[]): number => Math.max(...plainEnds(steps))
const withTime = (steps: readonly Plain[], index: number, ms: number): readonly Plain[] =>
  steps.map((step, other) => (other === index ? { ...step, ms } : step))

describe('real graphs', () => {
  test.each(readRealGraphs())('$name: longest path, slack and gains', ({ steps, trace }) => {
    const noOf = new Map(steps.map(({ name }, index) => [name, index + 1]))
    const plain = steps.map(({ name, dependsOn }, index) => ({
      parents: dependsOn.map((parent) => noOf.get(parent) ?? 0),
      ms: Math.round((trace.tasks[index]?.runtime_seconds ?? 0) * 1_000),
      name,
    }))
    const { schedule, criticalPaths: paths } = analyse(
      plain.map(({ parents, ms, name }, index) => stepOf(index + 1, parents, { ranMs: ms, name })),
    )
    const total = plainTotal(plain)
    expect(schedule.criticalPathMs).toBe(total)
    expect(paths.longestPathLength).toBe(plainTotal(plain.map((step) => ({ ...step, ms: 1 }))))
    // The path is a path, and as long as it says.
    const own = schedule.criticalPath.map((stepNo) => plain[stepNo - 1])
    expect(own.reduce((sum, step) => sum + (step?.ms ?? 0), 0)).toBe(total)
    for (const [index, stepNo] of schedule.criticalPath.slice(0, -1).entries())
      expect(own[index + 1]?.parents).toContain(stepNo)
    const ends = plainEnds(plain)
    expect(schedule.steps.map((step) => step.earliestStartMs + step.durationMs)).toEqual(ends)
    // A step may take so much longer, and no millisecond more.
    const stride = Math.ceil(plain.length / 12)
    for (let index = 0; index < plain.length; index += stride) {
      const { slackMs, durationMs } = schedule.steps[index] ?? { slackMs: -1, durationMs: 0 }
      expect(plainTotal(withTime(plain, index, durationMs + slackMs))).toBe(total)
      expect(plainTotal(withTime(plain, index, durationMs + slackMs + 1))).toBe(total + 1)
    }
    for (const { stepId, gainMs } of schedule.timeBottlenecks)
      expect(plainTotal(withTime(plain, stepId - 1, 0))).toBe(total - gainMs)
  })
})

const drawnSteps = fc
  .array(fc.record({ parents: fc.array(fc.nat(), { maxLength: 3 }), ms: fc.nat({ max: 9 }) }), {
    minLength: 1,
    maxLength: 9,
    size: 'max',
  })
  .map((drawn) =>
    drawn.map(({ parents, ms }, index) => ({
      ms,
      parents: index === 0 ? [] : [...new Set(parents.map((parent) => (parent % index) + 1))],
    })),
  )

function everyPath(steps: readonly Plain[]): readonly (readonly number[])[] {
  const to = (index: number): readonly (readonly number[])[] => {
    const parents = steps[index]?.parents ?? []
    return parents.length === 0
      ? [[index]]
      : parents.flatMap((parent) => to(parent - 1).map((path) => [...path, index]))
  }
  return steps.flatMap((_, index) => to(index))
}

test('total, slack and gains of small graphs are what listing every path says', () => {
  const { numRuns, seed } = runs(300)
  fc.assert(
    fc.property(drawnSteps, (steps) => {
      const { schedule } = analyse(
        steps.map(({ parents, ms }, index) => stepOf(index + 1, parents, { ranMs: ms })),
      )
      const paths = everyPath(steps)
      const longest = (of: readonly (readonly number[])[], left: number | null = null): number =>
        Math.max(
          ...of.map((path) =>
            path.reduce((sum, at) => sum + (at === left ? 0 : (steps[at]?.ms ?? 0)), 0),
          ),
        )
      const total = longest(paths)
      expect(schedule.criticalPathMs).toBe(total)
      for (const { stepId, slackMs } of schedule.steps)
        expect(slackMs).toBe(total - longest(paths.filter((path) => path.includes(stepId - 1))))
      const gains = steps
        .map((_, index) => total - longest(paths, index))
        .filter((gain) => gain > 0)
        .toSorted((a, b) => b - a)
      expect(schedule.timeBottlenecks.map(({ gainMs }) => gainMs)).toEqual(gains.slice(0, 5))
    }),
    { numRuns, seed },
  )
})

describe('a planted bottleneck', () => {
  const planted = fc.tuple(drawnSteps, fc.nat(), fc.array(fc.nat({ max: 4 }), { maxLength: 3 }))

  test('a failed step that others wait for is the first, whatever fails beside it without harm', () => {
    const { numRuns, seed } = runs(200)
    fc.assert(
      fc.property(planted, ([drawn, nat, failures]) => {
        const place = nat % drawn.length
        const last = drawn.length + 1
        const steps = [
          ...drawn.map(({ parents }, index) =>
            index === place
              ? stepOf(index + 1, parents, { state: 'error', attempts: 3 })
              : stepOf(index + 1, parents),
          ),
          stepOf(last, [place + 1], waiting),
          // They fail for good as well, and nothing waits for them.
          ...failures.map((attempts, index) =>
            stepOf(last + index + 1, [], { state: 'error', attempts }),
          ),
        ]
        const { bottlenecks, errorChains, taskExecutionSummary } = analyse(steps)
        expect(bottlenecks.bottlenecks[0]?.stepId).toBe(place + 1)
        expect(errorChains.mostCriticalError).toBe(`s${place + 1}`)
        expect(taskExecutionSummary.recommendations[0]).toBe(
          `Retry or resolve "s${place + 1}": it failed for good after 3 of 3 attempts; 1 step waits behind it.`,
        )
      }),
      { numRuns, seed },
    )
  })

  test('a slow step is the first of the time bottlenecks, and the advice names it, its time and the gain', () => {
    const { numRuns, seed } = runs(200)
    fc.assert(
      fc.property(planted, ([drawn, nat]) => {
        const place = nat % drawn.length
        const others = drawn.reduce((sum, { ms }, index) => sum + (index === place ? 0 : ms), 0)
        const ms = 2 * others + 1
        const steps = withTime(drawn, place, ms)
        const { schedule, taskExecutionSummary } = analyse(
          steps.map((step, index) => stepOf(index + 1, step.parents, { ranMs: step.ms })),
        )
        expect(schedule.timeBottlenecks[0]).toMatchObject({ stepId: place + 1, durationMs: ms })
        expect(taskExecutionSummary.recommendations[0]).toBe(
          `Shorten "s${place + 1}": it took ${ms} ms of the ${plainTotal(steps)} ms of the critical path; ` +
            `without it the path would be ${plainTotal(steps) - plainTotal(withTime(steps, place, 0))} ms shorter.`,
        )
      }),
      { numRuns, seed },
    )
  })
})

describe('work', () => {
  const ladder = (size: number): readonly TaskGraphStep[] =>
    Array.from({ length: size }, (_, index) =>
      stepOf(
        index + 1,
        [index - 2, index - 1, index].filter((parent) => parent > 0),
        { ...waiting, ranMs: 1 + (index % 7) },
      ),
    )

  /** How often the work looks at a step, at a list of its parents or children, or at one of those. */
  function looksOf(size: number, work: (graph: TaskGraph) => unknown): number {
    let looks = 0
    const counted = <Part extends object>(part: Part): Part =>
      new Proxy(part, {
        get: (target, key): unknown => {
          looks += 1
          return Reflect.get(target, key)
        },
      })
    const graph = taskGraph(ladder(size))
    work({
      steps: graph.steps.map(counted),
      parents: graph.parents.map(counted),
      children: graph.children.map(counted),
      levels: graph.levels,
    })
    return looks
  }

  const health = 'healthy'
  test.each<readonly [string, (graph: TaskGraph) => unknown]>([
    ['paths', (graph) => criticalPaths(graph, { health, weights })],
    [
      'schedule and gains',
      (graph) => {
        const timed = { ...graph, durations: graph.steps.map(({ ranMs }) => ranMs ?? 0) }
        return gainsOf(timed, scheduleOf(timed))
      },
    ],
    ['parallelism', parallelismOpportunities],
    ['steps behind, beyond what is counted exactly', (graph) => countDownstream(graph, 64)],
  ])('%s: eight times the graph is eight times the work', (_, work) => {
    const [small, large] = [looksOf(400, work), looksOf(3_200, work)]
    expect(small).toBeGreaterThan(0)
    expect(large / small).toBeGreaterThan(6)
    expect(large / small).toBeLessThan(8.5)
  })

  test('estimates of the steps behind are as near as the steps that stand for others', () => {
    const graph = taskGraph(ladder(3_000))
    const exact = countDownstream(graph)
    const estimated = countDownstream(graph, 300)
    expect([exact.isExact, estimated.isExact]).toEqual([true, false])
    const off = exact.total.map((total, place) => Math.abs(total - (estimated.total[place] ?? 0)))
    expect(Math.max(...off)).toBeLessThanOrEqual(10)
  })
})
