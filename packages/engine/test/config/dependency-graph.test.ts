// The section `dependencyGraph`: the worked examples of the first generation's developer guide, §7, with its numbers; its three
// presets; and that each option changes what an analysis says.
import { describe, expect, test } from 'vitest'
import { dependencyGraphPresets, resolveConfig, type TaskerOptionsInput } from '../../src/config.ts'
import type { TaskGraphStep } from '../../src/database/read-task-graph.ts'
import { analyseReading } from '../../src/reports/analysis/analyse-task.ts'
import { severityOf } from '../../src/reports/analysis/step-facts.ts'
import type { HealthStatus } from '../../src/states.ts'

type Given = NonNullable<TaskerOptionsInput['dependencyGraph']>

const weightsOf = (dependencyGraph: Given = {}) =>
  resolveConfig({ env: {}, code: { dependencyGraph } }).config.dependencyGraph
const usual = weightsOf()

/** A chain: what is given first, then as many steps that wait for it. */
function chain(first: Partial<TaskGraphStep>, behind: number): readonly TaskGraphStep[] {
  const blocked: Partial<TaskGraphStep> = { dependenciesSatisfied: false, blockedBy: 'parent' }
  return Array.from({ length: behind + 1 }, (_, index) => ({
    stepNo: index + 1,
    name: `s${index + 1}`,
    parents: index === 0 ? [] : [index],
    state: 'pending',
    isReady: false,
    blockedBy: null,
    attempts: 0,
    retryLimit: 3,
    dependenciesSatisfied: true,
    retryEligible: true,
    nextRetryAt: null,
    ranMs: null,
    ...(index === 0 ? first : blocked),
  }))
}

const failing: Partial<TaskGraphStep> = { state: 'error', attempts: 1, blockedBy: 'retry' }
const refused: Partial<TaskGraphStep> = { state: 'error', attempts: 1, retryEligible: false }
const exhausted: Partial<TaskGraphStep> = { state: 'error', attempts: 3, retryEligible: false }
const unstable: Partial<TaskGraphStep> = { state: 'in_progress', attempts: 2 }

const analyse = (
  steps: readonly TaskGraphStep[],
  given: Given = {},
  health: HealthStatus = 'recovering',
) => analyseReading({ at: new Date('2030-01-01T00:00:00Z'), health, steps }, weightsOf(given))
const scoreOf = (steps: readonly TaskGraphStep[], given: Given = {}, stepId = 1): number =>
  analyse(steps, given).bottlenecks.bottlenecks.find((item) => item.stepId === stepId)
    ?.impactScore ?? Number.NaN

/** Without the points per attempt and the like, so that the multiplier alone is seen. */
const noPenalties: Given = {
  penaltyConstants: { retryInstability: 0, nonRetryable: 0, exhaustedRetry: 0 },
}

describe('the guide', () => {
  // base_score = (downstream_count * downstream_weight) + (blocked_count * blocked_weight)
  const base = 4 * 5 + 4 * 15

  test.each([
    ['Normal step: base_score * 1.0', unstable, 1],
    ['Error step: base_score * 2.0', failing, 2],
    ['Error step with exhausted retries: base_score * 2.5', exhausted, 2.5],
  ])('%s', (_, first, multiplier) => {
    expect(scoreOf(chain(first, 4), noPenalties)).toBe(base * multiplier)
  })

  test('Dependency blocked step: base_score * 1.2', () => {
    // The second of six waits for the first, and four wait for it.
    expect(scoreOf(chain(unstable, 5), noPenalties, 2)).toBe(base * 1.2)
  })

  test('Step with 2 retry attempts: +6 penalty points', () => {
    expect(scoreOf(chain(unstable, 4))).toBe(base + 6)
  })

  test('Non-retryable failure: +10 penalty points', () => {
    expect(scoreOf(chain(refused, 4))).toBe(base * 2 + 3 + 10)
  })

  test('Exhausted retries (3+ attempts): +20 penalty points', () => {
    expect(scoreOf(chain(exhausted, 4))).toBe(base * 2.5 + 3 * 3 + 10 + 20)
  })

  test.each([
    [150, 'Critical'],
    [100, 'Critical'],
    [75, 'High'],
    [50, 'High'],
    [35, 'Medium'],
    [20, 'Medium'],
    [10, 'Low'],
  ])('Score %i: %s', (score, severity) => {
    expect(severityOf(score, usual)).toBe(severity)
  })

  test('estimated_duration = step_count * 30 + error_steps * 60 + total_retry_attempts * 30', () => {
    const [path] = analyse(chain({ ...failing, attempts: 2 }, 4)).criticalPaths.paths
    expect(path?.estimatedDuration).toBe(5 * 30 + 1 * 60 + 2 * 30)
  })

  test('path_length * path_length_weight, and a penalty for each step of a path by how it is', () => {
    const [path] = analyse(chain(failing, 4)).criticalPaths.paths
    const minutes = (5 * 30 + 60 + 30) / 60
    expect(path?.criticalityScore).toBe(5 * 10 + (4 * 25 + 1 * 30) * 1.5 + 1 * 10 + 2 * minutes)
    const [done] = analyse(chain({ state: 'complete', attempts: 1 }, 4)).criticalPaths.paths
    const before = 5 * 10 - 1 * 15 + 4 * 25 * 1.5 + 2 * ((5 * 30 + 30) / 60)
    expect(done?.criticalityScore).toBe(Math.round(before * (1 - 0.3 / 5) * 100) / 100)
  })

  test('its quick configuration weighs blocked steps with 20 instead of 15, and calls 80 critical', () => {
    const quick: Given = {
      impactMultipliers: { blockedWeight: 20, errorPenalty: 40 },
      severityThresholds: { critical: 80, high: 40, medium: 15 },
    }
    const steps = chain(unstable, 3)
    const [before] = analyse(steps).bottlenecks.bottlenecks
    const [after] = analyse(steps, quick).bottlenecks.bottlenecks
    expect([before?.impactScore, before?.severity]).toEqual([3 * 5 + 3 * 15 + 6, 'High'])
    expect([after?.impactScore, after?.severity]).toEqual([3 * 5 + 3 * 20 + 6, 'Critical'])
  })
})

describe('presets', () => {
  test('say the numbers of the guide, and leave the others as they are', () => {
    expect(weightsOf(dependencyGraphPresets.highVolume)).toEqual({
      ...usual,
      impactMultipliers: { ...usual.impactMultipliers, blockedWeight: 25, errorPenalty: 40 },
      severityThresholds: { critical: 75, high: 35, medium: 15 },
      durationEstimates: {
        ...usual.durationEstimates,
        baseStepSeconds: 15,
        errorPenaltySeconds: 45,
      },
    })
    expect(weightsOf(dependencyGraphPresets.longRunning)).toEqual({
      ...usual,
      impactMultipliers: { ...usual.impactMultipliers, pathLengthWeight: 20, completedPenalty: 5 },
      severityThresholds: { critical: 200, high: 100, medium: 50 },
      durationEstimates: {
        ...usual.durationEstimates,
        baseStepSeconds: 120,
        errorPenaltySeconds: 300,
      },
    })
    expect(weightsOf(dependencyGraphPresets.realTime)).toEqual({
      ...usual,
      impactMultipliers: { ...usual.impactMultipliers, retryPenalty: 20, errorPenalty: 50 },
      severityThresholds: { critical: 30, high: 15, medium: 5 },
      durationEstimates: { baseStepSeconds: 1, errorPenaltySeconds: 10, retryPenaltySeconds: 5 },
    })
  })

  test('judge the same failed step as severe as their kind of work does', () => {
    const severity = (preset: Given) =>
      analyse(chain(failing, 1), preset).bottlenecks.bottlenecks.map((found) => found.severity)
    // (5 + 15) × 2 + 3, or (5 + 25) × 2 + 3
    expect(severity({})).toEqual(['Medium'])
    expect(severity(dependencyGraphPresets.highVolume)).toEqual(['High'])
    expect(severity(dependencyGraphPresets.longRunning)).toEqual(['Low'])
    expect(severity(dependencyGraphPresets.realTime)).toEqual(['Critical'])
  })
})

test('each option changes what an analysis says', () => {
  const readings = [
    chain(failing, 1),
    chain(exhausted, 4),
    chain(unstable, 3),
    chain({ state: 'complete', attempts: 1 }, 4),
  ]
  const all = (given: Given = {}): string =>
    JSON.stringify(readings.map((steps) => analyse(steps, given)))
  // Scores of 43, 289 and 66: each threshold is moved behind one of them.
  const thresholds = new Map([
    ['critical', 1_000],
    ['high', 99],
    ['medium', 49],
  ])
  const before = all()
  const without = Object.entries(usual).flatMap(([group, values]) =>
    Object.entries(values).flatMap(([name, value]) => {
      const changed = thresholds.get(name) ?? value + 7
      return all({ [group]: { [name]: changed } }) === before ? [`${group}.${name}`] : []
    }),
  )
  expect(without).toEqual([])
})
