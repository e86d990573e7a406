// The targets that need the peers, judged: ratios of Tasker to others within each round, and Tasker's own hop against the
// durable commits of the same round.
import { significant } from './figures.ts'
import type { PeersDocument, PeersWorkload, Role } from './peers-document.ts'
import { judge, type Verdict } from './verdict.ts'
import { judgeHops } from './workloads/latency.ts'

type Measured = Pick<PeersDocument, 'subjects' | 'commits' | 'workloads'>

interface SpeedTarget {
  readonly workload: string
  readonly of: Role[]
  /** Only this one of them. */
  readonly subject?: string
  readonly says: string
  readonly factor: number
}

const durablePeers = 'the best durable-execution peer'
const queues = 'the fastest job queue made by hand into a graph'

const speedTargets: readonly SpeedTarget[] = [
  ...['linear', 'diamond'].flatMap((workload): readonly SpeedTarget[] => [
    { workload, of: ['durable'], says: durablePeers, factor: 10 },
    { workload, of: ['queue', 'redis-queue'], says: queues, factor: 1.3 },
    { workload, of: ['limit'], says: 'the physical limit', factor: 0.5 },
  ]),
  { workload: 'fan-out', of: ['durable'], says: durablePeers, factor: 10 },
  { workload: 'fan-out', of: ['queue', 'redis-queue'], says: queues, factor: 2 },
  { workload: 'fan-out', of: ['limit'], says: 'the physical limit', factor: 0.5 },
  { workload: 'backlog', of: ['durable'], says: durablePeers, factor: 5 },
  {
    workload: 'backlog',
    of: ['queue'],
    subject: 'graphile-worker',
    says: 'graphile-worker batched',
    factor: 1,
  },
]

export function judgePeers(measured: Measured): readonly Verdict[] {
  return [
    ...speedTargets.flatMap((target) => judgeSpeed(measured, target)),
    ...judgeLatency(measured),
  ]
}

/** Of each round that has both: Tasker's figure by the other's. */
export function roundRatios(
  workload: PeersWorkload,
  figure: string,
  subject: string,
): readonly (number | null)[] {
  const other = roundsOf(workload, subject)
  return roundsOf(workload, 'tasker').map((ours, round) => {
    const value = ours?.[figure] ?? null
    const by = other[round]?.[figure] ?? null
    return value === null || by === null || by === 0 ? null : significant(value / by)
  })
}

/** Of the workloads that were asked for. The best of the others is the one that leaves the smallest ratio in a round. */
function judgeSpeed(measured: Measured, target: SpeedTarget): readonly Verdict[] {
  const workload = measured.workloads.find(({ name }) => name === target.workload)
  if (workload === undefined) return []
  const others = measured.subjects
    .filter(({ role, name }) => target.of.includes(role) && name === (target.subject ?? name))
    .map(({ name }) => roundRatios(workload, 'stepsPerSecond', name))
  const best = roundsOf(workload, 'tasker').map((_, round) => {
    const ratios = others.map((each) => each[round] ?? null).filter((ratio) => ratio !== null)
    return ratios.length === 0 ? null : Math.min(...ratios)
  })
  const says = `${target.workload}: steps/s ÷ those of ${target.says}, at least ${target.factor}`
  return [judge(says, best, { atLeast: target.factor })]
}

function judgeLatency({ workloads, subjects, commits }: Measured): readonly Verdict[] {
  const workload = workloads.find(({ name }) => name === 'latency')
  if (workload === undefined) return []
  const rounds = roundsOf(workload, 'tasker').map((figures, round) => [
    { name: '', figures: { ...figures, ...commits[round] } },
  ])
  const onPostgres = subjects.filter(({ role }) => role === 'durable' || role === 'queue')
  const below = ['taskMsP50', 'taskMsP99'].map((figure) => {
    const worst = rounds.map((_, round) => {
      const ratios = onPostgres
        .map(({ name }) => roundRatios(workload, figure, name)[round] ?? null)
        .filter((ratio) => ratio !== null)
      return ratios.length === 0 ? null : Math.max(...ratios)
    })
    const says = `latency: ${figure} of five steps ÷ that of the quickest peer on PostgreSQL, at most 1`
    return judge(says, worst, { atMost: 1 })
  })
  return [
    ...judgeHops(rounds).map((verdict) => ({ ...verdict, says: `latency: ${verdict.says}` })),
    ...below,
  ]
}

const roundsOf = (workload: PeersWorkload, subject: string) =>
  workload.results.find((result) => result.subject === subject)?.rounds ?? []
