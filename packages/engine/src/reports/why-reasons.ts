// The reason of one step that is not done, from where it and its task stand. Pure; what it reads is database/standing.ts,
// what to do about it is why-remedies.ts.
import type { Hold, NearWorker, OpenStep, TaskStanding } from '../database/standing.ts'
import type { ReasonDetail, ServingWorkers, WorkerBrief } from './reason-types.ts'

/** What the steps of a task have in common. */
export interface Circumstances {
  readonly task: TaskStanding
  readonly workers: ReadonlyMap<number, NearWorker>
  readonly serving: ServingWorkers
  readonly liveWorkers: number
  readonly servedVersions: readonly string[]
  /** Of attempts whose step sets no limit of its own; null: never. */
  readonly stepTimeoutMs: number | null
}

/** The reason of a step that waits for no other step; `parent` where it does, to be completed by root-causes.ts. */
export function detailOf(
  step: OpenStep,
  around: Circumstances,
): Exclude<ReasonDetail, { reason: 'parent' }> | 'parent' {
  switch (step.blockedBy) {
    case 'parent':
      return step.missingParents > 0 ? 'parent' : { reason: 'unqueued' }
    case 'held':
      return held(around.task)
    case 'exhausted':
      return exhausted(step)
    case 'running':
      return running(step, around)
    case 'retry':
      return {
        reason: 'retry',
        dueAt: dueAtOf(step, around),
        rule: step.lastFailure?.reason === 'retry_after' ? 'asked_for' : 'ladder',
        attempt: step.attempts,
        retryLimit: step.retryLimit,
        error: step.lastFailure?.error ?? null,
      }
    case 'wait':
      return {
        reason: 'wait',
        dueAt: dueAtOf(step, around),
        why: step.lastChange?.reason ?? null,
      }
    case null:
      return step.state === 'cancelled' ? ended(step, around) : due(step, around)
    case 'ended': // in a task in error it may still run, when what failed before it is put right
      return around.task.state === 'error' && step.missingParents > 0
        ? 'parent'
        : ended(step, around)
    default:
      return step.blockedBy satisfies never
  }
}

/** Since when the step has been in its state. */
export function stateSince(step: OpenStep, { task }: Circumstances): Date {
  const changedAt = step.lastChange?.at ?? task.createdAt
  return step.state === 'in_progress' ? (step.startedAt ?? changedAt) : changedAt
}

/** Since when the reason has been the reason; null where nobody wrote it down. */
export function reasonSince(
  detail: ReasonDetail,
  step: OpenStep,
  around: Circumstances,
): Date | null {
  switch (detail.reason) {
    case 'held':
      return detail.since
    case 'no_worker':
    case 'suspect':
    case 'concurrency':
    case 'due':
      return detail.dueAt
    case 'running':
      return detail.startedAt
    case 'worker_lost':
      return detail.worker?.lastSeenAt ?? step.startedAt
    case 'parent':
    case 'exhausted':
    case 'ended':
    case 'retry':
    case 'wait':
    case 'unqueued':
      return stateSince(step, around)
    default:
      return detail satisfies never
  }
}

function held({ hold, namespaceHold }: TaskStanding): ReasonDetail & { readonly reason: 'held' } {
  const unknown: Hold = { by: null, why: null, since: null }
  return hold === null && namespaceHold !== null
    ? { reason: 'held', scope: 'namespace', ...namespaceHold }
    : { reason: 'held', scope: 'task', ...(hold ?? unknown) }
}

function exhausted(step: OpenStep): ReasonDetail & { readonly reason: 'exhausted' } {
  const { attempts, retryLimit, losses, lastFailure } = step
  const reason = lastFailure?.reason
  const cause =
    reason === 'worker_lost'
      ? step.isRetryable
        ? 'losses'
        : 'lost_not_retryable'
      : reason === 'permanent_error'
        ? 'permanent_error'
        : 'attempts'
  const error = lastFailure?.error ?? null
  return { reason: 'exhausted', cause, error, attempts, retryLimit, losses }
}

function running(
  step: OpenStep,
  { workers, stepTimeoutMs, task }: Circumstances,
): ReasonDetail & { readonly reason: 'running' | 'worker_lost' } {
  const { attempts: attempt, retryLimit } = step
  const near = step.workerId === null ? undefined : workers.get(step.workerId)
  const worker = near === undefined ? null : brief(near)
  if (near?.isLive !== true) return { reason: 'worker_lost', worker, attempt, retryLimit }
  const startedAt = step.startedAt ?? task.createdAt
  const limitMs = step.timeoutMs ?? stepTimeoutMs
  const timesOutAt = limitMs === null ? null : new Date(startedAt.getTime() + limitMs)
  return { reason: 'running', worker, attempt, retryLimit, startedAt, timesOutAt }
}

function due(
  step: OpenStep,
  around: Circumstances,
): ReasonDetail & { readonly reason: 'no_worker' | 'suspect' | 'concurrency' | 'due' } {
  const { serving, liveWorkers, servedVersions } = around
  const dueAt = dueAtOf(step, around)
  if (serving.workers === 0) return { reason: 'no_worker', dueAt, liveWorkers, servedVersions }
  if (step.isSuspect) return { reason: 'suspect', dueAt, losses: step.losses }
  const isFull = serving.running >= serving.slots
  return { reason: isFull ? 'concurrency' : 'due', dueAt, serving }
}

function ended(
  step: OpenStep,
  { task }: Circumstances,
): ReasonDetail & { readonly reason: 'ended' } {
  const change = step.state === 'cancelled' ? step.lastChange : task.lastChange
  return { reason: 'ended', by: change?.actor ?? null, why: change?.reason ?? null }
}

/** A step that is due has a due time; `at` only satisfies the compiler. */
const dueAtOf = (step: OpenStep, { task }: Circumstances): Date => step.dueAt ?? task.at

const brief = ({ workerId, host, pid, seenAt }: NearWorker): WorkerBrief => ({
  workerId,
  host,
  pid,
  lastSeenAt: seenAt,
})
