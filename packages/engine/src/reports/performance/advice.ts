// What would help most, in sentences that name a step, what was measured of it, and what is to be gained. Pure.
import type { StepProfile, TaskProfile } from '../../database/read-distributions.ts'
import type { ErrorPattern, StandingStep } from '../../database/read-trouble.ts'
import type { TaskAddress } from '../../database/read-task-graph.ts'
import { analyseGraph } from '../../definitions/graph.ts'
import { count, formatDuration } from '../../wording.ts'
import { gainsOf, scheduleOf } from '../analysis/schedule.ts'

export interface Advice {
  /** `slow_step`: on the critical path of a definition. `error`: it ends attempts. `blocking_step`: open tasks wait for it. */
  readonly kind: 'slow_step' | 'error' | 'blocking_step'
  readonly of: TaskAddress
  readonly step: string
  readonly text: string
  /** Of a slow step: by how much the critical path would be shorter without it. Else null: it is said in the text. */
  readonly gainMs: number | null
}

/** The step that the tasks of a definition would gain most from. */
export interface SlowPath {
  readonly of: TaskAddress
  readonly step: string
  readonly p50Ms: number
  readonly p95Ms: number
  readonly runs: number
  /** The longest path through the graph, each step taken at its p50. */
  readonly criticalPathMs: number
  readonly gainMs: number
}

export interface Found {
  readonly slowPaths: readonly SlowPath[]
  readonly patterns: readonly ErrorPattern[]
  /** Of the window. */
  readonly tasksInError: number
  readonly blocking: readonly StandingStep[]
}

const adviceMax = 5
/** A step that costs less of the critical path is no bottleneck. */
const gainShareMin = 0.1
const ofErrorsMax = 2
const ofBlockingMax = 1

export function adviceOf({
  slowPaths,
  patterns,
  tasksInError,
  blocking,
}: Found): readonly Advice[] {
  return [
    ...slowPaths.map(slowStep),
    ...patterns.slice(0, ofErrorsMax).map((pattern) => frequentError(pattern, tasksInError)),
    ...blocking
      .filter(({ stepsHeldUp, holding }) => stepsHeldUp > 0 && holding > 1)
      .slice(0, ofBlockingMax)
      .map(blockingStep),
  ].slice(0, adviceMax)
}

export function slowPathsOf(
  tasks: readonly TaskProfile[],
  steps: readonly StepProfile[],
): readonly SlowPath[] {
  return tasks.flatMap(({ definitionId, namespace, name, version }) => {
    const found = slowestOnPath(steps.filter((step) => step.definitionId === definitionId))
    return found === null ? [] : [{ of: { namespace, name, version }, ...found }]
  })
}

function slowestOnPath(steps: readonly StepProfile[]): Omit<SlowPath, 'of'> | null {
  const nameOf = new Map(steps.map(({ stepNo, name }) => [stepNo, name]))
  const { topology } = analyseGraph(
    steps.map(({ name, parents }) => ({
      name,
      dependsOn: parents.flatMap((stepNo) => nameOf.get(stepNo) ?? []),
    })),
  )
  const byName = new Map(steps.map((step) => [step.name, step]))
  const ordered = topology.flatMap((name) => byName.get(name) ?? [])
  const placeOf = new Map(ordered.map(({ stepNo }, place) => [stepNo, place]))
  const parents = ordered.map((step) => step.parents.flatMap((stepNo) => placeOf.get(stepNo) ?? []))
  const children = ordered.map((): number[] => [])
  for (const [place, before] of parents.entries())
    for (const parent of before) children[parent]?.push(place)
  // Whole microseconds: they add up exactly.
  const durations = ordered.map(({ p50Ms }) => Math.round((p50Ms ?? 0) * 1_000))
  const graph = { parents, children, durations }
  const schedule = scheduleOf(graph)
  const [best] = gainsOf(graph, schedule)
  const step = ordered[best?.place ?? -1]
  if (best === undefined || step === undefined || step.p50Ms === null) return null
  if (best.gain < gainShareMin * schedule.total) return null
  return {
    step: step.name,
    p50Ms: step.p50Ms,
    p95Ms: step.p95Ms ?? step.p50Ms,
    runs: step.runs,
    criticalPathMs: schedule.total / 1_000,
    gainMs: best.gain / 1_000,
  }
}

const addressOf = ({ namespace, name, version }: TaskAddress): string =>
  `${namespace}/${name}@${version}`

function slowStep({ of, step, p50Ms, p95Ms, runs, criticalPathMs, gainMs }: SlowPath): Advice {
  return {
    kind: 'slow_step',
    of,
    step,
    gainMs,
    text:
      `Shorten "${step}" of ${addressOf(of)}: it took p50 ${formatDuration(p50Ms)} (p95 ${formatDuration(p95Ms)}, ` +
      `${count(runs, 'run')}) of the ${formatDuration(criticalPathMs)} of the critical path; ` +
      `without it the path would be ${formatDuration(gainMs)} shorter.`,
  }
}

function frequentError(
  { errorClass, code, attempts, retried, tasks, step, of }: ErrorPattern,
  tasksInError: number,
): Advice {
  const named = code === null ? errorClass : `${errorClass} (${code})`
  return {
    kind: 'error',
    of,
    step,
    gainMs: null,
    text:
      `Look at ${named} in "${step}" of ${addressOf(of)}: it ended ${count(attempts, 'attempt')} of ${count(tasks, 'task')}; ` +
      `without it ${count(retried, 'further attempt')} and ` +
      `${count(attempts - retried, 'final failure')} would not have been ` +
      `(${count(tasksInError, 'task')} of the window ${tasksInError === 1 ? 'is' : 'are'} in error).`,
  }
}

function blockingStep({ step, holding, stepsHeldUp, holdingMs, ...of }: StandingStep): Advice {
  const { namespace, name, version } = of
  return {
    kind: 'blocking_step',
    of: { namespace, name, version },
    step,
    gainMs: null,
    text:
      `Look at "${step}" of ${addressOf(of)}: it stands in ${count(holding, 'open task')}, for ` +
      `${formatDuration(holdingMs ?? 0)} on average; once it is done ${count(stepsHeldUp, 'step')} behind it can go on.`,
  }
}
