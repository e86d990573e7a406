// The reports about all tasks, of tasks that ran: what they measured, what failed, what waits, and what would help.
import { expect, test } from 'vitest'
import { defineTask, PermanentError } from '../../src/index.ts'
import { testClock } from '../../src/testing/index.ts'
import { databaseForFile } from '../support/database.ts'
import { stage } from './stage.ts'

const database = databaseForFile()
const second = 1_000
const hour = 3_600 * second

class GatewayTimeout extends Error {
  readonly code = 'GATEWAY_TIMEOUT'
}

/** Orders of which one fails once and one for good; each step takes the time that its name says. One at a time, so each exactly. */
async function setup() {
  const clock = testClock('2030-03-04T12:00:00.000Z')
  let failures = 0
  const orders = defineTask({ namespace: 'shop', name: 'order' })
    .step('fetch', async () => clock.advance(second))
    .step('charge', { dependsOn: ['fetch'] }, async ({ context }) => {
      await clock.advance(10 * second)
      if (context['fails'] === 'once' && (failures += 1) === 1) throw new GatewayTimeout('slow')
      if (context['fails'] === 'always') throw new PermanentError('the card is refused')
      return null
    })
    .step('pack', { dependsOn: ['fetch'] }, async () => clock.advance(4 * second))
    .step('ship', { dependsOn: ['charge', 'pack'] }, async () => clock.advance(second))
  const counts = defineTask({ namespace: 'stock', name: 'count' }).step('count', async () => null)
  const staged = await stage(database.url, { definitions: [orders, counts], slots: 1, clock })
  for (const fails of ['never', 'never', 'once', 'always']) {
    const { taskId } = await staged.tasker.tasks.create(orders, { context: { fails } })
    await staged.run(taskId)
  }
  await staged.run((await staged.tasker.tasks.create(counts, { context: {} })).taskId)
  return { ...staged, orders }
}

test('bottlenecks and performance say what was measured; they are kept for their time and no longer', async () => {
  const { tasker, clock, orders } = await setup()
  const report = await tasker.reports.bottlenecks({ namespace: 'shop' })
  const { bottleneckAnalysis: found, performanceDistribution: times } = report
  const order = { namespace: 'shop', name: 'order', version: '0.1.0' }
  expect(report).toMatchObject({
    generatedAt: clock.now(),
    isCached: false,
    expiresAt: new Date(clock.nowMs() + 120 * second),
    scope: { namespace: 'shop', name: null, version: null },
    analysisPeriodHours: 24,
    scopeSummary: { totalTasks: 4, uniqueTaskTypes: 1 },
  })
  expect(found.slowestSteps.map(({ step, durationMs }) => [step, durationMs]).slice(0, 4)).toEqual([
    ['charge', 10 * second],
    ['charge', 10 * second],
    ['charge', 10 * second],
    ['pack', 4 * second],
  ])
  expect(found.slowestTasks).toHaveLength(4)
  expect(found.errorPatterns).toEqual({
    totalErrors: 1,
    recentErrorRate: 25,
    commonErrorTypes: [
      {
        errorClass: 'GatewayTimeout',
        code: 'GATEWAY_TIMEOUT',
        attempts: 1,
        retried: 1,
        tasks: 1,
        step: 'charge',
        of: order,
      },
      {
        errorClass: 'PermanentError',
        code: null,
        attempts: 1,
        retried: 0,
        tasks: 1,
        step: 'charge',
        of: order,
      },
    ],
    retriedSteps: 1,
    retrySuccessRate: 100,
    tasksRead: 2,
    isExact: true,
  })
  // Tasks of 16 s, 16 s and, with a failed attempt, 26 s. Three runs of each step, four of fetch and pack.
  expect(times).toMatchObject({ tasksInWindow: 4, tasksRead: 4, isExact: true })
  expect(times.tasks).toMatchObject({ count: 3, p50Ms: 16 * second, maxMs: 26 * second })
  expect(times.steps).toMatchObject({ count: 14, p50Ms: 2.5 * second, maxMs: 10 * second })
  expect(times.steps.buckets.filter(({ count }) => count > 0)).toEqual([
    { range: '1-10 s', fromMs: second, toMs: 10 * second, count: 11 },
    { range: '10-30 s', fromMs: 10 * second, toMs: 30 * second, count: 3 },
  ])
  expect(report.recommendations.map(({ text }) => text)).toEqual([
    'Shorten "charge" of shop/order@0.1.0: it took p50 10.0 s (p95 10.0 s, 3 runs) of the 12.0 s of the critical path; ' +
      'without it the path would be 6.0 s shorter.',
    'Look at GatewayTimeout (GATEWAY_TIMEOUT) in "charge" of shop/order@0.1.0: it ended 1 attempt of 1 task; ' +
      'without it 1 further attempt and 0 final failures would not have been (1 task of the window is in error).',
    'Look at PermanentError in "charge" of shop/order@0.1.0: it ended 1 attempt of 1 task; ' +
      'without it 0 further attempts and 1 final failure would not have been (1 task of the window is in error).',
  ])

  const performance = await tasker.reports.performance()
  const trend = { taskThroughput: 5, stepThroughput: 17, completionRate: 80, errorRate: 20 }
  expect(performance).toMatchObject({
    isCached: false,
    systemOverview: {
      activeTasks: 0,
      totalNamespaces: 2,
      uniqueTaskTypes: 2,
      systemHealthScore: 0.8,
    },
    performanceTrends: { lastHour: trend, last4Hours: trend, last24Hours: trend },
    performanceDistribution: { isExact: true, tasksRead: 5 },
  })

  // Nothing of it is stale by accident: a new task is seen when the time is over, and the answer says so.
  await tasker.worker.stop()
  for (let task = 0; task < 2; task += 1) await tasker.tasks.create(orders, { context: { task } })
  await clock.advance(90 * second)
  const again = await tasker.reports.bottlenecks({ namespace: 'shop' })
  expect(again).toEqual({ ...report, isCached: true })
  expect((await tasker.reports.performance()).performanceTrends.lastHour.taskThroughput).toBe(7)
  await clock.advance(30 * second)
  const later = await tasker.reports.bottlenecks({ namespace: 'shop' })
  expect(later).toMatchObject({ isCached: false, scopeSummary: { totalTasks: 6 } })
  const standing = { waiting: 0, waitingMs: null, holding: 0, stepsHeldUp: 0, holdingMs: null }
  expect(later.bottleneckAnalysis.dependencyBottlenecks).toMatchObject({
    openTasks: 2,
    waitingSteps: 6,
    blockingDependencies: 8,
    avgWaitTimeMs: 120 * second,
    mostBlockingSteps: [
      { ...order, ...standing, step: 'fetch', holding: 2, stepsHeldUp: 4, holdingMs: 120 * second },
    ],
    isExact: true,
  })
  // All wait in as many tasks, so in no order.
  const { mostBlockedSteps } = later.bottleneckAnalysis.dependencyBottlenecks
  expect(mostBlockedSteps.toSorted((a, b) => a.step.localeCompare(b.step))).toEqual(
    ['charge', 'pack', 'ship'].map((step) => ({
      ...order,
      ...standing,
      step,
      waiting: 2,
      waitingMs: 120 * second,
    })),
  )
  expect(later.recommendations.at(-1)?.text).toBe(
    'Look at "fetch" of shop/order@0.1.0: it stands in 2 open tasks, for 2 min 00 s on average; ' +
      'once it is done 4 steps behind it can go on.',
  )

  // A window of hours is no more than that, and each question has an answer of its own.
  await clock.advance(2 * hour)
  expect(await tasker.reports.bottlenecks({ periodHours: 1 })).toMatchObject({
    scopeSummary: { totalTasks: 0 },
    bottleneckAnalysis: { slowestTasks: [] },
    performanceDistribution: { tasks: { count: 0, p50Ms: null }, isExact: true },
  })
  const byNamespace = await tasker.reports.bottlenecks({ namespace: 'stock' })
  const byName = await tasker.reports.bottlenecks({ name: 'stock' }) // of which there is none
  expect([byNamespace.scopeSummary.totalTasks, byName.scopeSummary.totalTasks]).toEqual([1, 0])
})

test.for([{ periodHours: 0 }, { periodHours: 721 }, { periodHours: 1.5 }, { period: 24 }])(
  'a filter such as %o is refused',
  async (filter) => {
    const { tasker } = await stage(database.url, { definitions: [], isWorking: false })
    await expect(tasker.reports.bottlenecks(filter)).rejects.toMatchObject({
      code: 'REQUEST_INVALID',
    })
  },
)
