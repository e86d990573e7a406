// BullMQ on Redis as a subject. It needs a redis-server, and BullMQ the package ioredis.
import { Queue, Worker } from 'bullmq'
import { joinKeyOf, type StepJob } from '../hand-made-chain.ts'
import { peerVersion } from '../peer-version.ts'
import type { result, Subject } from '../subject.ts'
import { createMax, jobName, openBullmq, queueName, type Backend, type Limits } from './bullmq.ts'

/**
 * Redis reads 16 kB of a connection before it writes to disk and answers: several connections share one write. With one
 * worker a step costs this process and Redis a quarter more time.
 */
const limits: Limits = { workers: 8, concurrency: 400, addingCalls: 2 }
const keep = { removeOnComplete: true }

export const bullmqRedis: Subject = {
  name: 'BullMQ on Redis',
  configuration:
    `${peerVersion('bullmq')}, Redis with appendfsync always, which is durable as a commit is; ${limits.workers} workers, ` +
    `concurrency ${limits.concurrency} in all (1 each for a task alone); handlers insert what follows by addBulk, gathered ` +
    `to ${limits.addingCalls} calls at once; creation by addBulk of ${createMax}`,
  keeps:
    'about 10,000 events of the queue; jobs are removed when they complete; dependencies are hand-made',
  async open(options) {
    if (options.redisUrl === null) throw new Error('this subject runs on Redis: give it a redisUrl')
    return openBullmq(await openBackend(options.redisUrl), options, limits)
  },
}

/** Counters of joins, all of a call at once. */
const countingScript = `
  local counts = {}
  for at = 1, #ARGV do counts[at] = redis.call('HINCRBY', KEYS[1], ARGV[at], 1) end
  return counts`

async function openBackend(redisUrl: string): Promise<Backend> {
  const { hostname, port } = new URL(redisUrl)
  // BullMQ asks for no limit of retries in connections that wait for jobs.
  const connection = { host: hostname, port: Number(port), maxRetriesPerRequest: null }
  const queue = new Queue<StepJob, typeof result>(queueName, { connection })
  await queue.waitUntilReady()
  const client = await queue.getBackend().client
  client.defineCommand('benchCountArrivals', { numberOfKeys: 1, lua: countingScript })
  return {
    async add(jobs) {
      await queue.addBulk(jobs.map((data) => ({ name: jobName, data, opts: keep })))
    },
    async countArrivals(arrivals) {
      if (arrivals.length === 0) return []
      const keys = arrivals.map(({ job }) => joinKeyOf(job))
      const counts = (await client.runCommand('benchCountArrivals', [
        'bench:joins',
        ...keys,
      ])) as readonly number[] // one for each argument, as the script says
      return arrivals.filter(({ parents }, at) => counts[at] === parents).map(({ job }) => job)
    },
    async startWorker(handler) {
      const worker = new Worker<StepJob, typeof result>(queueName, handler, { connection })
      await worker.waitUntilReady()
      return worker
    },
    close: () => queue.close(),
  }
}
