// Five chains of a thousand steps: does a step late in a long task cost more than an early one, or than a step of a short
// task? The hop of short tasks is measured in the same run.
import { figuresOf, quantile, round, type Figures } from '../figures.ts'
import { runTasker } from '../run-tasker.ts'
import { judge, ratios, figuresIn } from '../verdict.ts'
import { sized, type Workload } from '../workload.ts'
import { measureLatency } from './latency.ts'

/** The first steps of a chain are not looked at: the task is being started. */
const firstLooked = 10

export const chain: Workload = {
  name: 'chain',
  what: 'five tasks of 1,000 steps in a row, at once',
  target:
    'Time per step flat from the 10th to the 1,000th (± 10 %), and at most 1.2 × the hop of latency.',
  async run(stage) {
    const length = Math.max(40, sized(stage, 1_000))
    const chains = await stage.server.withDatabase(async (databaseUrl) => {
      const work = { graph: 'chain', size: length, taskCount: 5, manner: 'timed' } as const
      const run = await runTasker(databaseUrl, work, { slots: stage.slots, workers: 1 })
      return { ...figuresOf(run), ...hopsByPosition(run.report.chainHopsMs) }
    })
    const short = await measureLatency(stage, sized(stage, 60))
    return [
      { name: 'chain', figures: chains },
      { name: 'short tasks', figures: short },
    ]
  },
  judge: (runs) => [
    judge(
      'hop of the last tenth ÷ hop of a tenth from the 10th step on, 0.9 to 1.1',
      figuresIn(runs, 'chain', 'lastHopsByFirst'),
      { atLeast: 0.9, atMost: 1.1 },
    ),
    judge(
      'hop of a chain ÷ hop of short tasks in the same run, p50, at most 1.2',
      ratios(runs, 'hopMsP50', 'chain', 'short tasks'),
      { atMost: 1.2 },
    ),
  ],
}

/** Medians over all chains, of the steps of a window: a tenth of the chain at both ends, ten steps in between. */
export function hopsByPosition(chainHopsMs: readonly (readonly number[])[]): Figures {
  const hops = chainHopsMs[0]?.length ?? 0
  const middleOf = (from: number, to: number): number | null =>
    quantile(
      chainHopsMs.flatMap((ofChain) => ofChain.slice(Math.max(0, from), to)),
      0.5,
    )
  const tenth = Math.floor((hops + 1) / 10)
  const first = middleOf(firstLooked, firstLooked + tenth)
  const last = middleOf(hops - tenth, hops)
  const positions = [10, 30, 100, 300, 1_000].filter((position) => position <= hops + 1)
  // The hop to step n stands at n - 2: it starts from the step before, and the first step has none.
  const at = positions.map((position): [string, number | null] => [
    `hopMsAt${position}`,
    middleOf(position - 6, position + 4),
  ])
  return {
    ...Object.fromEntries(at),
    lastHopsByFirst: first === null || last === null ? null : round(last / first, 3),
    hopMsP50: quantile(chainHopsMs.flat(), 0.5),
    hopMsP95: quantile(chainHopsMs.flat(), 0.95),
    hopMsP99: quantile(chainHopsMs.flat(), 0.99),
  }
}
