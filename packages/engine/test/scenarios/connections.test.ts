// No connection is held while user code runs, unless the step asked for a transaction: with one connection in the pool, any
// number of handlers run, and the engine still has it for its own calls.
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { createTasker, defineTask } from '../../src/index.ts'
import { recordEvents, testClock } from '../../src/testing/index.ts'
import { cloneDatabase } from '../support/database.ts'

const applicationName = 'connections test'
const handlers = 20

/** Sessions of the Tasker in the middle of a transaction; that of a step has the name of its attempt meanwhile. */
const inTransaction = `
  select state from pg_stat_activity
  where datname = current_database() and xact_start is not null
    and (application_name = $1 or application_name like 'tasker step %')`

test('no connection is held while handlers run, however many; a step with a transaction holds one', async () => {
  const { url } = await cloneDatabase()
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  onTestFinished(() => client.end())
  const gate = Promise.withResolvers<void>()
  const begun = Promise.withResolvers<void>()
  const waiting = defineTask({ namespace: 'connections', name: 'waiting', version: '1.0.0' }).step(
    'only',
    () => gate.promise,
  )
  const booking = defineTask({ namespace: 'connections', name: 'booking', version: '1.0.0' }).step(
    'only',
    { transaction: true, timeoutMs: 60_000 },
    () => {
      begun.resolve()
      return gate.promise
    },
  )
  const tasker = await createTasker({
    database: {
      url,
      poolSize: 1,
      transactionPoolSize: 1,
      connectTimeoutMs: 60_000,
      applicationName,
      migrate: 'off',
    },
    orchestration: { listen: false, heartbeatIntervalMs: 300_000, leaseMs: 3_600_000 },
    execution: { minConcurrentSteps: handlers + 1, maxConcurrentStepsLimit: handlers + 1 },
    clock: testClock(),
    definitions: [waiting, booking],
  })
  onTestFinished(async () => {
    gate.resolve() // a test that failed in the middle closes, too
    await tasker.close()
  })
  const events = recordEvents(tasker.events)
  await tasker.worker.start()
  const open = async (): Promise<readonly unknown[]> =>
    (await client.query<{ state: string }>(inTransaction, [applicationName])).rows

  const made = await tasker.tasks.createMany(
    Array.from({ length: handlers }, () => ({ definition: waiting, context: {} })),
  )
  for (const { taskId } of made)
    await events.until('step.execution_requested', (event) => event.taskId === taskId)
  await tasker.worker.settled()
  expect(tasker.worker.runningCount).toBe(handlers)
  expect(await open()).toEqual([])
  // The one connection is free for whoever asks.
  expect((await tasker.tasks.get(made[0]?.taskId ?? '')).state).toBe('in_progress')

  const { taskId } = await tasker.tasks.create(booking, { context: {} })
  await begun.promise
  expect(await open()).toEqual([{ state: 'idle in transaction' }])

  gate.resolve()
  await tasker.worker.idle()
  expect((await tasker.tasks.get(taskId)).state).toBe('complete')
  expect(await open()).toEqual([])
})
