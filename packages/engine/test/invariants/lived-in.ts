// A database in which real tasks ran and run: complete, taken over by a rerun, failed, cancelled, due again later, running with
// a deadline, held; some of them added up in the statistics, some only noted.
import pg from 'pg'
import { defineTask } from '../../src/definitions/builder.ts'
import { PermanentError, RetryableError } from '../../src/errors.ts'
import { createTasker, type Tasker } from '../../src/tasker.ts'
import { gate } from '../scenarios/handlers.ts'

export interface LivedIn {
  readonly client: pg.Client
  /** Ids of tasks, by what became of them. */
  readonly ids: Readonly<
    Record<
      'counted' | 'source' | 'rerun' | 'failed' | 'cancelled' | 'retrying' | 'running' | 'held',
      string
    >
  >
  leave(): Promise<void>
}

/** The worker stays live until it is left. */
export async function liveIn(url: string): Promise<LivedIn> {
  const door = gate()
  const tasker = await createTasker({
    database: { url, migrate: 'off' },
    definitions: definitionsWith(door.opened),
  })
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const create = async (name: string, deadlineMs?: number): Promise<string> => {
    const { taskId } = await tasker.tasks.create(
      `lived/${name}`,
      deadlineMs === undefined ? { context: {} } : { context: {}, deadlineMs },
    )
    return taskId
  }
  const held = await create('pair')
  await tasker.tasks.hold(held)
  const cancelled = await create('chain')
  await tasker.tasks.cancel(cancelled)
  const counted = await create('chain')
  await tasker.worker.start()
  await tasker.tasks.waitFor(counted)
  await rollUp(client)

  const source = await create('chain')
  await tasker.tasks.waitFor(source)
  const { taskId: rerun } = await tasker.tasks.rerun(source, { from: ['send'] })
  if (rerun === null) throw new Error('Nothing would run again.')
  await tasker.tasks.waitFor(rerun)
  const failed = await create('failing')
  await tasker.tasks.waitFor(failed)
  const ids = {
    counted,
    source,
    rerun,
    failed,
    cancelled,
    held,
    retrying: await create('retrying'),
    running: await create('gated', 3_600_000),
  }
  await untilState(tasker, ids.retrying, 'error')
  await untilState(tasker, ids.running, 'in_progress')
  return {
    client,
    ids,
    async leave() {
      door.open()
      await tasker.close()
      await client.end()
    },
  }
}

const definitionsWith = (opened: Promise<void>) => [
  defineTask({ namespace: 'lived', name: 'chain' })
    .step('fetch', async () => 1)
    .step('charge', { dependsOn: ['fetch'] }, async () => 2)
    .step('send', { dependsOn: ['charge'] }, async () => 3),
  defineTask({ namespace: 'lived', name: 'failing' })
    .step('fetch', async () => {
      throw new PermanentError('never')
    })
    .step('charge', { dependsOn: ['fetch'] }, async () => 2),
  defineTask({ namespace: 'lived', name: 'retrying' }).step('fetch', async () => {
    throw new RetryableError('later', { afterMs: 3_600_000 })
  }),
  defineTask({ namespace: 'lived', name: 'gated' })
    .step('fetch', () => opened)
    .step('charge', { dependsOn: ['fetch'] }, async () => 2),
  defineTask({ namespace: 'lived', name: 'pair' })
    .step('left', async () => 1)
    .step('right', async () => 2),
]

async function rollUp(client: pg.Client): Promise<void> {
  const added = await client.query(
    `select tasker.roll_up_tasks((select min(worker_id) from tasker.workers where state = 'live'), 1000)`,
  )
  if (added.rowCount !== 1) throw new Error('Nobody rolled up.')
}

async function untilState(tasker: Tasker, taskId: string, state: string): Promise<void> {
  for (let look = 0; look < 10_000; look += 1) {
    const { steps } = await tasker.tasks.get(taskId)
    if (steps[0]?.state === state) return
  }
  throw new Error(`The first step of task ${taskId} never was ${state}.`)
}
