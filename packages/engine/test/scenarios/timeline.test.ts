// The timeline of a task: who did what, when, why, and how long it took, on a clock that tests set. Times add up, and
// equal what a plain pass over the raw history says.
import { expect, onTestFinished, test } from 'vitest'
import type { HistoryRow } from '../../src/database/read-tasks.ts'
import { defineTask } from '../../src/definitions/builder.ts'
import type { RunStep } from '../../src/definitions/model.ts'
import { PermanentError } from '../../src/errors.ts'
import type { StepTimes, Timeline, TimelineEntry } from '../../src/reports/timeline.ts'
import { defineShape, shapes, testClock } from '../../src/testing/index.ts'
import { databaseForFile } from '../support/database.ts'
import { alwaysFails, gate, succeeds } from './handlers.ts'
import { stage, type Stage } from './stage.ts'

const database = databaseForFile()
const start = new Date('2030-01-01T00:00:00.000Z') // of every test clock
const after = (seconds: number): Date => new Date(start.getTime() + seconds * 1_000)
const hourMs = 3_600_000

const noTime = {
  blockedMs: 0,
  waitedMs: 0,
  ranMs: 0,
  lostMs: 0,
  backedOffMs: 0,
  pausedMs: 0,
  stoppedMs: 0,
}

const kindsOf = (timeline: Timeline, step: string | null): readonly string[] =>
  timeline.entries.filter((entry) => entry.step === step).map(({ kind }) => kind)

const timesOf = (timeline: Timeline, name: string): StepTimes | undefined =>
  timeline.steps.find(({ step }) => step === name)

function entryOf(timeline: Timeline, step: string | null, kind: string): TimelineEntry {
  const entry = timeline.entries.find((one) => one.step === step && one.kind === kind)
  if (entry === undefined) throw new Error(`There is no entry ${kind} of ${step}.`)
  return entry
}

/** Lets the claims of the moment be made, and nothing after them. */
async function claims({ tasker }: Stage): Promise<void> {
  tasker.worker.wake()
  await tasker.worker.settled()
}

test('a retry and a wait: blocked, waited, ran, backed off and paused stand where they belong', async () => {
  const doors = [gate(), gate(), gate()]
  const charge: RunStep = async (step) => {
    const { claimNo } = step
    await doors[claimNo - 1]?.opened
    if (claimNo === 1) throw new Error('gateway')
    if (claimNo === 2) return step.waitUntil(after(60), 'settles at night')
    return { charged: 1 }
  }
  const definition = defineTask({ name: 'timed' })
    .step('charge', charge)
    .step('receipt', { dependsOn: ['charge'] }, succeeds)
  const set = await stage(database.url, { definitions: [definition], isWorking: false })
  const { tasker, clock, events } = set
  const { taskId } = await tasker.tasks.create(definition, {
    context: {},
    initiator: 'shop',
    reason: 'order 7',
  })
  await clock.advance(5_000) // nobody works: it waits
  await tasker.worker.start()
  await events.until('step.execution_requested')
  await clock.advance(2_000) // it runs
  doors[0]?.open()
  await events.until('step.failed')
  await tasker.worker.idle()
  await clock.advanceTo(after(8)) // it backs off by the ladder
  await claims(set)
  await clock.advance(3_000)
  doors[1]?.open()
  await events.until('step.waiting')
  await tasker.worker.stop()
  await clock.advanceTo(after(64)) // asked for 60: four seconds without a worker
  await tasker.worker.start()
  await events.until('step.execution_requested', ({ claimNo }) => claimNo === 3)
  await clock.advance(1_000)
  doors[2]?.open()
  await tasker.tasks.waitFor(taskId)
  const timeline = await tasker.tasks.timeline(taskId)

  expect(kindsOf(timeline, null)).toEqual(['created', 'started', 'ended'])
  expect(kindsOf(timeline, 'charge')).toEqual([
    'claimed',
    'will_retry',
    'claimed',
    'waits',
    'claimed',
    'completed',
  ])
  expect(timeline.entries.filter(({ step }) => step === 'charge').map(({ took }) => took)).toEqual([
    { blockedMs: 0, waitedMs: 5_000 },
    { ranMs: 2_000 },
    { backedOffMs: 1_000, waitedMs: 0 },
    { ranMs: 3_000 },
    { pausedMs: 49_000, waitedMs: 4_000 },
    { ranMs: 1_000 },
  ])
  expect(timeline).toMatchObject({
    name: 'timed',
    state: 'complete',
    createdAt: start,
    endedAt: after(65),
    steps: [
      {
        step: 'charge',
        state: 'complete',
        claims: 3,
        ...noTime,
        waitedMs: 9_000,
        ranMs: 6_000,
        backedOffMs: 1_000,
        pausedMs: 49_000,
        totalMs: 65_000,
      },
      { step: 'receipt', claims: 1, ...noTime, blockedMs: 65_000, totalMs: 65_000 },
    ],
  })
  expect(entryOf(timeline, null, 'created')).toMatchObject({
    who: { kind: 'person', name: 'shop', host: null, pid: null },
    why: 'order 7',
    from: null,
    to: 'pending',
  })
  expect(entryOf(timeline, 'charge', 'will_retry')).toMatchObject({
    who: { kind: 'worker', pid: process.pid, host: expect.stringMatching(/./) as unknown },
    error: { class: 'Error', message: 'gateway' },
    attempt: 1,
    dueAt: after(8),
  })
  expect(entryOf(timeline, 'charge', 'waits')).toMatchObject({
    why: 'settles at night',
    dueAt: after(60),
  })
})

test('a lost worker: its time is lost, the taking over is signed, and the late outcome is refused and counted nowhere', async () => {
  const frozen = gate()
  const definition = defineTask({ name: 'lost_time' }).step('only', async ({ claimNo }) => {
    if (claimNo === 1) await frozen.opened
    return { claimNo }
  })
  const dying = await stage(database.url, { definitions: [definition] })
  const { taskId } = await dying.tasker.tasks.create(definition, { context: {} })
  await dying.events.until('step.execution_requested')
  const other = await stage(database.url, { definitions: [definition], clock: testClock() })
  await other.clock.advance(2 * hourMs)
  await other.run(taskId)
  await dying.clock.advance(100_000) // it believes itself alive
  frozen.open()
  await dying.tasker.worker.idle()

  const timeline = await other.tasker.tasks.timeline(taskId)
  expect(kindsOf(timeline, 'only')).toEqual([
    'claimed',
    'lost',
    'claimed',
    'completed',
    'outcome_refused',
  ])
  const lost = entryOf(timeline, 'only', 'lost')
  const lostMs = lost.at.getTime() - start.getTime()
  expect(lostMs).toBeGreaterThanOrEqual(hourMs) // the lease
  expect(lost).toMatchObject({
    who: { kind: 'rescue', pid: process.pid },
    why: 'worker_lost',
    took: { lostMs },
    error: { message: expect.stringContaining('stopped renewing') as unknown },
  })
  const refused = entryOf(timeline, 'only', 'outcome_refused')
  expect(refused.took).toEqual({ ranMs: 100_000 })
  const only = timesOf(timeline, 'only')
  expect(only).toMatchObject({ claims: 2, lostMs, backedOffMs: 0, stoppedMs: 0 })
  const completedAt = entryOf(timeline, 'only', 'completed').at
  expect(only?.totalMs).toBe(completedAt.getTime() - start.getTime())
  // The late attempt is not in it.
  expect((only?.waitedMs ?? 0) + (only?.ranMs ?? 0)).toBe(completedAt.getTime() - lost.at.getTime())
})

test('a cancel: the running step ran until then, the one behind it was blocked until then, each signed', async () => {
  const open = gate()
  onTestFinished(() => open.open())
  const definition = defineTask({ name: 'cancelled_time' })
    .step('runs', async () => open.opened)
    .step('behind', { dependsOn: ['runs'] }, succeeds)
  const { tasker, clock, events } = await stage(database.url, { definitions: [definition] })
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  await events.until('step.execution_requested')
  await clock.advance(7_000)
  const running = await tasker.tasks.timeline(taskId)
  expect(timesOf(running, 'runs')).toMatchObject({ state: 'in_progress', ranMs: 7_000 }) // so far
  await tasker.tasks.cancel(taskId, { actor: 'ana', reason: 'ordered twice' })
  await tasker.worker.idle() // called off; its handler does not listen
  await clock.advance(60_000)
  open.open()
  await events.until('step.outcome_refused')

  const timeline = await tasker.tasks.timeline(taskId)
  expect(kindsOf(timeline, null)).toEqual(['created', 'started', 'ended'])
  expect(kindsOf(timeline, 'runs')).toEqual(['claimed', 'cancelled', 'outcome_refused'])
  expect(entryOf(timeline, 'runs', 'cancelled')).toMatchObject({
    who: { kind: 'person', name: 'ana' },
    why: 'ordered twice',
    took: { ranMs: 7_000 },
  })
  expect(entryOf(timeline, 'runs', 'outcome_refused').took).toEqual({ ranMs: 67_000 })
  expect(timeline.steps).toEqual([
    { step: 'runs', state: 'cancelled', claims: 1, ...noTime, ranMs: 7_000, totalMs: 7_000 },
    { step: 'behind', state: 'cancelled', claims: 0, ...noTime, blockedMs: 7_000, totalMs: 7_000 },
  ])
})

test('operators: hold, resume, retry now, wake, retry, revive, resolve and skip are words of their own', async () => {
  const charge: RunStep = async ({ attempt }) => {
    if (attempt === 1) throw new Error('not yet')
    throw new PermanentError('never')
  }
  const definition = defineTask({ name: 'operated' })
    .step('charge', charge)
    .step('ask', async ({ claimNo, waitUntil }) =>
      claimNo === 1 ? waitUntil(after(86_400), 'tomorrow') : null,
    )
    .step('ship', { dependsOn: ['charge'] }, succeeds)
    .step('mail', { dependsOn: ['charge'] }, succeeds)
  const { tasker, clock, run } = await stage(database.url, { definitions: [definition] })
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  const by = (reason: string) => ({ actor: 'ana', reason })
  const { tasks, worker } = tasker
  await worker.idle()
  await tasks.hold(taskId, by('look first'))
  await tasks.resume(taskId, by('looked'))
  await tasks.setRetryLimit(taskId, { step: 'charge', limit: 5, ...by('be patient') })
  await tasks.retryNow(taskId, { step: 'charge', ...by('do not wait') })
  await worker.idle()
  await tasks.wake(taskId, { step: 'ask', ...by('it is tomorrow') })
  await worker.idle()
  await clock.advance(30_000) // the task is in error
  await tasks.skip(taskId, { step: 'mail', ...by('by post') })
  await tasks.retry(taskId, { step: 'charge', ...by('again') })
  await worker.idle()
  await clock.advance(10_000)
  await tasks.resolve(taskId, { step: 'charge', result: { paid: 'cash' }, ...by('paid in cash') })
  await run(taskId)

  const timeline = await tasks.timeline(taskId)
  expect(kindsOf(timeline, null)).toEqual([
    'created',
    'started',
    'held',
    'resumed',
    'ended',
    'revived',
    'ended',
    'revived',
    'ended',
  ])
  expect(kindsOf(timeline, 'charge')).toEqual([
    'claimed',
    'will_retry',
    'retry_limit_changed',
    'retry_now',
    'claimed',
    'failed',
    'retried',
    'claimed',
    'failed',
    'resolved',
  ])
  expect(kindsOf(timeline, 'ask')).toEqual(['claimed', 'waits', 'woken', 'claimed', 'completed'])
  expect(kindsOf(timeline, 'mail')).toEqual(['skipped'])
  const operated = timeline.entries.filter(({ who }) => who.name === 'ana')
  expect(new Set(operated.map(({ who }) => who.kind))).toEqual(new Set(['person']))
  expect(operated.map(({ why }) => why)).toEqual(
    expect.arrayContaining(['look first', 'be patient', 'do not wait', 'paid in cash']),
  )
  expect(timesOf(timeline, 'charge')).toMatchObject({
    state: 'resolved_manually',
    claims: 3,
    ...noTime,
    stoppedMs: 40_000, // in error for good: 30 s, and again 10 s
    totalMs: 40_000,
  })
  expect(timesOf(timeline, 'ask')).toMatchObject({ ...noTime, totalMs: 0 }) // woken at once
  expect(timesOf(timeline, 'mail')).toMatchObject({ blockedMs: 30_000, totalMs: 30_000 })
})

test('a rerun: what was taken over took no time, and the old task knows of the new one', async () => {
  const definition = defineTask({ name: 'rerun_time' })
    .step('first', succeeds)
    .step('second', { dependsOn: ['first'] }, succeeds)
  const { tasker, clock, run } = await stage(database.url, { definitions: [definition] })
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  await run(taskId)
  await clock.advance(9_000)
  const again = await tasker.tasks.rerun(taskId, { from: ['second'], actor: 'ana' })
  await run(again.taskId ?? '')
  const timeline = await tasker.tasks.timeline(again.taskId ?? '')
  expect(entryOf(timeline, null, 'created')).toMatchObject({ who: { name: 'ana' } })
  expect(timeline.steps).toMatchObject([
    { step: 'first', state: 'complete', claims: 0, ...noTime, totalMs: 0 },
    { step: 'second', state: 'complete', claims: 1, ...noTime, totalMs: 0 },
  ])
  expect(kindsOf(await tasker.tasks.timeline(taskId), null).at(-1)).toBe('rerun')
})

/** A plain pass over the raw history: time in attempts, by claim. */
function ranMsOf(history: readonly HistoryRow[], name: string): number {
  const rows = history.filter(({ step, from, to }) => step === name && from !== to)
  const endOf = (claim: HistoryRow): number | undefined =>
    rows
      .find(({ claimNo, from }) => claimNo === claim.claimNo && from === 'in_progress')
      ?.at.getTime()
  return rows
    .filter(({ to }) => to === 'in_progress')
    .reduce((total, claim) => total + (endOf(claim) ?? 0) - claim.at.getTime(), 0)
}

test('of any history: phases add up, entries add up to steps, and running time is what the raw rows say', async () => {
  for (const id of ['B', 'E', 'J', 'P'] as const) {
    const shape = { ...shapes[id], name: `added_up_${id}` }
    const last = shape.steps.at(-1)?.name
    const definition = defineShape(shape, (name) => async (execution) => {
      const { attempt, claimNo } = execution
      if (name === last) return alwaysFails('in the end')(execution)
      if (name.length % 2 === 0 && attempt === 1) throw new Error('once')
      if (name.length % 3 === 0 && claimNo < 3)
        return execution.waitUntil(new Date(clock.nowMs() + 7_000), 'scripted')
      return null
    })
    const { tasker, clock } = await stage(database.url, { definitions: [definition], slots: 1 })
    const { taskId } = await tasker.tasks.create(definition, { context: {} })
    for (let seconds = 0; seconds < 120; seconds += 1) {
      tasker.worker.wake()
      await tasker.worker.idle()
      await clock.advance(1_300)
    }
    const [timeline, history] = [
      await tasker.tasks.timeline(taskId),
      await tasker.tasks.history(taskId),
    ]
    expect(timeline.state).toBe('error')
    expect(timeline.entries.map(({ seq, at }) => [seq, at])).toEqual(
      history.map(({ seq, at }) => [seq, at]),
    )
    for (const { step, claims: claimed, totalMs, state, ...phases } of timeline.steps) {
      const entries = timeline.entries.filter((entry) => entry.step === step)
      const ended = entries.findLast(({ to }) => ['complete', 'cancelled'].includes(to))
      const endMs = (ended?.at ?? timeline.endedAt)?.getTime() ?? 0
      expect([step, totalMs]).toEqual([step, endMs - timeline.createdAt.getTime()])
      expect(Object.values(phases).reduce((sum, ms) => sum + ms, 0)).toBe(totalMs)
      expect(phases.ranMs).toBe(ranMsOf(history, step))
      expect(entries.filter(({ kind }) => kind === 'claimed')).toHaveLength(claimed)
      if (state !== 'complete') continue
      const took = entries.flatMap((entry) => Object.values<number>(entry.took))
      expect(took.reduce((sum, ms) => sum + ms, 0)).toBe(totalMs)
    }
    await tasker.close()
  }
})
