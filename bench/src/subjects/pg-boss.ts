// pg-boss as a subject. Its own `work()` commits for each fetch, each completion and each insert, and waits between looks;
// here loops of our own call its complete, insert and fetch in one transaction for a whole batch.
import { hash } from 'node:crypto'
import pg from 'pg'
import { PgBoss, type Db, type Job } from 'pg-boss'
import { Bell } from '../bell.ts'
import { EndedTasks } from '../ended-tasks.ts'
import { firstJobs, followingOf, nameOf, type StepJob } from '../hand-made-chain.ts'
import { peerVersion } from '../peer-version.ts'
import { result, type Subject, type SubjectOptions } from '../subject.ts'
import { countArrivals, createJoinCounters } from './join-counters.ts'

const queue = 'steps'
/** One waits for its commit while the other works; a third only contends. */
const loopCount = 2
/** Jobs in one creating call. */
const createMax = 1_000

export const pgBoss: Subject = {
  name: 'pg-boss',
  configuration:
    `${peerVersion('pg-boss')}, a partition of its own; ${loopCount} loops of our own, which share the slots: complete, ` +
    `insert what follows and fetch in one transaction a batch, woken in the process; creation in batches of ${createMax}`,
  keeps: 'jobs that completed, for a week; no results, no history; dependencies are hand-made',
  async open(options) {
    const boss = new PgBoss({ connectionString: options.databaseUrl })
    const pool = new pg.Pool({ connectionString: options.databaseUrl, max: loopCount })
    const ended = new EndedTasks()
    boss.on('error', (error) => ended.fail(error))
    pool.on('error', (error) => ended.fail(error))
    await boss.start()
    await boss.createQueue(queue, { partition: true })
    await createJoinCounters(pool)
    const loops = startLoops({ boss, pool, ended, ...options })
    let runs = 0
    return {
      async run(shape, taskCount) {
        const allEnded = ended.expect(taskCount)
        runs += 1
        const jobs = firstJobs(shape, String(runs), taskCount).map((data) => ({ data }))
        for (let made = 0; made < taskCount; made += createMax) {
          await boss.insert(queue, jobs.slice(made, made + createMax))
          loops.ring()
        }
        await allEnded
      },
      async close() {
        await loops.stop()
        await pool.end()
        await boss.stop()
      },
    }
  },
}

interface LoopOptions extends Pick<SubjectOptions, 'slots' | 'ran'> {
  readonly boss: PgBoss
  readonly pool: pg.Pool
  readonly ended: EndedTasks
}

type StepJobs = readonly Job<StepJob>[]

function startLoops(options: LoopOptions): { ring(): void; stop(): Promise<void> } {
  const { pool, ended, ran } = options
  const bell = new Bell()
  const stopping = new AbortController()
  const loop = async (): Promise<void> => {
    const client = await pool.connect()
    let jobs: StepJobs = []
    while (!stopping.signal.aborted) {
      const rung = bell.next()
      jobs = await nextBatch(client, jobs, options, bell)
      if (jobs.length === 0) await rung
      await Promise.all(jobs.map((job) => handle(job.data, ran)))
    }
    client.release()
  }
  const running = Array.from({ length: loopCount }, () =>
    loop().catch((error: unknown) => ended.fail(error)),
  )
  return {
    ring: () => bell.ring(),
    async stop() {
      stopping.abort()
      bell.ring()
      await Promise.all(running)
    },
  }
}

async function handle(job: StepJob, ran: SubjectOptions['ran']): Promise<typeof result> {
  ran(job.task, nameOf(job))
  return result
}

/** Completes these, inserts what follows them and fetches the next, in one transaction. */
async function nextBatch(
  client: pg.PoolClient,
  done: StepJobs,
  { boss, ended, slots }: LoopOptions,
  bell: Bell,
): Promise<StepJobs> {
  const db = callsOn(client, done.length === 1)
  const batchSize = Math.ceil(slots / loopCount)
  if (done.length === 0) return boss.fetch<StepJob>(queue, { batchSize, db })
  const following = done.map(({ data }) => followingOf(data))
  await client.query('begin')
  await boss.complete(
    queue,
    done.map(({ id }) => id),
    null,
    { db },
  )
  const arrivals = following.flatMap(({ arrive }) => arrive)
  const joined = await countArrivals(client, arrivals)
  const next = [...following.flatMap(({ start }) => start), ...joined].map((data) => ({ data }))
  if (next.length > 0) await boss.insert(queue, next, { db })
  const fetched = await boss.fetch<StepJob>(queue, { batchSize, db })
  await client.query('commit')
  ended.add(following.filter(({ isEnd }) => isEnd).length)
  if (next.length > fetched.length) bell.ring()
  return fetched
}

/**
 * Prepared for a batch of one, where planning is a third of a hop. Not for more: pg-boss' statements get a plan that reads
 * the whole table when they are prepared while it is small (1.7 k instead of 20 k steps/s).
 */
function callsOn(client: pg.PoolClient, isPrepared: boolean): Db {
  return {
    executeSql: (text, values) =>
      client.query({
        text,
        ...(values === undefined ? {} : { values }),
        ...(isPrepared ? { name: hash('sha1', text) } : {}),
      }),
  }
}
