// Steps that were lost twice: a worker finds them in whatever lane they are, and makes room for them no longer than they
// need it.
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { defineTask } from '../../src/definitions/builder.ts'
import { cloneDatabase } from '../support/database.ts'
import { gate, succeeds } from './handlers.ts'
import { stage } from './stage.ts'

const scanIntervalMs = 5_000
const names = ['first', 'second', 'third', 'fourth']

async function open(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  onTestFinished(() => client.end())
  return client
}

/** What the second loss of a step leaves behind, long ago. */
async function suspect(client: pg.Client, taskId: string): Promise<void> {
  await client.query(
    `update tasker.due set lane = -lane, run_at = '2000-01-01' where task_id = $1`,
    [taskId],
  )
  await client.query('update tasker.workflow_steps set losses = 2 where task_id = $1', [taskId])
}

test.each(names)(
  'an idle worker finds a suspect in the %s of 4 lanes, when one call looks into 2',
  async (name) => {
    const { url } = await cloneDatabase()
    const client = await open(url)
    const definitions = names.map((each) => defineTask({ name: each }).step('only', succeeds))
    const { tasker, clock } = await stage(url, {
      definitions,
      isWorking: false,
      orchestration: { scanIntervalMs, lanesPerCall: 2, pollIntervalMs: 60_000 },
    })
    const { taskId } = await tasker.tasks.create(name, { context: {} })
    await suspect(client, taskId)
    await tasker.worker.start()
    await tasker.worker.settled()
    await clock.advance(scanIntervalMs)
    await tasker.worker.idle()
    expect((await tasker.tasks.get(taskId)).state).toBe('complete')
  },
)

test('a worker that makes room for a suspect claims again when somebody else took it', async () => {
  const { url } = await cloneDatabase()
  const client = await open(url)
  const { opened, open: release } = gate()
  const long = defineTask({ name: 'long' }).step('only', () => opened)
  const short = defineTask({ name: 'short' }).step('only', succeeds)
  const { tasker, clock, events } = await stage(url, {
    definitions: [long, short],
    slots: 2,
    isWorking: false,
    orchestration: { scanIntervalMs },
  })
  const running = await tasker.tasks.create(long, { context: {} })
  const lost = await tasker.tasks.create(short, { context: {} })
  await suspect(client, lost.taskId)
  await tasker.worker.start()
  await events.until('step.execution_requested', ({ taskId }) => taskId === running.taskId)
  await clock.advance(scanIntervalMs)
  const { taskId } = await tasker.tasks.create(short, { context: {} })
  await tasker.worker.settled()
  expect((await tasker.tasks.get(taskId)).state).toBe('pending') // room is being made

  await client.query('delete from tasker.due where task_id = $1', [lost.taskId])
  const done = events.until('task.completed', (task) => task.taskId === taskId)
  await clock.advance(scanIntervalMs)
  await done
  expect(tasker.worker.runningCount).toBe(1)
  release()
  await tasker.worker.idle()
})
