// OpenWorkflow as a subject: a task is a workflow run and each step one `step.run`, written before and after it ran.
import { OpenWorkflow } from 'openworkflow'
import { BackendPostgres } from 'openworkflow/postgres'
import postgres from 'postgres'
import { inParallel } from '../in-parallel.ts'
import {
  fanOutWidth,
  result,
  type ShapeName,
  type Subject,
  type SubjectOptions,
} from '../subject.ts'

/** Less leaves the server idle while steps of one run wait for its row; 40 were as fast on average. */
const poolSize = 30
/** Runs at once at most. With fewer its worker finds no free slot and pauses; with 400 it claims in vain. */
const runsAtOnceMax = 200
/** Runs that wait to be claimed, no more: each claim sorts all of them. */
const runsAhead = 100

type Result = typeof result
type RunStep = (name: string) => Promise<Result>

const bodies: Readonly<Record<ShapeName, (step: RunStep) => Promise<Result>>> = {
  linear: async (step) => {
    for (const name of ['step_1', 'step_2', 'step_3', 'step_4']) await step(name)
    return step('step_5')
  },
  diamond: async (step) => {
    await step('a')
    await Promise.all([step('b'), step('c')])
    return step('d')
  },
  'fan-out': async (step) => {
    await step('first')
    await Promise.all(Array.from({ length: fanOutWidth }, (_, index) => step(`leaf_${index}`)))
    return step('last')
  },
  'one-step': (step) => step('only'),
}

export const openWorkflow: Subject = {
  name: 'OpenWorkflow',
  configuration:
    `0.10.1, pool of ${poolSize}, one worker with as many runs at once as there are slots, ${runsAtOnceMax} at most; ` +
    `${runsAhead} runs are created ahead of it, because a claim sorts all that wait; one task alone (latency) is claimed by ` +
    `a call of the worker's tick() as soon as it is created, because its poll would come up to a second later`,
  keeps: 'results and every attempt of a step with start and end; no dependencies',
  async open({ databaseUrl, slots, ran }) {
    const backend = await openBackend(databaseUrl)
    const client = new OpenWorkflow({ backend })
    const ends = new Map<number, PromiseWithResolvers<void>>()
    const workflows = defineWorkflows(client, ends, ran)
    const runsAtOnce = Math.min(slots, runsAtOnceMax)
    const poller = client.newWorker({ concurrency: runsAtOnce })
    // Never started. Two, because the slot of the run before may be given back a moment after that run is complete.
    const caller = client.newWorker({ concurrency: 2 })
    let created = 0
    /** Creates a run; `ended` resolves when its function has returned. */
    const create = async (shape: ShapeName): Promise<{ runId: string; ended: Promise<void> }> => {
      created += 1
      const task = created
      const end = Promise.withResolvers<void>()
      ends.set(task, end)
      const handle = await workflows[shape].run({ task })
      return { runId: handle.workflowRun.id, ended: end.promise.finally(() => ends.delete(task)) }
    }
    return {
      async run(shape, taskCount) {
        if (taskCount === 1) {
          const { runId, ended } = await create(shape)
          await caller.tick()
          await ended
          await untilComplete(backend, runId)
          return
        }
        await poller.start() // does nothing the second time
        await inParallel(taskCount, runsAtOnce + runsAhead, async () => {
          const { ended } = await create(shape)
          await ended
        })
        await untilAllComplete(backend)
      },
      async close() {
        await poller.stop()
        await caller.stop()
        await backend.stop()
      },
    }
  },
}

interface TaskInput {
  readonly task: number
}

type Workflow = ReturnType<typeof defineWorkflow>

function defineWorkflows(
  client: OpenWorkflow,
  ends: ReadonlyMap<number, PromiseWithResolvers<void>>,
  ran: SubjectOptions['ran'],
): Readonly<Record<ShapeName, Workflow>> {
  const define = (shape: ShapeName): Workflow => defineWorkflow({ client, shape, ends, ran })
  return {
    linear: define('linear'),
    diamond: define('diamond'),
    'fan-out': define('fan-out'),
    'one-step': define('one-step'),
  }
}

function defineWorkflow(order: {
  readonly client: OpenWorkflow
  readonly shape: ShapeName
  readonly ends: ReadonlyMap<number, PromiseWithResolvers<void>>
  readonly ran: SubjectOptions['ran']
}) {
  const { client, shape, ends, ran } = order
  return client.defineWorkflow<TaskInput, Result>({ name: shape }, async ({ input, step }) => {
    const end = ends.get(input.task)
    try {
      const value = await bodies[shape]((name) =>
        step.run({ name }, () => {
          ran(String(input.task), name)
          return result
        }),
      )
      end?.resolve()
      return value
    } catch (error) {
      end?.reject(error)
      throw error
    }
  })
}

/** The function has returned: waits for the end of the run to be written. */
async function untilComplete(backend: BackendPostgres, workflowRunId: string): Promise<void> {
  for (;;) {
    const run = await backend.getWorkflowRun({ workflowRunId })
    if (run?.status === 'completed') return
  }
}

async function untilAllComplete(backend: BackendPostgres): Promise<void> {
  for (;;) {
    const { pending, running } = await backend.countWorkflowRuns()
    if (pending + running === 0) return
  }
}

/** Migrated by one connection, as it has to be, then used by a pool. */
async function openBackend(databaseUrl: string): Promise<BackendPostgres> {
  // It hands what it is given to postgres.js, which takes options as well, and whose URLs cannot name a socket's folder.
  const migrating = connectionOf(databaseUrl, 1) as unknown as string
  const migrated = await BackendPostgres.connect(migrating)
  await migrated.stop()
  return BackendPostgres.fromPool(postgres(connectionOf(databaseUrl, poolSize)))
}

function connectionOf(databaseUrl: string, max: number): postgres.Options<Record<string, never>> {
  const url = new URL(databaseUrl)
  return {
    host: decodeURIComponent(url.hostname),
    port: Number(url.port),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: url.pathname.slice(1),
    max,
    transform: { column: { from: postgres.toCamel } }, // as its own pools have it
    onnotice: () => {},
  }
}
