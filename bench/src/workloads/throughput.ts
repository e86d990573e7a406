// Workloads that create many tasks and wait until all are complete: linear, diamond, fan-out.
import { figuresOf } from '../figures.ts'
import type { OwnGraph } from '../own-work.ts'
import { runTasker } from '../run-tasker.ts'
import { figuresIn, judge } from '../verdict.ts'
import { sized, type Workload } from '../workload.ts'

interface Throughput {
  readonly graph: OwnGraph & ('linear' | 'diamond' | 'fan-out')
  readonly taskCount: number
  readonly what: string
  readonly target: string
}

const asLinear =
  'At least 10 × the best durable-execution peer on PostgreSQL in steps/s, and 1.3 × the fastest job queue with a ' +
  'hand-made chain; half of the physical limit.'

/** Of every step, creation and history included, while at least 200 are in flight. */
const budgets = [
  { figure: 'statementsPerStep', atMost: 0.03 },
  { figure: 'commitsPerStep', atMost: 0.03 },
  { figure: 'walBytesPerStep', atMost: 2_000 },
  { figure: 'hotRatio', atLeast: 0.9 },
  { figure: 'nodeCpuUsPerStep', atMost: 60 },
] as const

const throughput = ({ graph, taskCount, what, target }: Throughput): Workload => ({
  name: graph,
  what,
  target,
  run: (stage) =>
    stage.server.withDatabase(async (databaseUrl) => {
      const count = sized(stage, taskCount)
      const work = { graph, size: 0, taskCount: count, manner: 'together' } as const
      const workers = stage.workers ?? 1
      const run = await runTasker(databaseUrl, work, { slots: stage.slots, workers })
      return [{ name: '', figures: figuresOf(run) }]
    }),
  judge: (runs) =>
    budgets.map(({ figure, ...bound }) => {
      const wanted = 'atMost' in bound ? `at most ${bound.atMost}` : `at least ${bound.atLeast}`
      return judge(`${figure}, ${wanted}`, figuresIn(runs, '', figure), bound)
    }),
})

export const linear = throughput({
  graph: 'linear',
  taskCount: 2_000,
  what: '2,000 tasks of five steps in a row',
  target: asLinear,
})

export const diamond = throughput({
  graph: 'diamond',
  taskCount: 2_000,
  what: '2,000 tasks A, then B and C, then D',
  target: asLinear,
})

export const fanOut = throughput({
  graph: 'fan-out',
  taskCount: 50,
  what: '50 tasks of one step, 200 that follow it, one that waits for all',
  target:
    'At least 10 × the best durable-execution peer on PostgreSQL in steps/s, and 2 × the fastest job queue with a ' +
    'hand-made counter; half of the physical limit.',
})
