// DBOS as a subject: a task is a workflow and each step one `DBOS.runStep`, whose result is recorded when it has run.
import { DBOS, DBOSClient } from '@dbos-inc/dbos-sdk'
import pg from 'pg'
import { inParallel } from '../in-parallel.ts'
import {
  fanOutWidth,
  result,
  type ShapeName,
  type Subject,
  type SubjectOptions,
} from '../subject.ts'

/** Of its system database. 10 leave the server idle at times; from 30 on the sessions only wait for each other. */
const poolSize = 20
/** The queue is asked for more work so often; the default is once a second. */
const pollMs = 20
/** Workflows that one transaction enqueues, and how many such transactions there are at once. */
const batchSize = 100
const enqueuers = 4

type Result = typeof result
type Workflows = Readonly<Record<ShapeName, () => Promise<Result>>>

/** Workflows that have not returned yet, and who waits for them. */
interface Expected {
  left: number
  done: PromiseWithResolvers<void>
}

export const dbos: Subject = {
  name: 'DBOS',
  configuration:
    `5.3.0, pool of ${poolSize}, no LISTEN, no tracing; enqueued ${batchSize} to a transaction on a queue polled every ` +
    `${pollMs} ms, as many workflows at once as there are slots; one task alone (latency) is called directly`,
  keeps: 'results with start and end of each step; no history of attempts, no dependencies',
  async open({ databaseUrl, slots, ran }) {
    const awaited: Expected = { left: 0, done: Promise.withResolvers() }
    const workflows = registerWorkflows(ran, awaited)
    await launch(databaseUrl)
    const pool = new pg.Pool({ connectionString: databaseUrl, max: enqueuers })
    const client = await DBOSClient.create({
      systemDatabaseUrl: databaseUrl,
      systemDatabasePool: pool,
      applicationName: 'bench',
    })
    const queues = new Set<ShapeName>()
    return {
      async run(shape, taskCount) {
        if (taskCount === 1) {
          const workflow = workflows[shape] // without `this`: DBOS takes it for an object of its own
          await workflow()
          return
        }
        if (!queues.has(shape)) {
          queues.add(shape) // each is polled, so there are none but those in use
          await DBOS.registerQueue(shape, {
            workerConcurrency: slots,
            minPollingIntervalMs: pollMs,
          })
        }
        awaited.left = taskCount
        awaited.done = Promise.withResolvers()
        await Promise.all([awaited.done.promise, enqueue({ client, pool, shape, taskCount })])
        await allRecorded()
      },
      async close() {
        await client.destroy()
        await pool.end()
        await DBOS.shutdown()
      },
    }
  },
}

async function launch(databaseUrl: string): Promise<void> {
  DBOS.setConfig({
    name: 'bench',
    systemDatabaseUrl: databaseUrl,
    systemDatabasePoolSize: poolSize,
    useListenNotify: false,
    tracingEnabled: false,
    enableOTLP: false,
    logLevel: 'error',
  })
  await DBOS.launch()
}

function registerWorkflows(ran: SubjectOptions['ran'], awaited: Expected): Workflows {
  const step = (name: string): Promise<Result> => {
    const body = (): Promise<Result> => {
      ran(DBOS.workflowID ?? '', name)
      return Promise.resolve(result)
    }
    return DBOS.runStep(body, { name })
  }
  const register = (name: ShapeName, body: () => Promise<Result>): (() => Promise<Result>) => {
    const counted = async (): Promise<Result> => {
      try {
        const value = await body()
        awaited.left -= 1
        if (awaited.left === 0) awaited.done.resolve()
        return value
      } catch (error) {
        awaited.done.reject(error)
        throw error
      }
    }
    return DBOS.registerWorkflow(counted, { name })
  }
  return {
    linear: register('linear', async () => {
      for (const name of ['step_1', 'step_2', 'step_3', 'step_4']) await step(name)
      return step('step_5')
    }),
    diamond: register('diamond', async () => {
      await step('a')
      await Promise.all([step('b'), step('c')])
      return step('d')
    }),
    'fan-out': register('fan-out', async () => {
      await step('first')
      await Promise.all(Array.from({ length: fanOutWidth }, (_, index) => step(`leaf_${index}`)))
      return step('last')
    }),
    'one-step': register('one-step', () => step('only')),
  }
}

interface Enqueueing {
  readonly client: DBOSClient
  readonly pool: pg.Pool
  readonly shape: ShapeName
  readonly taskCount: number
}

async function enqueue({ client, pool, shape, taskCount }: Enqueueing): Promise<void> {
  let left = taskCount
  await inParallel(Math.ceil(taskCount / batchSize), enqueuers, async () => {
    const count = Math.min(batchSize, left)
    left -= count
    const session = await pool.connect()
    await session.query('begin')
    for (let index = 0; index < count; index += 1) {
      await client.enqueueInTransaction(session, { queueName: shape, workflowName: shape })
    }
    await session.query('commit')
    session.release()
  })
}

/** The functions have returned: waits for the last of their results to be written. */
async function allRecorded(): Promise<void> {
  for (;;) {
    const [unfinished] = await DBOS.listWorkflows({
      status: ['ENQUEUED', 'PENDING'],
      limit: 1,
      loadInput: false,
      loadOutput: false,
    })
    if (unfinished === undefined) return
  }
}
