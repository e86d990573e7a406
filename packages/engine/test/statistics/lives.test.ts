// The statistics while tasks live: run by a worker, failed, retried, cancelled, resolved, run again and pruned. After each
// move they are what a recomputation says, and every ended task is known to them once.
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { PermanentError } from '../../src/errors.ts'
import { defineShape, shapes, testClock } from '../../src/testing/index.ts'
import { checkInvariants } from '../protocol/invariants.ts'
import { databaseForFile } from '../support/database.ts'
import { testSchema } from '../support/template.ts'
import { stage } from '../scenarios/stage.ts'
import { expectRecomputed } from './comparison.ts'

const database = databaseForFile()
const hourMs = 3_600_000
/** The stage scans, and so rolls up, every five minutes. */
const untilRolledUpMs = 301_000

const linear = defineShape(shapes.A)
const failing = defineShape({ ...shapes.B, name: 'failing' }, (step) => async () => {
  if (step === 'branch_one_validate') throw new PermanentError('never')
  return null
})
const retrying = defineShape({ ...shapes.A, name: 'retrying' }, (step) => async () => {
  if (step === 'initialize_data') throw new Error('again')
  return null
})

async function setup() {
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  onTestFinished(() => client.end())
  await client.query(
    'truncate tasker.tasks, tasker.workflow_steps, tasker.due, tasker.task_ends, tasker.task_counts, tasker.slow_runs, tasker.slow_hours, tasker.workers',
  )
  const clock = testClock()
  const definitions = [linear, failing, retrying]
  const { tasker, run } = await stage(database.url, { definitions, clock })
  const check = async (): Promise<void> => {
    await tasker.worker.idle()
    const at = clock.now()
    const since = (ms: number): Date => new Date(at.getTime() - ms)
    await expectRecomputed({
      on: { query: async (text) => (await client.query<Record<string, unknown>>(text)).rows },
      reports: tasker.reports,
      at,
      scopes: [
        { since: since(60_000) },
        { since: since(hourMs), name: 'failing' },
        { since: since(48 * hourMs) },
      ],
    })
    const known = await checkInvariants(client, testSchema)
    expect(known.filter((violation) => violation.includes('statistics'))).toEqual([])
  }
  return { tasker, clock, run, check, client }
}

test('they follow every move, before the roll-up and after it', async () => {
  const { tasker, clock, run, check, client } = await setup()
  const create = async (definition: typeof linear, count: number) => {
    const made = await tasker.tasks.createMany(
      Array.from({ length: count }, () => ({ definition, context: {} })),
    )
    return made.map(({ taskId }) => taskId)
  }
  const [first = '', second = ''] = await create(linear, 3)
  const [one = '', two = '', three = '', four = ''] = await create(failing, 4)
  await create(retrying, 2)
  await check()
  await run(first)
  await run(one)
  await check()
  await tasker.tasks.retry(one, { actor: 'me' }) // noted and not rolled up
  await check()
  await clock.advance(untilRolledUpMs)
  await tasker.worker.idle()
  expect((await client.query('select * from tasker.task_ends')).rowCount).toBe(0)
  await check()
  await tasker.tasks.retry(two) // rolled up; fails again
  await tasker.worker.idle()
  await check()
  await tasker.tasks.skip(three, { step: 'branch_one_validate' }) // revived, goes on to its end
  await check()
  await tasker.tasks.cancel(four) // from error to cancelled
  await tasker.tasks.resolve(one)
  await check()
  await clock.advance(untilRolledUpMs)
  await check()
  await tasker.tasks.rerun(first, { from: ['validate_output'] }) // takes four steps over
  await tasker.worker.idle()
  await check()
  await clock.advance(untilRolledUpMs)
  await check()
  await tasker.prune({ olderThanMs: 0, states: ['complete', 'cancelled', 'error'], limit: 4 })
  await check()
  await clock.advance(48 * hourMs)
  await check()
  expect((await tasker.tasks.get(second).catch(() => null)) === null).toBe(true) // among the pruned
})

test('two complete tasks, a new one, and one whose first step waits for its retry (§9.10)', async () => {
  const { tasker, clock, check } = await setup()
  const { taskId } = await tasker.tasks.create(retrying, { context: {} })
  await tasker.tasks.createMany([1, 2].map(() => ({ definition: linear, context: {} })))
  await tasker.worker.idle()
  await tasker.worker.stop()
  await tasker.tasks.create(linear, { context: {} })
  const { connections, ...counts } = await tasker.reports.health()
  expect(counts).toEqual({
    tasks: {
      total: 4,
      pending: 1,
      in_progress: 1, // the one in error goes on: a retry is to come
      complete: 2,
      error: 0,
      cancelled: 0,
      resolved_manually: 0,
    },
    steps: {
      total: 24,
      pending: 11,
      in_progress: 0,
      complete: 12,
      error: 1,
      cancelled: 0,
      resolved_manually: 0,
      skipped: 0,
    },
    errors: { retryable: 1, inBackoff: 1, exhausted: 0 },
  })
  expect(connections.active).toBeGreaterThanOrEqual(1)
  await clock.advance(60_000) // its time has come, and nobody runs it
  expect((await tasker.reports.health()).errors).toEqual({
    retryable: 1,
    inBackoff: 0,
    exhausted: 0,
  })
  await tasker.worker.start()
  await tasker.worker.idle()
  await clock.advance(600_000)
  await tasker.worker.idle()
  expect((await tasker.tasks.get(taskId)).state).toBe('error')
  expect((await tasker.reports.health()).errors).toEqual({
    retryable: 0,
    inBackoff: 0,
    exhausted: 1,
  })
  await check()
})
