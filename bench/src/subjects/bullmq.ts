// What subjects on BullMQ have in common, whatever its backend: workers whose handlers insert what follows, gathered.
import type { Job } from 'bullmq'
import { EndedTasks } from '../ended-tasks.ts'
import {
  firstJobs,
  followingOf,
  nameOf,
  type Arrival,
  type Following,
  type StepJob,
} from '../hand-made-chain.ts'
import { result, type OpenSubject, type SubjectOptions } from '../subject.ts'
import { gather } from './gather.ts'

export const queueName = 'steps'
export const jobName = 'step'
/** Jobs in one creating call. */
export const createMax = 1_000

type Handler = (job: Pick<Job<StepJob>, 'data'>) => Promise<typeof result>

/** The part of BullMQ's worker that is used, whatever its backend. */
interface StartedWorker {
  concurrency: number
  on(event: 'completed', listener: (job: Pick<Job<StepJob>, 'data'>) => void): unknown
  on(event: 'error', listener: (error: Error) => void): unknown
  on(event: 'failed', listener: (job: unknown, error: Error) => void): unknown
  close(): Promise<void>
}

export interface Backend {
  add(jobs: readonly StepJob[]): Promise<void>
  /** Answers with the joins that are full now. */
  countArrivals(arrivals: readonly Arrival[]): Promise<readonly StepJob[]>
  startWorker(handler: Handler): Promise<StartedWorker>
  close(): Promise<void>
}

export interface Limits {
  /** Each with connections of its own. */
  readonly workers: number
  /** Jobs at once, of all workers; the slots when those are fewer. */
  readonly concurrency: number
  /** Calls at once that add jobs. */
  readonly addingCalls: number
}

export async function openBullmq(
  backend: Backend,
  { ran, slots }: Pick<SubjectOptions, 'ran' | 'slots'>,
  limits: Limits,
): Promise<OpenSubject> {
  const ended = new EndedTasks()
  const follow = gather(async (followings: readonly Following[]) => {
    const joined = await backend.countArrivals(followings.flatMap(({ arrive }) => arrive))
    const next = [...followings.flatMap(({ start }) => start), ...joined]
    if (next.length > 0) await backend.add(next)
  }, limits.addingCalls)
  const handler: Handler = async ({ data }) => {
    ran(data.task, nameOf(data))
    const following = followingOf(data)
    if (!following.isEnd) await follow(following)
    return result
  }
  const workers = await Promise.all(
    Array.from({ length: limits.workers }, () => backend.startWorker(handler)),
  )
  for (const worker of workers) {
    worker.on('completed', ({ data }) => ended.add(followingOf(data).isEnd ? 1 : 0))
    worker.on('error', (error) => ended.fail(error))
    worker.on('failed', (_, error) => ended.fail(error))
  }
  const concurrency = Math.ceil(Math.min(slots, limits.concurrency) / workers.length)
  let runs = 0
  return {
    async run(shape, taskCount) {
      // A task alone has one step at a time, and more claimers would only ask in vain.
      for (const worker of workers) worker.concurrency = taskCount === 1 ? 1 : concurrency
      const allEnded = ended.expect(taskCount)
      runs += 1
      const jobs = firstJobs(shape, String(runs), taskCount)
      for (let made = 0; made < taskCount; made += createMax) {
        await backend.add(jobs.slice(made, made + createMax))
      }
      await allEnded
    },
    async close() {
      await Promise.all(workers.map((worker) => worker.close()))
      await backend.close()
    },
  }
}
