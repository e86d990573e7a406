// Why a task does not progress, now: for each step that is not done the reason, since when, what happens next, and the
// command that would change it. Every non-terminal task has an answer.
import type { Database } from '../database/connect.ts'
import { readWorkers, type StepRow, type WorkerRow } from '../database/read-tasks.ts'
import type { TaskId } from '../ids.ts'
import { isEnded, type StepState, type TaskState } from '../states.ts'
import { readTaskView } from './task-view.ts'

export interface StepReason {
  readonly step: string
  readonly state: StepState
  /** `parent`, `retry`, `wait`, `running`, `held`, `exhausted`, `ended`, `no_worker`, or `due`. */
  readonly reason: string
  /** One sentence for people. */
  readonly explanation: string
  readonly since: Date | null
  /** What will happen, and when it is known. */
  readonly next: string
}

export interface WhyReport {
  readonly taskId: TaskId
  readonly state: TaskState
  /** One sentence about the whole task. */
  readonly summary: string
  readonly steps: readonly StepReason[]
}

export async function explain(
  database: Database,
  taskId: TaskId,
  at: Date | null,
): Promise<WhyReport> {
  const [task, workers] = await Promise.all([
    readTaskView(database, taskId, at),
    readWorkers(database),
  ])
  const serving = workers.filter(
    (worker) => worker.state === 'live' && worker.serves.includes(task.definitionId),
  )
  const open = task.steps.filter(
    (step) => !['complete', 'resolved_manually', 'skipped'].includes(step.state),
  )
  return {
    taskId,
    state: task.state,
    summary: summarize(task.state, open, serving, `${task.namespace}.${task.name}@${task.version}`),
    steps: open.map((step) => reasonOf(step, task.state, serving)),
  }
}

function summarize(
  state: TaskState,
  open: readonly StepRow[],
  serving: readonly WorkerRow[],
  address: string,
): string {
  if (isEnded(state)) return `The task has ended: ${state}.`
  if (serving.length === 0)
    return `No live worker serves ${address}: start one whose definitions include it.`
  const running = open.filter((step) => step.state === 'in_progress').length
  const due = open.filter((step) => step.isReady).length
  const later = open.filter(
    (step) => step.blockedBy === 'retry' || step.blockedBy === 'wait',
  ).length
  return `${running} running, ${due} due, ${later} waiting for a time, ${open.length - running - due - later} behind other steps.`
}

function reasonOf(step: StepRow, taskState: TaskState, serving: readonly WorkerRow[]): StepReason {
  const { reason, explanation, next, since } = describe(step, taskState, serving)
  return { step: step.name, state: step.state, reason, explanation, since, next }
}

function describe(
  step: StepRow,
  taskState: TaskState,
  serving: readonly WorkerRow[],
): Omit<StepReason, 'step' | 'state'> {
  const due = step.nextRetryAt?.toISOString() ?? 'an unknown time'
  switch (step.blockedBy) {
    case 'parent':
      return {
        reason: 'parent',
        explanation: `waits for ${step.blockedDetail ?? 'its parents'}`,
        since: null,
        next: isEnded(taskState)
          ? 'nothing: the task has ended'
          : 'starts when its parents are satisfied',
      }
    case 'retry':
      return {
        reason: 'retry',
        explanation: `attempt ${step.attempts} of ${step.retryLimit} failed`,
        since: step.lastFailureAt,
        next: `tried again at ${due}`,
      }
    case 'wait':
      return {
        reason: 'wait',
        explanation: 'asked to wait',
        since: step.endedAt,
        next: `runs again at ${due}`,
      }
    case 'running':
      return {
        reason: 'running',
        explanation: `attempt ${step.attempts} of ${step.retryLimit} runs`,
        since: step.startedAt,
        next: 'ends, fails, or times out',
      }
    case 'held':
      return {
        reason: 'held',
        explanation: 'the task is held',
        since: null,
        next: 'runs when the task is resumed',
      }
    case 'exhausted':
      return {
        reason: 'exhausted',
        explanation: `failed for good after ${step.attempts} of ${step.retryLimit} attempts`,
        since: step.lastFailureAt,
        next: 'nothing by itself: an operator must decide',
      }
    case 'ended':
      return { reason: 'ended', explanation: 'the task has ended', since: null, next: 'nothing' }
    case null:
      if (step.state === 'cancelled') {
        return {
          reason: 'ended',
          explanation: 'was cancelled',
          since: step.endedAt,
          next: 'nothing',
        }
      }
      return serving.length === 0
        ? {
            reason: 'no_worker',
            explanation: 'is due, and no live worker serves it',
            since: step.nextRetryAt,
            next: 'runs when a worker that serves it starts',
          }
        : {
            reason: 'due',
            explanation: 'is due',
            since: step.nextRetryAt,
            next: 'claimed by the next free slot',
          }
    default:
      return { reason: step.blockedBy, explanation: step.blockedBy, since: null, next: 'unknown' }
  }
}
