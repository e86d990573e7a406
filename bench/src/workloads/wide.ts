// One task with nearly ten thousand steps at once, and many small tasks, each with 1, 2 and 4 worker processes.
import { figuresOf } from '../figures.ts'
import type { OwnWork } from '../own-work.ts'
import { runTasker } from '../run-tasker.ts'
import { judge, ratios } from '../verdict.ts'
import { sized, type Part, type Workload } from '../workload.ts'

const workerCounts = [1, 2, 4]
/** With the first and the last as many steps as a task may have. */
const widest = 9_998
const partName = (what: string, workers: number): string => `${what}, ${workers} w.`

export const wide: Workload = {
  name: 'wide',
  what: 'one task of 1, then 9,998, then 1 steps, the most that a task may have; and 2,000 tasks of five: with 1, 2 and 4 worker processes',
  target:
    'On one task four workers at least 0.8 × of one; over many tasks more workers do more, until a core is full.',
  async run(stage) {
    const works: Readonly<Record<string, OwnWork>> = {
      'one task': { graph: 'wide', size: sized(stage, widest), taskCount: 1, manner: 'together' },
      'many tasks': {
        graph: 'linear',
        size: 0,
        taskCount: sized(stage, 2_000),
        manner: 'together',
      },
    }
    const parts: Part[] = []
    for (const [what, work] of Object.entries(works)) {
      for (const workers of stage.workers === null ? workerCounts : [stage.workers]) {
        const run = await stage.server.withDatabase((databaseUrl) =>
          runTasker(databaseUrl, work, { slots: stage.slots, workers }),
        )
        parts.push({ name: partName(what, workers), figures: figuresOf(run) })
      }
    }
    return parts
  },
  judge: (runs) => [
    judge(
      'one task: steps/s of 4 workers ÷ of 1, at least 0.8',
      ratios(runs, 'stepsPerSecond', partName('one task', 4), partName('one task', 1)),
      { atLeast: 0.8 },
    ),
    judge(
      'many tasks: steps/s of 4 workers ÷ of 1, at least 1; more only while coresBusy has room',
      ratios(runs, 'stepsPerSecond', partName('many tasks', 4), partName('many tasks', 1)),
      { atLeast: 1 },
    ),
  ],
}
