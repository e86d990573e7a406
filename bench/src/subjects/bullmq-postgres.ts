// BullMQ on its PostgreSQL backend, which its npm package carries, as a subject.
import { createPostgresBackend, withBackend } from 'bullmq'
import pg from 'pg'
import type { StepJob } from '../hand-made-chain.ts'
import { peerVersion } from '../peer-version.ts'
import type { result, Subject } from '../subject.ts'
import { createMax, jobName, openBullmq, queueName, type Backend, type Limits } from './bullmq.ts'
import { countArrivals, createJoinCounters } from './join-counters.ts'

const { Queue, Worker, FlowProducer } = withBackend(createPostgresBackend)

const poolSize = 16
const limits: Limits = { workers: 1, concurrency: 32, addingCalls: 2 }
const bulkMin = 200
const keep = { removeOnComplete: true }

export const bullmqPostgres: Subject = {
  name: 'BullMQ on PostgreSQL',
  configuration:
    `${peerVersion('bullmq')}, concurrency ${limits.concurrency} (1 for a task alone), ${poolSize} connections; handlers insert what ` +
    `follows through a flow producer, gathered to ${limits.addingCalls} calls at once; creation by addBulk of ${createMax}`,
  keeps:
    'about 10,000 events of the queue; jobs are removed when they complete; dependencies are hand-made, which was faster than flows',
  async open(options) {
    return openBullmq(await openBackend(options.databaseUrl), options, limits)
  },
}

async function openBackend(databaseUrl: string): Promise<Backend> {
  const counters = new pg.Pool({ connectionString: databaseUrl, max: limits.addingCalls })
  await createJoinCounters(counters)
  const connection = { connectionString: databaseUrl, migrate: true, max: poolSize }
  const queue = new Queue<StepJob, typeof result>(queueName, { connection })
  await queue.waitUntilReady()
  const producer = new FlowProducer({ connection })
  await producer.waitUntilReady()
  return {
    // Flows without children: addBulk makes two temporary tables a call, which costs more than 200 jobs do here.
    async add(jobs) {
      const added = jobs.map((data) => ({ name: jobName, queueName, data, opts: keep }))
      await (jobs.length > bulkMin ? queue.addBulk(added) : producer.addBulk(added))
    },
    countArrivals: (arrivals) => countArrivals(counters, arrivals),
    async startWorker(handler) {
      const worker = new Worker<StepJob, typeof result>(queueName, handler, { connection })
      await worker.waitUntilReady()
      return worker
    },
    async close() {
      await producer.close()
      await queue.close()
      await counters.end()
    },
  }
}
