// Measures all subjects on the same server in turns: each round asks each of them once for each workload, in an order that
// rotates, so that what disturbs the machine disturbs all of them. A run that fails gives a reason and no figures.
import { measureCommits } from './commit-latency.ts'
import { figuresOf, type Figures } from './figures.ts'
import type { PeerWorkload } from './peer-workloads.ts'
import { roleOf, type PeersDocument } from './peers-document.ts'
import { runSubject, type SubjectRun } from './run-subject.ts'
import type { BenchServer } from './server.ts'
import type { Work } from './work.ts'

export interface RoundsOrder {
  readonly workloads: readonly PeerWorkload[]
  readonly subjects: readonly string[]
  readonly rounds: number
  readonly slots: number
  readonly redisUrl: string | null
  /** Sizes are divided by it. */
  readonly divisor: number
  /** Hears of each run, for whoever waits. */
  readonly say: (line: string) => void
}

export type Measured = Pick<PeersDocument, 'subjects' | 'commits' | 'workloads'>

/** One subject at one workload, as far as it has come. */
interface Standing {
  readonly workload: PeerWorkload
  readonly subject: string
  taskCount: number
  readonly rounds: (Figures | null)[]
  readonly failures: string[]
}

/** A slow subject is given fewer tasks: as many as it does in this time, and no less than a tenth. */
const runMs = 12_000
const smallestShare = 0.1
/** Of a workload's tasks, to see how long it would take. */
const pilotShare = 0.1
const patienceMs = 5 * 60_000

export async function measureRounds(server: BenchServer, order: RoundsOrder): Promise<Measured> {
  const subjects = new Map<string, PeersDocument['subjects'][number]>()
  const attempt = async (standing: Standing, work: Work): Promise<SubjectRun | null> => {
    const run = await runOrReason(server, order, standing, work)
    if (run === null) return null
    const { name: title, ...about } = run.about
    const { subject } = standing
    subjects.set(subject, { name: subject, title, role: roleOf(subject), ...about })
    return run
  }

  const standings = order.workloads.flatMap((workload) =>
    order.subjects.map((subject): Standing => {
      return { workload, subject, taskCount: fullCount(workload, order), rounds: [], failures: [] }
    }),
  )
  for (const standing of standings) {
    const full = standing.taskCount
    const pilotCount = Math.max(1, Math.round(full * pilotShare))
    const run = await attempt(standing, { ...standing.workload.work, taskCount: pilotCount })
    if (run !== null) standing.taskCount = countFor(full, pilotCount, run.report.tookMs)
    order.say(lineOf('pilot', standing, run))
  }

  const commits: Figures[] = []
  for (let round = 0; round < order.rounds; round += 1) {
    commits.push({ ...(await measureCommits(server)) })
    for (const standing of inTurns(standings, order.workloads, round)) {
      const { workload, taskCount, failures, rounds } = standing
      // What has failed and never succeeded since, the pilot included, is not asked again: its reason is known.
      const isGivenUp = failures.length > 0 && rounds.every((figures) => figures === null)
      const run = isGivenUp ? null : await attempt(standing, { ...workload.work, taskCount })
      rounds.push(run === null ? null : figuresOf(run))
      order.say(lineOf(`round ${round + 1}`, standing, run))
    }
  }
  return {
    subjects: [...subjects.values()],
    commits,
    workloads: order.workloads.map((workload) => ({
      name: workload.name,
      what: workload.what,
      kind: workload.work.kind,
      taskCount: fullCount(workload, order),
      results: standings
        .filter((standing) => standing.workload === workload)
        .map(({ workload: _, ...result }) => result),
    })),
  }
}

/** Null: it failed, and the reason stands with its failures. */
async function runOrReason(
  server: BenchServer,
  { slots, redisUrl }: RoundsOrder,
  { subject, failures }: Standing,
  work: Work,
): Promise<SubjectRun | null> {
  try {
    return await runSubject(server, subject, work, { slots, redisUrl, patienceMs })
  } catch (error) {
    failures.push(error instanceof Error ? error.message : String(error))
    return null
  }
}

/** How many tasks a run has: all, or as many as are done in the time of one. */
export function countFor(full: number, pilotCount: number, pilotMs: number): number {
  const expectedMs = (pilotMs * full) / pilotCount
  const share = Math.min(1, Math.max(smallestShare, runMs / expectedMs))
  return Math.max(1, Math.round(full * share))
}

/** One workload after the other; in each, another subject begins every round. */
function inTurns(
  standings: readonly Standing[],
  workloads: readonly PeerWorkload[],
  round: number,
): readonly Standing[] {
  return workloads.flatMap((workload) => {
    const those = standings.filter((standing) => standing.workload === workload)
    const first = round % Math.max(1, those.length)
    return [...those.slice(first), ...those.slice(0, first)]
  })
}

const fullCount = ({ work }: PeerWorkload, { divisor }: RoundsOrder): number =>
  Math.max(1, Math.round(work.taskCount / divisor))

function lineOf(stage: string, { workload, subject, failures }: Standing, run: SubjectRun | null) {
  const outcome =
    run === null ? `failed: ${failures.at(-1)}` : `${figuresOf(run)['stepsPerSecond']} steps/s`
  return `${stage.padEnd(8)} ${workload.name.padEnd(8)} ${subject.padEnd(16)} ${outcome}`
}
