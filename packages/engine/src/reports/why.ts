// Why a task does not progress, now: for each step that is not done the reason, since when, what happens next, and the
// command that would change it. Every non-terminal task has an answer.
import type { Database } from '../database/connect.ts'
import type { StepRow } from '../database/read-tasks.ts'
import { isServed } from '../database/read-workers.ts'
import { formatAddress } from '../definitions/names.ts'
import type { TaskId } from '../ids.ts'
import { isEnded, satisfiedStates, taskMoves, type StepState, type TaskState } from '../states.ts'
import { readTaskView } from './task-view.ts'

export interface StepReason {
  readonly step: string
  readonly state: StepState
  /**
   * `parent`, `retry`, `wait`, `running`, `worker_lost`, `held`, `exhausted`, `ended`, `no_worker`, `suspect`, or `due`.
   */
  readonly reason: string
  /** One sentence for people. */
  readonly explanation: string
  readonly since: Date | null
  /** What will happen, and when it is known. */
  readonly next: string
  /** The command that would change it; `<…>` is for the reader to fill in. Null: none can. */
  readonly command: string | null
}

export interface WhyReport {
  readonly taskId: TaskId
  readonly state: TaskState
  /** One sentence about the whole task. */
  readonly summary: string
  readonly steps: readonly StepReason[]
}

/** What the steps of a task have in common. */
interface Circumstances {
  readonly taskId: TaskId
  readonly taskState: TaskState
  /** Whether a live worker serves the task's definition. */
  readonly isServed: boolean
}

export async function explain(
  database: Database,
  taskId: TaskId,
  at: Date | null,
): Promise<WhyReport> {
  const task = await readTaskView(database, taskId, at)
  const around: Circumstances = {
    taskId,
    taskState: task.state,
    isServed: await isServed(database, task.definitionId, at),
  }
  const open = task.steps.filter((step) => !satisfiedStates.includes(step.state))
  return {
    taskId,
    state: task.state,
    summary: summarize(open, around, formatAddress(task)),
    steps: open.map((step) => reasonOf(step, around)),
  }
}

function summarize(open: readonly StepRow[], around: Circumstances, address: string): string {
  if (isEnded(around.taskState)) return `The task has ended: ${around.taskState}.`
  if (!around.isServed)
    return `No live worker serves ${address}: start one whose definitions include it.`
  const running = open.filter((step) => step.state === 'in_progress').length
  const due = open.filter((step) => step.isReady).length
  const later = open.filter(
    (step) => step.blockedBy === 'retry' || step.blockedBy === 'wait',
  ).length
  return `${running} running, ${due} due, ${later} waiting for a time, ${open.length - running - due - later} behind other steps.`
}

type Description = Pick<StepReason, 'reason' | 'explanation' | 'since' | 'next'>

function reasonOf(step: StepRow, around: Circumstances): StepReason {
  const { reason, explanation, since, next } = describe(step, around)
  const command = commandFor(reason, around)
  return { step: step.name, state: step.state, reason, explanation, since, next, command }
}

// Only commands that exist: what needs a worker is started, anything else can be given up.
function commandFor(reason: string, { taskId, taskState, isServed: served }: Circumstances) {
  if (!served && ['no_worker', 'worker_lost', 'suspect'].includes(reason))
    return 'tasker worker --config <file>'
  return taskMoves[taskState].includes('cancelled') ? `tasker task cancel ${taskId}` : null
}

function describe(step: StepRow, around: Circumstances): Description {
  const { attempts, retryLimit } = step
  const dueAt = step.nextRetryAt?.toISOString() ?? 'an unknown time'
  switch (step.blockedBy) {
    case 'parent':
      return {
        reason: 'parent',
        explanation: `waits for ${step.blockedDetail ?? 'its parents'}`,
        since: null,
        next: isEnded(around.taskState)
          ? 'nothing: the task has ended'
          : 'starts when its parents are satisfied',
      }
    case 'retry':
      return {
        reason: 'retry',
        explanation: `attempt ${attempts} of ${retryLimit} failed`,
        since: step.lastFailureAt,
        next: `tried again at ${dueAt}`,
      }
    case 'wait':
      return {
        reason: 'wait',
        explanation: 'asked to wait',
        since: step.endedAt,
        next: `runs again at ${dueAt}`,
      }
    case 'running':
      return describeRunning(step)
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
        explanation: `failed for good after ${attempts} of ${retryLimit} attempts`,
        since: step.lastFailureAt,
        next: 'nothing by itself: an operator must decide',
      }
    case 'ended':
      return { reason: 'ended', explanation: 'the task has ended', since: null, next: 'nothing' }
    case null:
      return step.state === 'cancelled'
        ? { reason: 'ended', explanation: 'was cancelled', since: step.endedAt, next: 'nothing' }
        : describeDue(step, around)
    default:
      return { reason: step.blockedBy, explanation: step.blockedBy, since: null, next: 'unknown' }
  }
}

function describeRunning({ attempts, retryLimit, isWorkerLive, startedAt }: StepRow): Description {
  const attempt = `attempt ${attempts} of ${retryLimit}`
  return isWorkerLive === false
    ? {
        reason: 'worker_lost',
        explanation: `${attempt} was running; its worker stopped renewing`,
        since: startedAt,
        next: 'taken over by the next scan of a live worker',
      }
    : {
        reason: 'running',
        explanation: `${attempt} runs`,
        since: startedAt,
        next: 'ends, fails, or times out',
      }
}

function describeDue(step: StepRow, { isServed: served }: Circumstances): Description {
  const since = step.nextRetryAt
  if (step.isSuspect) {
    return {
      reason: 'suspect',
      explanation: 'was lost twice with its worker; runs alone',
      since,
      next: served
        ? 'claimed by a worker that claims nothing beside it'
        : 'runs when a worker that serves it starts',
    }
  }
  return served
    ? { reason: 'due', explanation: 'is due', since, next: 'claimed by the next free slot' }
    : {
        reason: 'no_worker',
        explanation: 'is due, and no live worker serves it',
        since,
        next: 'runs when a worker that serves it starts',
      }
}
