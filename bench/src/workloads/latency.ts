// One task of five steps at a time on an idle system: how long from a step's end to its child's start, and from creation to
// completion. The durable commit is measured in the same run, because nothing durable can be faster.
import { measureCommits } from '../commit-latency.ts'
import { figuresOf, type Figures } from '../figures.ts'
import { runSubject } from '../run-subject.ts'
import { figuresIn, judge, type Verdict } from '../verdict.ts'
import { sized, type Part, type Stage, type Workload } from '../workload.ts'

/** A hop may take so long, or two commits where they take longer. */
const hopMs = 1.5
const commitsPerHop = 2
const commitCount = 500
/** Bound of the p99, by that of the p50. */
const tailFactor = 5

export const latency: Workload = {
  name: 'latency',
  what: 'one task of five steps at a time, on an idle system',
  target:
    'Hop p50 at most 1.5 ms or two durable commits of the same run, whichever is larger, and p99 at most five times ' +
    'that; both below every peer on PostgreSQL.',
  async run(stage) {
    return [{ name: '', figures: await measureLatency(stage, sized(stage, 200)) }]
  },
  judge: judgeHops,
}

export async function measureLatency(stage: Stage, taskCount: number): Promise<Figures> {
  const options = { slots: stage.slots, redisUrl: null }
  const work = { kind: 'latency', shape: 'linear', taskCount } as const
  const { commitMsP50 } = await measureCommits(stage.server, sized(stage, commitCount))
  const figures = figuresOf(await runSubject(stage.server, 'tasker', work, options))
  return { commitMsP50, ...figures }
}

/** Against the commits of the same run. */
export function judgeHops(runs: readonly (readonly Part[])[]): readonly Verdict[] {
  const commits = figuresIn(runs, '', 'commitMsP50')
  const byBound = (figure: string, factor: number): readonly (number | null)[] =>
    figuresIn(runs, '', figure).map((value, run) => {
      const commitMs = commits[run]
      if (value === null || commitMs === null || commitMs === undefined) return null
      return value / (factor * Math.max(hopMs, commitsPerHop * commitMs))
    })
  return [
    judge('hop p50 ÷ the larger of 1.5 ms and two commits, at most 1', byBound('hopMsP50', 1), {
      atMost: 1,
    }),
    judge('hop p99 ÷ five times that, at most 1', byBound('hopMsP99', tailFactor), { atMost: 1 }),
  ]
}
