// The performance monitor and the SQL monitor: what is slow or large is told once, by its real cause, with names and numbers
// only; and what they measure is in the metrics.
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { defineTask } from '../../src/definitions/builder.ts'
import type { ToldEvent } from '../../src/index.ts'
import { payloadFaults } from '../events/payload-faults.ts'
import { stage, type Stage, type StageOptions } from '../scenarios/stage.ts'
import { databaseForFile } from '../support/database.ts'

const database = databaseForFile()

const simple = defineTask({ namespace: 'monitors', name: 'simple' }).step('only', async () => null)

const staged = (options: Partial<StageOptions> = {}): Promise<Stage> =>
  stage(database.url, { definitions: [simple], ...options })

/** Runs `meanwhile` while the Tasker waits for the table of tasks, in its statement; returns what became of the creation. */
async function whileCreating(
  { tasker }: Stage,
  meanwhile: (eye: pg.Client) => Promise<void>,
): Promise<PromiseSettledResult<unknown>> {
  const [holder, eye] = [await connected(), await connected()]
  await holder.query('begin; lock table tasker.tasks in access exclusive mode')
  const creation = Promise.allSettled([
    tasker.tasks.create(simple, { context: { word: 'secret' } }),
  ])
  await expect.poll(async () => (await eye.query(waiting)).rowCount, { interval: 5 }).toBe(1)
  await meanwhile(eye)
  await holder.query('commit')
  const [settled] = await creation
  return settled
}

async function connected(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  onTestFinished(() => client.end())
  return client
}

const waiting = `select from pg_stat_activity
  where datname = current_database() and wait_event_type = 'Lock' and query like '%create_tasks%'`

function hear({ tasker }: Stage): readonly ToldEvent[] {
  const told: ToldEvent[] = []
  tasker.events.subscribe(['performance.*', 'memory.*'], (event) => {
    expect(payloadFaults(event.name, event.payload)).toEqual([])
    told.push(event)
  })
  return told
}

test('an operation and its statement that take as long as the threshold are told once each', async () => {
  const of = await staged({ isWorking: false, telemetry: { slowQueryThresholdSeconds: 2 } })
  const told = hear(of)
  await of.tasker.tasks.create(simple, { context: {} })
  await whileCreating(of, () => of.clock.advance(1_999))
  expect(told).toEqual([])
  await whileCreating(of, () => of.clock.advance(2_500))
  expect(told.map(({ name, payload }) => ({ name, payload }))).toEqual([
    {
      name: 'performance.slow_query',
      payload: { statement: 'create_tasks', durationMs: 2_500, rowCount: 1, thresholdMs: 2_000 },
    },
    {
      name: 'performance.slow_operation',
      payload: { operation: 'create_tasks', durationMs: 2_500, thresholdMs: 2_000 },
    },
  ])
})

test('a statement that fails after a long time is told without rows', async () => {
  const of = await staged({ isWorking: false })
  const told = hear(of)
  const settled = await whileCreating(of, async (eye) => {
    await of.clock.advance(1_000)
    await eye.query(
      `select pg_cancel_backend(pid) from (${waiting.replace('select', 'select pid')}) w`,
    )
  })
  expect(settled.status).toBe('rejected')
  expect(told[0]).toMatchObject({
    name: 'performance.slow_query',
    payload: { statement: 'create_tasks', rowCount: null },
  })
  expect(JSON.stringify(told)).not.toContain('secret')
})

test('memory that grows during an operation is told, whoever took it', async () => {
  const of = await staged({ isWorking: false, telemetry: { memoryThresholdMb: 64 } })
  const told = hear(of)
  const kept: Buffer[] = []
  await whileCreating(of, async () => void kept.push(Buffer.alloc(512 * 1024 * 1024)))
  expect(kept).toHaveLength(1)
  expect(told).toEqual([
    expect.objectContaining({
      name: 'memory.spike_detected',
      payload: expect.objectContaining({
        operation: 'create_tasks',
        thresholdBytes: 67_108_864,
      }) as unknown,
    }),
  ])
})

test('durations and growth are in the metrics, by operation and by statement', async () => {
  const of = await staged({ metrics: true })
  const { taskId } = await of.tasker.tasks.create(simple, { context: { word: 'secret' } })
  await of.run(taskId)
  await of.tasker.tasks.find({ name: 'simple' })
  const text = await of.tasker.metrics.text()
  const labelsOf = (metric: string): readonly string[] =>
    [...text.matchAll(new RegExp(`^tasker_${metric}_count\\{\\w+="(\\w+)"\\} [1-9]`, 'gm'))]
      .map(([, label = '']) => label)
      .toSorted()
  expect(labelsOf('operation_duration_seconds')).toEqual(['create_tasks', 'dispatch'])
  expect(labelsOf('memory_delta_bytes')).toEqual(['create_tasks', 'dispatch'])
  expect(labelsOf('sql_duration_seconds')).toEqual(
    expect.arrayContaining(['create_tasks', 'find_tasks', 'finish_steps', 'register_worker']),
  )
  expect(text).not.toContain('secret')
})

test('switched off, nothing is measured and nothing is told', async () => {
  const telemetry = { performanceMonitoringEnabled: false, slowQueryThresholdSeconds: 0 }
  const of = await staged({ isWorking: false, metrics: true, telemetry })
  const told = hear(of)
  await of.tasker.tasks.create(simple, { context: {} })
  expect(told).toEqual([])
  expect(await of.tasker.metrics.text()).not.toMatch(
    /^tasker_(operation|sql|memory_delta)\w+_count\{/m,
  )
})
