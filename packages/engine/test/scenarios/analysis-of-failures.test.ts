// What the analysis says of failed steps: their paths, what they keep from running, how much they weigh.
import { describe, expect, test } from 'vitest'
import { defineTask, dependencyGraphPresets, PermanentError } from '../../src/index.ts'
import { defineShape, shapes } from '../../src/testing/index.ts'
import { databaseForFile } from '../support/database.ts'
import { alwaysFails, failsTimes, scripted } from './handlers.ts'
import { stage } from './stage.ts'

const database = databaseForFile()

test('B: two paths over five levels; the one with the failed step comes first', async () => {
  const definition = defineShape(
    { ...shapes.B, name: 'diamond_failing' },
    scripted({ branch_two_validate: failsTimes(1) }),
  )
  const { tasker, clock } = await stage(database.url, { definitions: [definition] })
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  tasker.worker.wake()
  await tasker.worker.idle()
  const { criticalPaths, dependencyGraph, errorChains, bottlenecks, taskExecutionSummary } =
    await tasker.reports.analysis(taskId)
  expect(new Set(Object.values(dependencyGraph.dependencyLevels)).size).toBe(5)
  expect(criticalPaths.totalPaths).toBe(2)
  expect(
    criticalPaths.paths.map(({ stepNames, errorSteps }) => [stepNames[1], errorSteps]),
  ).toEqual([
    ['branch_two_process', 1],
    ['branch_one_process', 0],
  ])
  expect(criticalPaths.paths[0]?.bottlenecks[0]).toEqual({
    stepId: 5,
    stepName: 'branch_two_validate',
    reason: 'In backoff period',
    severity: 15,
    impact: 'Blocks 2 downstream steps',
  })
  const nextRetryAt = new Date(clock.nowMs() + 1_000)
  expect(errorChains).toEqual({
    totalErrorSteps: 1,
    totalSteps: 7,
    errorPercentage: 14.3,
    totalBlockedByErrors: 2,
    mostCriticalError: 'branch_two_validate',
    errorChains: [
      {
        errorStepId: 5,
        errorStepName: 'branch_two_validate',
        errorAttempts: 1,
        retryLimit: 3,
        retryAnalysis: {
          exhausted: false,
          remainingAttempts: 2,
          inBackoff: true,
          nextRetryAt,
          retryable: true,
        },
        downstreamSteps: ['merge_branches', 'end_workflow'],
        blockedDownstreamSteps: ['merge_branches', 'end_workflow'],
        totalDownstreamSteps: 2,
        totalBlockedDownstreamSteps: 2,
        totalImpact: 15 * 2 + 5 * 2 + 3 * 1,
        recoveryStrategies: [expect.objectContaining({ strategy: 'Wait for Backoff' })],
      },
    ],
    recoveryPriority: [
      {
        stepName: 'branch_two_validate',
        priorityLevel: 'Medium',
        reason: 'Blocking 2 downstream steps',
        recommendedAction: 'Wait for Backoff',
      },
    ],
    taskHealth: 'recovering',
  })
  // (5 × 2 + 15 × 2) × 2.0 + 3
  expect(bottlenecks).toMatchObject({
    totalBottlenecks: 1,
    failedStepsRatio: 14.3,
    overallImpact: 'Medium',
    bottlenecks: [
      {
        impactScore: 83,
        severity: 'High',
        bottleneckType: 'Active Error',
        resolutionStrategy: 'Wait for backoff period',
        estimatedResolutionTime: '1 minute',
      },
    ],
  })
  expect(taskExecutionSummary).toMatchObject({ errorChainsCount: 1, overallHealth: 'warning' })
  expect(taskExecutionSummary.recommendations).toEqual([
    `Wait for "branch_two_validate": it failed 1 of 3 times and is tried again at ${nextRetryAt.toISOString()}; 2 steps wait behind it.`,
  ])
})

describe('a task that failed for good', () => {
  test('M, extract_orders exhausted: its chain, its impact, and what to do about it', async () => {
    const definition = defineShape(
      { ...shapes.M, name: 'analytics_exhausted' },
      scripted({ extract_orders: alwaysFails('Database connection timeout') }),
    )
    const { tasker, run } = await stage(database.url, { definitions: [definition] })
    const { taskId } = await tasker.tasks.create(definition, { context: {} })
    await run(taskId)
    const { errorChains, bottlenecks, taskExecutionSummary } = await tasker.reports.analysis(taskId)
    expect(errorChains.errorChains).toHaveLength(1)
    expect(errorChains.errorChains[0]).toMatchObject({
      errorStepName: 'extract_orders',
      errorAttempts: 3,
      retryAnalysis: {
        exhausted: true,
        remainingAttempts: 0,
        inBackoff: false,
        nextRetryAt: null,
        retryable: false,
      },
      totalDownstreamSteps: 5,
      totalBlockedDownstreamSteps: 5,
      totalImpact: 15 * 5 + 5 * 5 + 20 + 3 * 3,
      recoveryStrategies: [
        { strategy: 'Manual Resolution', priority: 'High' },
        { strategy: 'Increase Retry Limit', priority: 'Medium' },
      ],
    })
    expect(errorChains.recoveryPriority).toEqual([
      {
        stepName: 'extract_orders',
        priorityLevel: 'Critical',
        reason: 'Blocking 5 downstream steps',
        recommendedAction: 'Manual Resolution',
      },
    ])
    // (5 × 5 + 15 × 5) × (2.0 + 0.5) + 3 × 3 + 10 + 20
    expect(bottlenecks).toMatchObject({
      totalBottlenecks: 1,
      criticalBottlenecks: 1,
      overallImpact: 'High',
      taskHealth: 'blocked',
      bottlenecks: [
        {
          impactScore: 289,
          severity: 'Critical',
          bottleneckType: 'Permanent Failure',
          resolutionStrategy: 'Manual intervention required',
          estimatedResolutionTime: 'Immediate action needed',
        },
      ],
    })
    expect(taskExecutionSummary).toMatchObject({
      criticalBottlenecksCount: 1,
      overallHealth: 'critical',
      recommendations: [
        'Retry or resolve "extract_orders": it failed for good after 3 of 3 attempts; 5 steps wait behind it.',
      ],
    })
  })

  test('a permanent error is no exhaustion: its attempts are left', async () => {
    const definition = defineTask({ name: 'analysed_permanent' })
      .step('refuse', async () => {
        throw new PermanentError('no')
      })
      .step('after', { dependsOn: ['refuse'] }, async () => null)
    const { tasker, run } = await stage(database.url, { definitions: [definition] })
    const { taskId } = await tasker.tasks.create(definition, { context: {} })
    await run(taskId)
    const { bottlenecks, errorChains, criticalPaths } = await tasker.reports.analysis(taskId)
    expect(bottlenecks.bottlenecks[0]).toMatchObject({
      bottleneckType: 'Non-Retryable',
      impactScore: (5 + 15) * 2 + 3 + 10,
    })
    expect(errorChains.recoveryPriority[0]?.recommendedAction).toBe('Investigate Root Cause')
    expect(criticalPaths.paths[0]?.bottlenecks[0]?.reason).toBe('In error state')
  })

  test('a complete step that needed two attempts is no bottleneck (W60)', async () => {
    const definition = defineShape(
      { ...shapes.I, name: 'second_try' },
      scripted({ step_1: failsTimes(1), step_2: alwaysFails('for good') }),
    )
    const { tasker, run } = await stage(database.url, { definitions: [definition] })
    const { taskId } = await tasker.tasks.create(definition, { context: {} })
    await run(taskId)
    const { bottlenecks } = await tasker.reports.analysis(taskId)
    expect(bottlenecks.bottlenecks.map(({ stepName }) => stepName)).toEqual(['step_2'])
  })
})

test('the weights of the configuration take effect; each of them: config/dependency-graph.test.ts', async () => {
  const definition = defineShape(
    { ...shapes.B, name: 'diamond_weighed' },
    scripted({ branch_two_validate: alwaysFails('for good') }),
  )
  const { tasker, run } = await stage(database.url, { definitions: [definition] })
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  await run(taskId)
  const severityBy = async (dependencyGraph: object) => {
    const { tasker: other } = await stage(database.url, {
      definitions: [definition],
      isWorking: false,
      dependencyGraph,
    })
    const { bottlenecks } = await other.reports.analysis(taskId)
    return [bottlenecks.bottlenecks[0]?.impactScore, bottlenecks.bottlenecks[0]?.severity]
  }
  // (5 × 2 + 15 × 2) × 2.5 + 3 × 3 + 10 + 20
  expect(await severityBy({})).toEqual([139, 'Critical'])
  expect(await severityBy(dependencyGraphPresets.longRunning)).toEqual([139, 'High'])
  // (5 × 2 + 25 × 2) × 2.5 + 3 × 3 + 10 + 20
  expect(await severityBy(dependencyGraphPresets.highVolume)).toEqual([189, 'Critical'])
})
