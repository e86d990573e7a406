// What `why` and `workers` say when workers are gone: a worker whose lease ran out serves nothing and runs nothing, even
// before anybody has taken its steps over.
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { defineTask } from '../../src/definitions/builder.ts'
import { testClock } from '../../src/testing/index.ts'
import { databaseForFile } from '../support/database.ts'
import { gate } from './handlers.ts'
import { stage } from './stage.ts'

const database = databaseForFile()
const hourMs = 3_600_000

/** A worker whose clock stands still renews nothing; the viewer, who does no work, is three hours ahead. */
async function withSilentWorker(name: string) {
  const frozen = gate()
  onTestFinished(() => frozen.open())
  const definition = defineTask({ name })
    .step('runs', async () => frozen.opened)
    .step('due', async () => null)
    .step('behind', { dependsOn: ['due'] }, async () => null)
  const silent = await stage(database.url, { definitions: [definition], slots: 1 })
  const { taskId } = await silent.tasker.tasks.create(definition, { context: {} })
  await silent.events.until('step.execution_requested')
  const clock = testClock()
  await clock.advance(3 * hourMs)
  const viewer = await stage(database.url, { definitions: [definition], clock, isWorking: false })
  return { definition, silent, viewer, taskId }
}

test('while its worker renews, a step runs; when the lease is over, it waits to be taken over', async () => {
  const { silent, viewer, taskId } = await withSilentWorker('silent_worker')
  expect((await silent.tasker.tasks.why(taskId)).steps).toMatchObject([
    { step: 'runs', reason: 'running' },
    { step: 'due', reason: 'concurrency' },
    { step: 'behind', reason: 'parent' },
  ])

  const why = await viewer.tasker.tasks.why(taskId)
  const cancel = `tasker task cancel ${taskId}`
  expect(why.summary).toContain('No live worker serves default/silent_worker@')
  expect(why.steps).toMatchObject([
    {
      step: 'runs',
      state: 'in_progress',
      reason: 'worker_lost',
      worker: { pid: process.pid },
      explanation: expect.stringContaining('which stopped renewing its lease') as unknown,
      next: 'nothing before a worker starts, whose scan takes it over',
      remedies: [{ command: 'tasker worker --config <file>' }, { command: cancel }],
    },
    { step: 'due', reason: 'no_worker', liveWorkers: 0, servedVersions: [] },
    {
      step: 'behind',
      reason: 'parent',
      rootCauses: [{ step: 'due', reason: 'no_worker' }],
      remedies: [{ command: 'tasker worker --config <file>' }, { command: cancel }],
    },
  ])
})

test('workers: a worker whose lease is over is overdue, and the live ones come first', async () => {
  const { definition, silent, viewer } = await withSilentWorker('overdue_worker')
  expect((await silent.tasker.workers())[0]).toMatchObject({ state: 'live' })
  const [overdue] = await viewer.tasker.workers()
  expect(overdue).toMatchObject({ state: 'overdue', slots: 1 })

  const clock = testClock()
  await clock.advance(3 * hourMs)
  const live = await stage(database.url, { definitions: [definition], clock })
  await stage(database.url, { definitions: [definition] }) // a newer one, overdue for the viewer
  const states = (await viewer.tasker.workers()).map(({ state }) => state)
  expect(states[0]).toBe('live')
  expect(states.slice(1)).not.toContain('live')
  await live.tasker.close()
})

test('a step that was lost twice says that it runs alone', async () => {
  const definition = defineTask({ name: 'suspected' }).step('only', async () => null)
  const { tasker } = await stage(database.url, { definitions: [definition], isWorking: false })
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  onTestFinished(async () => client.end())
  // What the second loss of a step leaves behind.
  await client.query('update tasker.due set lane = -lane where task_id = $1', [taskId])
  await client.query('update tasker.workflow_steps set losses = 2 where task_id = $1', [taskId])
  const [step] = (await tasker.tasks.why(taskId)).steps
  expect(step).toMatchObject({ step: 'only', reason: 'no_worker' }) // nobody to run it at all

  await stage(database.url, { definitions: [definition] }) // it has not scanned for suspects yet
  expect((await tasker.tasks.why(taskId)).steps).toMatchObject([
    {
      step: 'only',
      reason: 'suspect',
      losses: 2,
      explanation: 'is due, and runs alone because it was lost 2 times with its worker',
    },
  ])
})
