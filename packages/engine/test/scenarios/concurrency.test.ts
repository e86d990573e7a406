// The slots of a worker: what it says of them, what cuts them under load, and who is named when the event loop is blocked.
import { setImmediate as nextTurn } from 'node:timers/promises'
import pg from 'pg'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createTasker, type Tasker } from '../../src/tasker.ts'
import type { TaskerOptions } from '../../src/tasker-options.ts'
import { defineTask } from '../../src/definitions/builder.ts'
import { recordEvents, type EventRecord } from '../../src/testing/index.ts'
import { cloneDatabase } from '../support/database.ts'
import { gate } from './handlers.ts'
import { stage } from './stage.ts'

/** At real time: load is measured only there. */
async function atRealTime(
  options: Omit<TaskerOptions, 'database'> & { readonly transactionPoolSize?: number },
): Promise<{ readonly tasker: Tasker; readonly events: EventRecord }> {
  const { url } = await cloneDatabase()
  const { transactionPoolSize = 2, ...rest } = options
  const database = { url, poolSize: 3, transactionPoolSize, migrate: 'off' } as const
  const tasker = await createTasker({ ...rest, database })
  onTestFinished(() => tasker.close())
  await tasker.worker.start()
  return { tasker, events: recordEvents(tasker.events) }
}

/** On a busy machine everything presses: what a test is not about is given all the room there is. */
const pressedBy = (
  pressure: 'connections' | 'event_loop' | 'commit_latency',
): NonNullable<TaskerOptions['execution']> => ({
  ...(pressure === 'connections' ? {} : { connectionUseMax: 1 }),
  ...(pressure === 'event_loop' ? {} : { eventLoopDelayMaxMs: 10_000 }),
  ...(pressure === 'commit_latency' ? {} : { commitSlowdownMax: 10 }),
})

function compute(ms: number): void {
  const endMs = performance.now() + ms
  while (performance.now() < endMs);
}

describe('the row of a worker', () => {
  test('says with each heartbeat how many slots there are and how many are in use', async () => {
    const open = gate()
    const definition = defineTask({ name: 'waits' }).step('only', async () => open.opened)
    const { url } = await cloneDatabase()
    const { tasker, clock, events } = await stage(url, { definitions: [definition], slots: 7 })
    const row = { slots: 7, slotsMax: 7, slotsReason: null }
    expect(await tasker.workers()).toMatchObject([{ ...row, slotsInUse: 0 }])

    const requests = Array.from({ length: 3 }, () => ({ definition, context: {} }))
    await tasker.tasks.createMany(requests)
    tasker.worker.wake()
    await tasker.worker.settled()
    expect(events.of('step.execution_requested')).toHaveLength(3)
    await clock.advance(300_000)
    expect(await tasker.workers()).toMatchObject([{ ...row, slotsInUse: 3 }])

    open.open()
    await tasker.worker.stop()
    expect(await tasker.workers()).toMatchObject([{ state: 'stopped', slotsInUse: 0 }])
  })
})

describe('concurrency', () => {
  test('is cut while steps wait for connections, says why, and comes back', async () => {
    const open = gate()
    const written = defineTask({ namespace: 'load', name: 'write', version: '1.0.0' }).step(
      'only',
      { transaction: true, timeoutMs: 600_000 },
      async () => open.opened,
    )
    const said: unknown[] = []
    const quiet = (): void => undefined
    const { tasker, events } = await atRealTime({
      definitions: [written],
      orchestration: { heartbeatIntervalMs: 200, leaseMs: 60_000 },
      execution: {
        minConcurrentSteps: 1,
        maxConcurrentStepsLimit: 6,
        connectionHealthLogLevel: 'info',
        ...pressedBy('connections'),
      },
      logger: {
        debug: quiet,
        info: (fields, message) => said.push({ message, reason: fields['reason'] }),
        warn: quiet,
        error: quiet,
      },
    })
    const requests = Array.from({ length: 10 }, () => ({ definition: written, context: {} }))
    const created = await tasker.tasks.createMany(requests)

    const cut = await events.until('worker.concurrency_changed', ({ reason }) => reason !== null)
    expect(cut).toMatchObject({ slotsMax: 6, reason: 'connections' })
    expect(cut.slots).toBeLessThan(6)
    open.open()
    const free = await events.until('worker.concurrency_changed', ({ reason }) => reason === null)
    expect(free.slots).toBe(6)
    for (const { taskId } of created) {
      expect((await tasker.tasks.waitFor(taskId)).state).toBe('complete')
    }
    expect(said).toEqual(
      expect.arrayContaining([
        { message: 'concurrency is held back', reason: 'connections' },
        { message: 'nothing holds concurrency back', reason: null },
      ]),
    )
  })

  test('is cut while calls wait for connections, however many are kept free for transactions', async () => {
    const over = new AbortController()
    const definition = defineTask({ namespace: 'load', name: 'ask', version: '1.0.0' }).step(
      'only',
      async ({ taskId }) => {
        while (!over.signal.aborted) await tasker.tasks.get(taskId)
      },
    )
    const { tasker, events } = await atRealTime({
      definitions: [definition],
      execution: {
        maxConcurrentStepsLimit: 10,
        eventLoopDelayMaxMs: 10_000,
        commitSlowdownMax: 10,
      },
      transactionPoolSize: 50,
    })
    await tasker.tasks.createMany(Array.from({ length: 10 }, () => ({ definition, context: {} })))
    const cut = await events.until('worker.concurrency_changed')
    over.abort()
    expect(cut).toMatchObject({ slotsMax: 10, reason: 'connections' })
  })

  test('is cut while handlers keep the event loop busy', async () => {
    const definition = defineTask({ namespace: 'load', name: 'compute', version: '1.0.0' }).step(
      'only',
      async () => {
        for (let turn = 0; turn < 3; turn += 1) {
          compute(20)
          await nextTurn()
        }
      },
    )
    const { tasker, events } = await atRealTime({
      definitions: [definition],
      execution: {
        maxConcurrentStepsLimit: 40,
        blockedLoopWarningMs: null,
        ...pressedBy('event_loop'),
      },
    })
    await tasker.tasks.createMany(Array.from({ length: 40 }, () => ({ definition, context: {} })))
    const cut = await events.until('worker.concurrency_changed')
    expect(cut).toMatchObject({ slotsMax: 40, reason: 'event_loop' })
    expect(events.of('worker.loop_blocked')).toEqual([])
  })

  test('is cut while recording takes much longer than it did', async () => {
    const definition = defineTask({ namespace: 'load', name: 'quick', version: '1.0.0' }).step(
      'only',
      async () => null,
    )
    const { tasker, events } = await atRealTime({
      definitions: [definition],
      execution: { maxConcurrentStepsLimit: 40, ...pressedBy('commit_latency') },
    })
    // One after the other for as long as it takes, so that there is always a call to be timed.
    let isOver = false
    let ran = 0
    const settled = gate()
    const next = async (): Promise<void> => {
      if (!isOver) await tasker.tasks.create(definition, { context: {} })
    }
    tasker.events.on('task.completed', async () => {
      ran += 1
      if (ran === 100) settled.open()
      await next()
    })
    await next()
    await settled.opened
    const client = new pg.Client({ connectionString: tasker.database.url })
    await client.connect()
    onTestFinished(() => client.end())
    await client.query(
      `create function slow() returns trigger language plpgsql as $$
       begin perform pg_sleep(1); return null; end $$;
       create trigger slow after insert on tasker.workflow_step_transitions
         for each statement execute function slow()`,
    )
    const cut = await events.until('worker.concurrency_changed')
    isOver = true
    expect(cut).toMatchObject({ slotsMax: 40, reason: 'commit_latency' })
  })

  test('by the policy of the first generation follows the share of open work, kept for a while', async () => {
    const definition = defineTask({ name: 'work' }).step('only', async () => null)
    const { url } = await cloneDatabase()
    const { tasker, clock } = await stage(url, {
      definitions: [definition],
      orchestration: { heartbeatIntervalMs: 1_000 },
      execution: {
        concurrencyPolicy: 'first_generation',
        maxConcurrentStepsLimit: 100,
        connectionPressureFactors: { low: 1, moderate: 0.6, high: 0.4, critical: 0.2 },
      },
    })
    const slots = async (): Promise<unknown> => {
      await clock.advance(1_000)
      const [{ slots: now, slotsMax, slotsReason } = {}] = await tasker.workers()
      return { now, slotsMax, slotsReason }
    }
    expect(await slots()).toEqual({ now: 2, slotsMax: 100, slotsReason: 'open_work' })

    await tasker.tasks.createMany(Array.from({ length: 20 }, () => ({ definition, context: {} })))
    tasker.worker.wake()
    await tasker.worker.idle()
    expect(await slots()).toEqual({ now: 2, slotsMax: 100, slotsReason: 'open_work' })
    await clock.advance(30_000)
    expect(await slots()).toEqual({ now: 12, slotsMax: 100, slotsReason: 'connections' })
  })
})

describe('a handler that blocks the event loop', () => {
  const waiting = defineTask({ namespace: 'loop', name: 'bystander', version: '1.0.0' }).step(
    'waits',
    { timeoutMs: 60_000 },
    async ({ signal }) => {
      const { promise, resolve } = Promise.withResolvers<void>()
      signal.addEventListener('abort', () => resolve())
      await promise
    },
  )
  const orchestration = { shutdownGraceMs: 0 }
  const execution = { blockedLoopWarningMs: 100 }

  test('before its first await is named with certainty, once a minute', async () => {
    const blocking = defineTask({ namespace: 'loop', name: 'early', version: '1.0.0' }).step(
      'hashes',
      async () => compute(150),
    )
    const warnings: unknown[] = []
    const quiet = (): void => undefined
    const { tasker, events } = await atRealTime({
      definitions: [blocking, waiting],
      orchestration,
      execution,
      logger: {
        debug: quiet,
        info: quiet,
        warn: ({ steps }, message) => warnings.push({ steps, message }),
        error: quiet,
      },
    })
    await tasker.tasks.create(waiting, { context: {} })
    await events.until('step.execution_requested')
    const first = await tasker.tasks.create(blocking, { context: {} })
    await tasker.tasks.waitFor(first.taskId)
    const second = await tasker.tasks.create(blocking, { context: {} })
    await tasker.tasks.waitFor(second.taskId)

    // A stall of the machine may be reported as well, of whatever it met.
    const [blocked, ...more] = events
      .of('worker.loop_blocked')
      .filter(({ isCertain, steps: [step] }) => isCertain && step?.stepName === 'hashes')
    expect(more).toEqual([])
    expect(blocked).toMatchObject({
      isCertain: true,
      steps: [{ namespace: 'loop', taskName: 'early', version: '1.0.0', stepName: 'hashes' }],
    })
    expect(blocked?.blockedMs).toBeGreaterThanOrEqual(100)
    expect(warnings).toContainEqual({
      steps: ['loop/early@1.0.0 hashes'],
      message: 'a handler blocked the event loop',
    })
  })

  test('later is the first of the candidates: it ended, or went on, right behind the block', async () => {
    const blocking = defineTask({ namespace: 'loop', name: 'late', version: '1.0.0' }).step(
      'parses',
      async () => {
        await nextTurn()
        compute(250)
      },
    )
    const { tasker, events } = await atRealTime({
      definitions: [blocking, waiting],
      orchestration,
      execution,
    })
    await tasker.tasks.create(waiting, { context: {} })
    await events.until('step.execution_requested')
    await tasker.tasks.create(blocking, { context: {} })

    const blamesIt = await events.until(
      'worker.loop_blocked',
      ({ steps: [first] }) => first?.stepName === 'parses',
    )
    expect(blamesIt.isCertain).toBe(false)
    expect(blamesIt.blockedMs).toBeGreaterThanOrEqual(100)
  })
})
