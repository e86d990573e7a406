// Under much load a worker has two recording calls under way at once, of different tasks; one task is in one at a time.
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { defineTask } from '../../src/definitions/builder.ts'
import { databaseForFile } from '../support/database.ts'
import { gate, attemptsOf } from './handlers.ts'
import { stage } from './stage.ts'

const database = databaseForFile()
const taskCount = 256

const chain = (name: string, atStart: () => Promise<void>) =>
  defineTask({ namespace: 'calls', name, version: '1.0.0' })
    .step('first', atStart)
    .step('second', { dependsOn: ['first'] }, async () => 2)

test('outcomes of many tasks travel in two calls side by side, and each step runs once', async () => {
  const all = gate()
  let started = 0
  const definition = chain('many', async () => {
    started += 1
    if (started === taskCount) all.open()
    await locked.opened
  })
  const locked = gate()
  const { tasker } = await stage(database.url, {
    definitions: [definition],
    slots: taskCount,
    poolSize: 3,
  })
  const requests = Array.from({ length: taskCount }, () => ({ definition, context: {} }))
  const created = await tasker.tasks.createMany(requests)
  tasker.worker.wake()
  await all.opened
  const other = await lockResults()
  locked.open()
  const waiting = await waitingCalls(other, 2)
  await other.query('rollback')
  expect(waiting).toBe(2)
  await tasker.worker.idle()
  const tasks = await Promise.all(created.map(({ taskId }) => tasker.tasks.get(taskId)))
  expect(new Set(tasks.map(({ state }) => state))).toEqual(new Set(['complete']))
  expect(new Set(tasks.flatMap((task) => Object.values(attemptsOf(task))))).toEqual(new Set([1]))
})

/** Calls that record results wait until this transaction ends. */
async function lockResults(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  onTestFinished(() => client.end())
  await client.query('begin')
  await client.query('lock table tasker.step_results in exclusive mode')
  return client
}

/** Resolves when so many calls wait for that lock; the test's own limit ends it when they never do. */
async function waitingCalls(client: pg.Client, count: number): Promise<number> {
  for (;;) {
    const { rows } = await client.query<{ n: number }>(
      `select count(*)::integer as n from pg_locks
       where not granted and relation = 'tasker.step_results'::regclass`,
    )
    if ((rows[0]?.n ?? 0) >= count) return rows[0]?.n ?? 0
  }
}
