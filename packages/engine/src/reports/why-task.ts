// The task as a whole: one sentence on why it does not progress, what ended it, and what may be done about it.
import type { ErrorBrief } from '../database/error-brief.ts'
import type { Hold } from '../database/standing.ts'
import { isEnded, type TaskState } from '../states.ts'
import type { ReasonName, Remedy, StepReason } from './reason-types.ts'
import type { Circumstances } from './why-reasons.ts'
import { giveUp, rerun, rerunFrom, resume, retryAll, startWorker } from './why-remedies.ts'
import { because, by, instant, nobodyServes } from './why-sentences.ts'

export interface TaskEnd {
  readonly state: TaskState
  readonly at: Date
  /** `failed`: nothing could go on, and these steps had failed for good. */
  readonly cause: 'complete' | 'failed' | 'deadline' | 'cancelled' | 'resolved'
  /** Who: a worker, or the operator who cancelled or resolved it. */
  readonly by: string | null
  readonly why: string | null
  readonly failedSteps: readonly { readonly step: string; readonly error: ErrorBrief | null }[]
}

export function endOf(steps: readonly StepReason[], { task }: Circumstances): TaskEnd | null {
  if (!isEnded(task.state)) return null
  return {
    state: task.state,
    at: task.endedAt ?? task.at,
    cause: endCause(task.state, task.lastChange?.reason ?? null),
    by: task.lastChange?.actor ?? null,
    why: task.lastChange?.reason ?? null,
    failedSteps: steps.flatMap((step) =>
      step.reason === 'exhausted' ? [{ step: step.step, error: step.error }] : [],
    ),
  }
}

function endCause(state: TaskState, reason: string | null): TaskEnd['cause'] {
  switch (state) {
    case 'complete':
      return 'complete'
    case 'cancelled':
      return 'cancelled'
    case 'resolved_manually':
      return 'resolved'
    case 'error':
    case 'pending':
    case 'in_progress':
      return reason === 'deadline_exceeded' ? 'deadline' : 'failed'
    default:
      return state satisfies never
  }
}

/** The root cause first, then how many steps are where. */
export function summarize(
  steps: readonly StepReason[],
  worst: StepReason | null,
  around: Circumstances,
): string {
  const end = endOf(steps, around)
  const headline =
    end === null ? openHeadline(steps, worst, around) : endHeadline(end, steps, worst)
  const where = steps.length === 0 ? '' : `; ${countsLine(steps, around.task.totalSteps)}`
  return `${headline}${where}.`
}

function openHeadline(
  steps: readonly StepReason[],
  worst: StepReason | null,
  around: Circumstances,
): string {
  const { hold, namespaceHold, namespace } = around.task
  if (hold !== null) return `The task is held${words(hold)}`
  if (namespaceHold !== null) return `The namespace ${namespace} is held${words(namespaceHold)}`
  if (around.serving.workers === 0) return capitalized(nobodyServes(around))
  if (worst === null) return 'Every step is done, and the task is about to end'
  return named(worst, steps)
}

function endHeadline(end: TaskEnd, steps: readonly StepReason[], worst: StepReason | null): string {
  const at = instant(end.at)
  switch (end.cause) {
    case 'complete':
      return `The task has been complete since ${at}`
    case 'failed':
      return worst === null
        ? `The task ended in error at ${at}`
        : `The task ended in error at ${at}: ${named(worst, steps)}`
    case 'deadline':
      return `The task ended in error at its deadline, ${at}`
    case 'cancelled':
      return `The task was cancelled${by(end.by)} at ${at}${because(end.why)}`
    case 'resolved':
      return `The task was resolved${by(end.by)} at ${at}${because(end.why)}`
    default:
      return end.cause satisfies never
  }
}

/** `charge failed for good …, and 2 more alike`; with what comes next where that has a time. */
function named(worst: StepReason, steps: readonly StepReason[]): string {
  const alike = steps.filter(({ reason }) => reason === worst.reason).length - 1
  const others = alike === 0 ? '' : `, and ${alike} more alike`
  const next = worst.nextAt === null ? '' : `; ${worst.next}`
  return `${worst.step} ${worst.explanation}${others}${next}`
}

const labels: Readonly<Record<ReasonName, string>> = {
  held: 'held',
  no_worker: 'due without a worker',
  exhausted: 'failed for good',
  ended: 'left behind',
  unqueued: 'missing from the due table',
  worker_lost: 'lost with a worker',
  suspect: 'to run alone',
  concurrency: 'waiting for a slot',
  due: 'due',
  retry: 'waiting to be retried',
  wait: 'waiting for a time',
  running: 'running',
  parent: 'behind other steps',
}

function countsLine(steps: readonly StepReason[], total: number): string {
  const counts = new Map<ReasonName, number>()
  for (const { reason } of steps) counts.set(reason, (counts.get(reason) ?? 0) + 1)
  const names = Object.keys(labels) as ReasonName[] // the keys of the table
  const parts = names.flatMap((name) => {
    const amount = counts.get(name)
    return amount === undefined ? [] : [`${amount} ${labels[name]}`]
  })
  return [`${total - steps.length} of ${total} steps done`, ...parts].join(', ')
}

/** What would change the task, best first. */
export function taskRemedies(
  steps: readonly StepReason[],
  worst: StepReason | null,
  around: Circumstances,
): readonly Remedy[] {
  const { task, serving } = around
  const last = giveUp(task)
  const haveSeveralFailed = steps.filter(({ reason }) => reason === 'exhausted').length > 1
  const end = endOf(steps, around)
  if (end === null) {
    if (task.hold !== null) return [resume('task', task), ...last]
    if (task.namespaceHold !== null) return [resume('namespace', task), ...last]
    if (serving.workers === 0) return [startWorker, ...last]
  }
  const own =
    worst?.reason === 'exhausted' && haveSeveralFailed
      ? [retryAll(task.taskId), ...last]
      : (worst?.remedies ?? last)
  if (end === null) return own
  switch (end.cause) {
    case 'complete':
      return [rerunFrom(task.taskId)]
    case 'failed':
      return [...own, rerun(task.taskId)]
    case 'deadline':
    case 'cancelled':
    case 'resolved':
      return [rerun(task.taskId)]
    default:
      return end.cause satisfies never
  }
}

const words = (hold: Hold): string =>
  `${by(hold.by)}${hold.since === null ? '' : ` since ${instant(hold.since)}`}${because(hold.why)}`

const capitalized = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1)
