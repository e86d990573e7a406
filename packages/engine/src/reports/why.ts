// Why a task does not progress, now: for each step that is not done the reason, since when, what happens next, and the
// commands that would change it; for the task one sentence. Every task that has not ended has an answer.
import type { Database } from '../database/connect.ts'
import { readRunningCounts, readStanding } from '../database/read-standing.ts'
import type { OpenStep, Standing } from '../database/standing.ts'
import type { TaskId } from '../ids.ts'
import type { TaskState } from '../states.ts'
import {
  severities,
  type MissingParent,
  type ReasonDetail,
  type ReasonName,
  type Remedy,
  type RootCause,
  type ServingWorkers,
  type StepReason,
} from './reason-types.ts'
import { rootCauses, type Causes } from './root-causes.ts'
import { taskNotFound } from './task-view.ts'
import { detailOf, reasonSince, stateSince, type Circumstances } from './why-reasons.ts'
import { giveUp, remediesOf } from './why-remedies.ts'
import { explanationOf, nextOf } from './why-sentences.ts'
import { endOf, taskRemedies, summarize, type TaskEnd } from './why-task.ts'

export interface WhyReport {
  readonly taskId: TaskId
  readonly namespace: string
  readonly name: string
  readonly version: string
  readonly state: TaskState
  /** One sentence about the whole task: the root cause first, then how many steps are where. */
  readonly summary: string
  /** The worst of the steps that wait for no other; null: there is none. */
  readonly rootCause: string | null
  /** What would change the task, best first. */
  readonly remedies: readonly Remedy[]
  /** What ended it; null while it goes on. */
  readonly end: TaskEnd | null
  readonly deadlineAt: Date | null
  readonly totalSteps: number
  /** Steps that are complete, resolved or skipped. */
  readonly doneSteps: number
  /** How many of the others have which reason. */
  readonly counts: Readonly<Partial<Record<ReasonName, number>>>
  /** Steps that are not done, in the order of declaration. */
  readonly steps: readonly StepReason[]
  /** The instant of this answer. */
  readonly at: Date
}

export interface WhyOptions {
  readonly at: Date | null
  /** `execution.stepTimeoutMs`. */
  readonly stepTimeoutMs: number | null
  /** False: nothing of it says what handlers threw. */
  readonly withErrors: boolean
}

/** @throws {TaskerError} TASK_NOT_FOUND */
export async function explain(
  database: Database,
  taskId: TaskId,
  { at, stepTimeoutMs, withErrors }: WhyOptions,
): Promise<WhyReport> {
  const standing = await readStanding(database, taskId, at)
  if (standing === null) throw taskNotFound(taskId, database.schema)
  const { task, liveWorkers, servedVersions } = standing
  const steps = withErrors ? standing.steps : standing.steps.map(withoutError)
  const around: Circumstances = {
    task,
    workers: new Map(standing.workers.map((worker) => [worker.workerId, worker])),
    serving: await readServing(database, standing),
    liveWorkers,
    servedVersions,
    stepTimeoutMs,
  }
  const reasons = reasonsOf(steps, around)
  const worst = reasons.reduce<StepReason | null>(worse, null)
  return {
    taskId,
    namespace: task.namespace,
    name: task.name,
    version: task.version,
    state: task.state,
    summary: summarize(reasons, worst, around),
    rootCause: worst?.step ?? null,
    remedies: taskRemedies(reasons, worst, around),
    end: endOf(reasons, around),
    deadlineAt: task.deadlineAt,
    totalSteps: task.totalSteps,
    doneSteps: task.totalSteps - steps.length,
    counts: countsOf(reasons),
    steps: reasons,
    at: task.at,
  }
}

const withoutError = (step: OpenStep): OpenStep =>
  step.lastFailure === null ? step : { ...step, lastFailure: { ...step.lastFailure, error: null } }

/** Counted only where a step is due: running steps of all tasks are looked up for it. */
async function readServing(database: Database, standing: Standing): Promise<ServingWorkers> {
  const serving = standing.workers.filter((worker) => worker.isServing && worker.isLive)
  const isDue = standing.steps.some((step) => step.blockedBy === null && step.dueAt !== null)
  const counts =
    isDue && serving.length > 0
      ? await readRunningCounts(
          database,
          serving.map(({ workerId }) => workerId),
        )
      : new Map<number, number>()
  // A worker never runs more than its slots; while it lowers them, what still runs fills them.
  const running = serving.map(({ workerId, slots }) => Math.min(counts.get(workerId) ?? 0, slots))
  return {
    workers: serving.length,
    running: sum(running),
    slots: sum(serving.map(({ slots }) => slots)),
  }
}

function reasonsOf(steps: readonly OpenStep[], around: Circumstances): readonly StepReason[] {
  const own = steps.map((step) => ({ step, detail: detailOf(step, around) }))
  const causes = rootCauses(
    own.map(({ step: { stepNo, parents }, detail }) => ({
      stepNo,
      parents,
      severity: detail === 'parent' ? null : severities[detail.reason],
    })),
  )
  const last = giveUp(around.task)
  const settled = new Map<number, StepReason & RootCause>()
  for (const { step, detail } of own) {
    if (detail === 'parent') continue
    const remedies = [...remediesOf(detail, step.name, around), ...last]
    settled.set(step.stepNo, {
      ...describe(step, detail, around),
      ...detail,
      remedies,
    })
  }
  const byNo = new Map(steps.map((step) => [step.stepNo, step]))
  return own.map(({ step, detail }) => {
    const reason = settled.get(step.stepNo)
    if (detail !== 'parent' && reason !== undefined) return reason
    const parents = parentDetail(causes.get(step.stepNo), byNo, settled, around)
    const first = parents.rootCauses[0]?.remedies ?? last
    return { ...describe(step, parents.detail, around), ...parents.detail, remedies: first }
  })
}

function describe(step: OpenStep, detail: ReasonDetail, around: Circumstances) {
  return {
    step: step.name,
    state: step.state,
    explanation: explanationOf(detail, around),
    since: reasonSince(detail, step, around),
    ...nextOf(detail, around),
  }
}

function parentDetail(
  causes: Causes | undefined,
  byNo: ReadonlyMap<number, OpenStep>,
  settled: ReadonlyMap<number, StepReason & RootCause>,
  around: Circumstances,
) {
  const missing = (causes?.missing ?? []).flatMap((stepNo): MissingParent[] => {
    const parent = byNo.get(stepNo)
    if (parent === undefined) return []
    return [{ step: parent.name, state: parent.state, since: stateSince(parent, around) }]
  })
  const worst = (causes?.causes ?? []).flatMap((stepNo) => settled.get(stepNo) ?? [])
  const detail: ReasonDetail & { readonly reason: 'parent' } = {
    reason: 'parent',
    missing,
    rootCauses: worst.map(({ step, reason }) => ({ step, reason })),
    hasMoreRootCauses: causes?.hasMore ?? false,
  }
  return { detail, rootCauses: worst }
}

const worse = (worst: StepReason | null, step: StepReason): StepReason | null =>
  step.reason !== 'parent' && (worst === null || severities[step.reason] < severities[worst.reason])
    ? step
    : worst

function countsOf(steps: readonly StepReason[]): WhyReport['counts'] {
  const counts: Partial<Record<ReasonName, number>> = {}
  for (const { reason } of steps) counts[reason] = (counts[reason] ?? 0) + 1
  return counts
}

const sum = (numbers: readonly number[]): number =>
  numbers.reduce((total, number) => total + number, 0)
