// Real workflow graphs, all at once, against the regular graph of `fan-out`: irregular joins must not cost much more.
import { readRealGraphs } from '../../../packages/engine/test/support/real-graphs.ts'
import { figuresOf } from '../figures.ts'
import type { OwnWork } from '../own-work.ts'
import { runTasker } from '../run-tasker.ts'
import { judge, ratios } from '../verdict.ts'
import { sized, type Part, type Workload } from '../workload.ts'

/** So many tasks of each graph, so that there are about as many steps as in `fan-out`. */
const tasksOfEach = 4

export const real: Workload = {
  name: 'real',
  what: 'four tasks of each of twelve real workflow graphs, all at once',
  target: 'Steps/s of fan-out ÷ steps/s of real at most 1.5.',
  async run(stage) {
    if (!readRealGraphs().every(({ isReal }) => isReal)) {
      stage.note('real: the graphs are generated, of the shapes of the real ones')
    }
    const works: Readonly<Record<string, OwnWork>> = {
      'fan-out': { graph: 'fan-out', size: 0, taskCount: sized(stage, 50), manner: 'together' },
      real: { graph: 'real', size: 0, taskCount: sized(stage, tasksOfEach), manner: 'together' },
    }
    const parts: Part[] = []
    for (const [name, work] of Object.entries(works)) {
      const run = await stage.server.withDatabase((databaseUrl) =>
        runTasker(databaseUrl, work, { slots: stage.slots, workers: stage.workers ?? 1 }),
      )
      parts.push({ name, figures: figuresOf(run) })
    }
    return parts
  },
  judge: (runs) => [
    judge(
      'steps/s of fan-out ÷ steps/s of real, at most 1.5',
      ratios(runs, 'stepsPerSecond', 'fan-out', 'real'),
      { atMost: 1.5 },
    ),
  ],
}
