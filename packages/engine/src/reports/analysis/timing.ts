// How long a task takes and why: what each step took, or is expected to, and what follows for the whole. Waiting for a
// worker and between attempts is not in it. Pure; the passes over the graph are schedule.ts.
import type { UsualDuration } from '../../database/read-durations.ts'
import type { TaskGraphStep } from '../../database/read-task-graph.ts'
import { percentage, isDone, isFailedForGood, stepSeconds, type Weights } from './step-facts.ts'
import { gainsOf, scheduleOf, type Schedule, type TimedGraph } from './schedule.ts'
import { stepAt, type TaskGraph } from './task-graph.ts'

/**
 * Where a duration comes from. `measured`: the step's last attempt. `usual`: the p50 of the newest complete tasks of the same
 * definition and graph. `estimated`: `dependencyGraph.durationEstimates`.
 */
export type DurationOrigin = 'measured' | 'usual' | 'estimated'

export interface ScheduledStep {
  readonly stepId: number
  readonly stepName: string
  readonly durationMs: number
  readonly durationFrom: DurationOrigin
  /** From the start of the task, when nothing but parents is waited for. */
  readonly earliestStartMs: number
  readonly latestStartMs: number
  /** How much longer it could take without the task taking longer. 0: it is on a longest path. */
  readonly slackMs: number
}

/** What the task would gain if a step took no time. */
export interface TimeBottleneck {
  readonly stepId: number
  readonly stepName: string
  readonly durationMs: number
  readonly durationFrom: DurationOrigin
  /** Percent of the critical path. */
  readonly shareOfCriticalPath: number
  /** The p50 of other tasks, and of how many runs; null: none is known. */
  readonly usual: UsualDuration | null
  /** By how much the critical path would be shorter without it. */
  readonly gainMs: number
}

export interface TaskSchedule {
  /** The longest of all paths in time. */
  readonly criticalPathMs: number
  /** Numbers of its steps, up to the last one that takes time. */
  readonly criticalPath: readonly number[]
  readonly criticalPathNames: readonly string[]
  /** All steps together. */
  readonly totalWorkMs: number
  /** `totalWorkMs` / `criticalPathMs`: steps that could run at once, on average. 1 when nothing takes time. */
  readonly averageParallelism: number
  /** How many durations are of each origin. */
  readonly durationsFrom: Readonly<Record<DurationOrigin, number>>
  /** In the order of declaration. */
  readonly steps: readonly ScheduledStep[]
  /** The five steps of the critical path that cost the task most, the greatest gain first. */
  readonly timeBottlenecks: readonly TimeBottleneck[]
}

/** By step number. */
export type UsualDurations = ReadonlyMap<number, UsualDuration>

const bottlenecksShown = 5

export function taskSchedule(
  graph: TaskGraph,
  { usual, weights }: { readonly usual: UsualDurations; readonly weights: Weights },
): TaskSchedule {
  const durations = graph.steps.map((step) => durationOf(step, usual, weights))
  const timed: TimedGraph = { ...graph, durations: durations.map(({ us }) => us) }
  const schedule = scheduleOf(timed)
  const work = timed.durations.reduce((sum, us) => sum + us, 0)
  const originsLike = (origin: DurationOrigin): number =>
    durations.filter(({ from }) => from === origin).length
  return {
    criticalPathMs: toMs(schedule.total),
    criticalPath: schedule.criticalPath.map((place) => stepAt(graph, place).stepNo),
    criticalPathNames: schedule.criticalPath.map((place) => stepAt(graph, place).name),
    totalWorkMs: toMs(work),
    averageParallelism: schedule.total === 0 ? 1 : Math.round((work / schedule.total) * 100) / 100,
    durationsFrom: {
      measured: originsLike('measured'),
      usual: originsLike('usual'),
      estimated: originsLike('estimated'),
    },
    steps: graph.steps
      .map((step, place) => scheduledStep(step, place, { durations, schedule }))
      .toSorted((a, b) => a.stepId - b.stepId),
    timeBottlenecks: gainsOf(timed, schedule)
      .filter(({ gain }) => gain > 0)
      .slice(0, bottlenecksShown)
      .map(({ place, gain }) => {
        const { stepNo, name } = stepAt(graph, place)
        const { us, from } = durations[place] ?? notTimed
        return {
          stepId: stepNo,
          stepName: name,
          durationMs: toMs(us),
          durationFrom: from,
          shareOfCriticalPath: percentage(us, schedule.total),
          usual: usual.get(stepNo) ?? null,
          gainMs: toMs(gain),
        }
      }),
  }
}

interface TimedStep {
  /** Microseconds: whole numbers add up exactly. */
  readonly us: number
  readonly from: DurationOrigin
}

const notTimed: TimedStep = { us: 0, from: 'estimated' }

function durationOf(step: TaskGraphStep, usual: UsualDurations, weights: Weights): TimedStep {
  const ranUs = toUs(step.ranMs ?? 0)
  if (isDone(step) || step.state === 'cancelled' || isFailedForGood(step))
    return { us: ranUs, from: 'measured' }
  const usually = usual.get(step.stepNo)
  const expected: TimedStep =
    usually === undefined
      ? { us: toUs(stepSeconds(step, weights) * 1_000), from: 'estimated' }
      : { us: toUs(usually.p50Ms), from: 'usual' }
  return step.state === 'in_progress' && ranUs > expected.us
    ? { us: ranUs, from: 'measured' }
    : expected
}

function scheduledStep(
  step: TaskGraphStep,
  place: number,
  {
    durations,
    schedule,
  }: { readonly durations: readonly TimedStep[]; readonly schedule: Schedule },
): ScheduledStep {
  const { us, from } = durations[place] ?? notTimed
  const startUs = schedule.earliestStart[place] ?? 0
  const slackUs = schedule.slack[place] ?? 0
  return {
    stepId: step.stepNo,
    stepName: step.name,
    durationMs: toMs(us),
    durationFrom: from,
    earliestStartMs: toMs(startUs),
    latestStartMs: toMs(startUs + slackUs),
    slackMs: toMs(slackUs),
  }
}

const toUs = (ms: number): number => Math.max(0, Math.round(ms * 1_000))
const toMs = (us: number): number => us / 1_000
