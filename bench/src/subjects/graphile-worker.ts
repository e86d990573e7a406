// Graphile Worker as a subject: its own worker with the local queue and batched completion, and in front of its `add_jobs` a
// gathering of what handlers insert.
import { Logger, run, type Runner } from 'graphile-worker'
import pg from 'pg'
import { EndedTasks } from '../ended-tasks.ts'
import { firstJobs, followingOf, nameOf, type Following, type StepJob } from '../hand-made-chain.ts'
import { peerVersion } from '../peer-version.ts'
import type { Subject, SubjectOptions } from '../subject.ts'
import { gather } from './gather.ts'
import { countArrivals, createJoinCounters } from './join-counters.ts'

const identifier = 'step'
/** Jobs fetched at once; what is more than the slots waits in the process. */
const localQueueSize = 1_000
const poolSize = 10
/** One call waits for its commit while the other gathers. */
const addingCalls = 2
/** Jobs in one creating call. */
const createMax = 1_000

export const graphileWorker: Subject = {
  name: 'Graphile Worker',
  configuration:
    `${peerVersion('graphile-worker')}, local queue of ${localQueueSize}, completion in batches without delay; handlers insert ` +
    `what follows through add_jobs in SQL, gathered to ${addingCalls} calls at once; creation in batches of ${createMax}`,
  keeps: 'nothing: a job that completed is deleted; dependencies are hand-made',
  async open({ databaseUrl, slots, ran }) {
    const pool = new pg.Pool({ connectionString: databaseUrl, max: poolSize })
    const ended = new EndedTasks()
    const fail = (error: unknown): void => ended.fail(error)
    pool.on('error', fail).on('connect', (client) => client.on('error', fail))
    await createJoinCounters(pool)
    const runner = await startWorker(pool, slots, handlerOf(pool, ended, ran))
    let runs = 0
    return {
      async run(shape, taskCount) {
        const allEnded = ended.expect(taskCount)
        runs += 1
        const jobs = firstJobs(shape, String(runs), taskCount)
        for (let made = 0; made < taskCount; made += createMax) {
          await addJobs(pool, jobs.slice(made, made + createMax))
        }
        await allEnded
        await untilNoneIsLeft(pool)
      },
      async close() {
        await runner.stop()
        await pool.end()
      },
    }
  },
}

/** Returns nothing, as there is no place for a result. */
type Handler = (payload: unknown) => Promise<void>

function startWorker(pool: pg.Pool, slots: number, handler: Handler): Promise<Runner> {
  return run({
    pgPool: pool,
    noHandleSignals: true,
    taskList: { [identifier]: handler },
    preset: {
      worker: {
        concurrentJobs: slots,
        localQueue: { size: Math.max(slots, localQueueSize) },
        completeJobBatchDelay: 0,
        failJobBatchDelay: 0,
        logger: new Logger(() => () => undefined),
      },
    },
  })
}

function handlerOf(pool: pg.Pool, ended: EndedTasks, ran: SubjectOptions['ran']): Handler {
  const follow = gather(
    (followings: readonly Following[]) => addFollowing(pool, followings),
    addingCalls,
  )
  return async (payload) => {
    const job = payload as StepJob // as addJobs wrote it
    ran(job.task, nameOf(job))
    const following = followingOf(job)
    if (following.isEnd) ended.add(1)
    else await follow(following)
  }
}

async function addFollowing(pool: pg.Pool, followings: readonly Following[]): Promise<void> {
  const start = followings.flatMap((following) => following.start)
  const arrivals = followings.flatMap(({ arrive }) => arrive)
  if (arrivals.length === 0) return addJobs(pool, start)
  const client = await pool.connect()
  try {
    await client.query('begin')
    await addJobs(client, [...start, ...(await countArrivals(client, arrivals))])
    await client.query('commit')
    client.release()
  } catch (error) {
    client.release(true) // which rolls back
    throw error
  }
}

/** The library's addJobs is this statement, but reads all rows back: half as much again of this process's time. */
async function addJobs(client: pg.Pool | pg.PoolClient, jobs: readonly StepJob[]): Promise<void> {
  if (jobs.length === 0) return
  await client.query({
    name: 'bench_add_jobs',
    text: `select count(*) from graphile_worker.add_jobs(array(
             select json_populate_recordset(null::graphile_worker.job_spec, $1::json)))`,
    values: [JSON.stringify(jobs.map((payload) => ({ identifier, payload })))],
  })
}

/** Completion follows the handler's end in a batch that the library does not tell of. */
async function untilNoneIsLeft(pool: pg.Pool): Promise<void> {
  for (;;) {
    const { rowCount } = await pool.query('select from graphile_worker._private_jobs limit 1')
    if (rowCount === 0) return
  }
}
