// Both state machines on one page. The check constraints in sql/migrations carry the same words (a test compares them).
// Level 1.

export const taskStates = [
  'pending',
  'in_progress',
  'complete',
  'error',
  'cancelled',
  'resolved_manually',
] as const
export type TaskState = (typeof taskStates)[number]

export const stepStates = [...taskStates, 'skipped'] as const
export type StepState = (typeof stepStates)[number]

/** Moves of a task. Ended tasks are never left, except error, which an operator may revive. */
export const taskMoves: Readonly<Record<TaskState, readonly TaskState[]>> = {
  pending: ['in_progress', 'cancelled', 'error', 'complete'], // complete: every step was bypassed
  in_progress: ['complete', 'error', 'cancelled'],
  error: ['in_progress', 'cancelled', 'resolved_manually'],
  complete: [],
  cancelled: [],
  resolved_manually: [],
}

/** Moves of a step. Satisfied states are never left: a redo is a new task. */
export const stepMoves: Readonly<Record<StepState, readonly StepState[]>> = {
  pending: ['in_progress', 'cancelled', 'resolved_manually', 'skipped'],
  // pending: handed back, or waits until a time. The last two by hand: the late outcome is refused.
  in_progress: ['complete', 'error', 'cancelled', 'pending', 'resolved_manually', 'skipped'],
  error: ['pending', 'cancelled', 'resolved_manually', 'skipped'], // pending, then in_progress, in the next claim
  complete: [],
  cancelled: [],
  resolved_manually: [],
  skipped: [],
}

/** States of a step that satisfy its children. */
export const satisfiedStates: readonly StepState[] = ['complete', 'resolved_manually', 'skipped']

/** States in which a task goes on. */
export const openTaskStates: readonly TaskState[] = ['pending', 'in_progress']

export const isEnded = (state: TaskState): boolean => !openTaskStates.includes(state)

/** Lower runs first. The numbers are what the tables hold. */
export const priorities = { critical: 0, high: 1, normal: 2, low: 3 } as const
export type Priority = keyof typeof priorities

export const executionStatuses = [
  'has_ready_steps',
  'processing',
  'blocked_by_failures',
  'all_complete',
  'waiting_for_dependencies',
] as const
export type ExecutionStatus = (typeof executionStatuses)[number]

export const recommendedActions = {
  has_ready_steps: 'execute_ready_steps',
  processing: 'wait_for_completion',
  blocked_by_failures: 'handle_failures',
  all_complete: 'finalize_task',
  waiting_for_dependencies: 'wait_for_dependencies',
} as const satisfies Readonly<Record<ExecutionStatus, string>>
export type RecommendedAction = (typeof recommendedActions)[ExecutionStatus]

export const healthStatuses = ['healthy', 'recovering', 'blocked'] as const
export type HealthStatus = (typeof healthStatuses)[number]
