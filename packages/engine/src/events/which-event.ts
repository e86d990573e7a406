// Which event stands for which entry of the history, and its id: for the process that recorded it, which tells it at once, and
// for those that read the history afterwards. Pure.
import type { StepState, TaskState } from '../states.ts'

export type TaskEndName =
  'task.completed' | 'task.failed' | 'task.cancelled' | 'task.resolved_manually'

/** A task came into this state. Null: that is no end. */
export const taskEndNames: Readonly<Record<TaskState, TaskEndName | null>> = {
  pending: null,
  in_progress: null,
  complete: 'task.completed',
  error: 'task.failed',
  cancelled: 'task.cancelled',
  resolved_manually: 'task.resolved_manually',
}

export type StepMoveName = 'step.cancelled' | 'step.resolved_manually' | 'step.skipped'

/** A step was moved into this state by hand. Null: that is an outcome, or no event. */
export const stepMoveNames: Readonly<Record<StepState, StepMoveName | null>> = {
  pending: null,
  in_progress: null,
  complete: null,
  error: null,
  cancelled: 'step.cancelled',
  resolved_manually: 'step.resolved_manually',
  skipped: 'step.skipped',
}

export type StepFailureName =
  'step.failed' | 'step.retry_requested' | 'observability.step.max_retries_reached'

/** `wantedRetry`: without its limit it would be tried again. */
export function stepFailureNames(failure: {
  readonly retryAt: Date | null
  readonly wantedRetry: boolean
}): readonly StepFailureName[] {
  if (failure.retryAt !== null) return ['step.failed', 'step.retry_requested']
  return failure.wantedRetry
    ? ['step.failed', 'observability.step.max_retries_reached']
    : ['step.failed']
}

export const taskEventId = (taskId: string, seq: number): string => `${taskId}/${seq}`

export const attemptEventId = (taskId: string, stepNo: number, claimNo: number): string =>
  `${taskId}/${stepNo}/${claimNo}`

export const moveEventId = (
  taskId: string,
  step: { readonly stepNo: number; readonly claimNo: number; readonly to: StepState },
): string => `${attemptEventId(taskId, step.stepNo, step.claimNo)}/${step.to}`

/** The reason of an outcome that came from a cache; see `reused` in steps/outcome.ts. */
export const cachedReason = 'cached'
