// Fifty thousand tasks of one step: all created before a worker starts, then drained.
import { figuresOf, round } from '../figures.ts'
import { runTasker } from '../run-tasker.ts'
import { sized, type Workload } from '../workload.ts'

export const backlog: Workload = {
  name: 'backlog',
  what: '50,000 tasks of one step: enqueued, then drained',
  target:
    'At least 5 × the best durable-execution peer on PostgreSQL, and level with graphile-worker batched.',
  run: (stage) =>
    stage.server.withDatabase(async (databaseUrl) => {
      const taskCount = sized(stage, 50_000)
      const work = { graph: 'one-step', size: 0, taskCount, manner: 'enqueue-first' } as const
      const run = await runTasker(databaseUrl, work, {
        slots: stage.slots,
        workers: 1, // an assistant would not wait until everything is enqueued
      })
      const enqueuedMs = run.report.enqueuedMs ?? 0
      const perSecond = (tookMs: number): number => round((taskCount * 1000) / tookMs, 0)
      const enqueue = {
        enqueuedTasksPerSecond: perSecond(enqueuedMs),
        drainedTasksPerSecond: perSecond(run.report.tookMs - enqueuedMs),
      }
      return [{ name: '', figures: { ...enqueue, ...figuresOf(run) } }]
    }),
  judge: () => [],
}
