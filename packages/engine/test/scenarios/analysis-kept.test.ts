// An analysis is kept while nothing of its task changes; and what it finds is told once.
import { expect, test } from 'vitest'
import { defineTask } from '../../src/index.ts'
import { databaseForFile } from '../support/database.ts'
import { alwaysFails, gate, succeeds } from './handlers.ts'
import { stage } from './stage.ts'

const database = databaseForFile()

test('whatever changes a task makes its analysis anew; without a change it is the kept one', async () => {
  const claimed = gate()
  const claimedAgain = gate()
  const definition = defineTask({ namespace: 'kept', name: 'analysed_often' })
    .step('first', async () => claimed.opened)
    .step('flaky', { dependsOn: ['first'] }, async ({ attempt }) => {
      if (attempt === 1) throw new Error('as scripted')
      await claimedAgain.opened
    })
    .step('last', { dependsOn: ['flaky'] }, alwaysFails('for good'))
  const given = { definitions: [definition], cache: { adaptiveTtlEnabled: false } }
  const { tasker, clock, events, run } = await stage(database.url, given)
  const { tasker: beside } = await stage(database.url, { ...given, isWorking: false, clock })
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  await events.until('step.execution_requested')

  const seen = new Set<string>()
  /** Made anew by this Tasker, kept at the second call, and what another one says that has nothing of it yet. */
  const expectNew = async (what: string): Promise<void> => {
    const { isCached, expiresAt, ...made } = await tasker.reports.analysis(taskId)
    expect([what, isCached, expiresAt]).toEqual([what, false, new Date(clock.nowMs() + 90_000)])
    expect(await tasker.reports.analysis(taskId)).toEqual({ ...made, isCached: true, expiresAt })
    const { isCached: _, expiresAt: __, ...fresh } = await beside.reports.analysis(taskId)
    expect(made).toEqual(fresh)
    seen.add(JSON.stringify({ ...made, generatedAt: null }))
  }
  await expectNew('claimed')
  await clock.advance(90_000)
  await expectNew('90 s later')
  claimed.open()
  await events.until('step.retry_requested')
  await expectNew('failed')
  await tasker.tasks.hold(taskId)
  await expectNew('held')
  await tasker.tasks.resume(taskId)
  await tasker.namespaces.hold('kept')
  await expectNew('resumed, the namespace held')
  await clock.advance(2_000)
  await expectNew('due, and not started')
  await tasker.namespaces.resume('kept')
  tasker.worker.wake()
  await events.until('step.execution_requested', ({ attempt }) => attempt === 2)
  await expectNew('claimed again, of which the history has no entry')
  claimedAgain.open()
  await run(taskId)
  await expectNew('failed for good')
  await tasker.worker.stop()
  await tasker.tasks.setRetryLimit(taskId, { step: 'last', limit: 7 })
  await expectNew('another retry limit')
  await tasker.tasks.resolve(taskId, { step: 'last' })
  await expectNew('resolved')
  expect(seen.size).toBeGreaterThanOrEqual(7) // nearly each said something else
})

test('a failed step of high severity is told once by each process, and again when it is found again', async () => {
  const definition = defineTask({ name: 'analysed_bottleneck' })
    .step('import', alwaysFails('for good'))
    .step('check', { dependsOn: ['import'] }, succeeds)
    .step('store', { dependsOn: ['check'] }, succeeds)
  const { tasker, events, run } = await stage(database.url, { definitions: [definition] })
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  await run(taskId)
  const told = () => events.of('task.bottleneck_detected')
  expect(told()).toEqual([]) // nobody has looked
  await Promise.all([tasker.reports.analysis(taskId), tasker.reports.analysis(taskId)])
  const found = {
    taskId,
    namespace: 'default',
    taskName: 'analysed_bottleneck',
    version: '0.1.0',
    stepName: 'import',
    severity: 'Critical',
    // (5 × 2 + 15 × 2) × 2.5 + 3 × 3 + 10 + 20
    impactScore: 139,
    bottleneckType: 'Permanent Failure',
    blockedSteps: 2,
    resolution: 'Manual intervention required',
  }
  expect(told()).toEqual([found])
  await tasker.worker.stop()
  // With an attempt left it is no more exhausted; still it failed, and still it holds the others up.
  await tasker.tasks.setRetryLimit(taskId, { step: 'import', limit: 4 })
  await tasker.reports.analysis(taskId)
  expect(
    told()
      .slice(1)
      .map(({ severity, impactScore }) => [severity, impactScore]),
  ).toEqual([['High', 5 * 2 * 2 + 15 * 2 * 2 + 9 + 10]])
  await tasker.tasks.resolve(taskId, { step: 'import' })
  expect((await tasker.reports.analysis(taskId)).bottlenecks.criticalBottlenecks).toBe(0)
  expect(told()).toHaveLength(2)
})

test('steps that only wait are no trouble: nothing is told of a task in which all is well', async () => {
  const definition = defineTask({ name: 'analysed_chain' })
    .step('one', succeeds)
    .step('two', { dependsOn: ['one'] }, succeeds)
    .step('three', { dependsOn: ['two'] }, succeeds)
    .step('four', { dependsOn: ['three'] }, succeeds)
    .step('five', { dependsOn: ['four'] }, succeeds)
  const { tasker, events } = await stage(database.url, {
    definitions: [definition],
    isWorking: false,
  })
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  const { bottlenecks } = await tasker.reports.analysis(taskId)
  expect(bottlenecks.bottlenecks[0]?.severity).toBe('High')
  expect(events.of('task.bottleneck_detected')).toEqual([])
})

test('what other tasks of the definition took is what is expected of this one, and its advice', async () => {
  const definition = defineTask({ name: 'analysed_usual' })
    .step('fetch', async ({ context }) => clock.advance(Number(context['ms'])))
    .step('store', { dependsOn: ['fetch'] }, async () => clock.advance(1_000))
  const { tasker, clock, run } = await stage(database.url, { definitions: [definition] })
  for (const ms of [2_000, 4_000, 6_000])
    await run((await tasker.tasks.create(definition, { context: { ms } })).taskId)
  await tasker.worker.stop()
  const { taskId } = await tasker.tasks.create(definition, { context: { ms: 1 } })
  const { schedule, taskExecutionSummary } = await tasker.reports.analysis(taskId)
  expect(schedule).toMatchObject({
    criticalPathMs: 5_000,
    criticalPathNames: ['fetch', 'store'],
    durationsFrom: { measured: 0, usual: 2, estimated: 0 },
    timeBottlenecks: [
      {
        stepName: 'fetch',
        usual: { p50Ms: 4_000, runs: 3 },
        gainMs: 4_000,
        shareOfCriticalPath: 80,
      },
      { stepName: 'store', gainMs: 1_000 },
    ],
  })
  expect(taskExecutionSummary.recommendations).toEqual([
    'Shorten "fetch": it takes p50 4.0 s of 3 runs, of the 5.0 s of the critical path; without it the path would be 4.0 s shorter.',
    'Shorten "store": it takes p50 1.0 s of 3 runs, of the 5.0 s of the critical path; without it the path would be 1.0 s shorter.',
  ])
})
