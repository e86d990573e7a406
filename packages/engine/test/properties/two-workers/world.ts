// The world as the rules have it: tasks, steps, workers and receipts in plain data, so that it can be copied, and what follows
// from them. How calls change it is in the files rules-*.ts. Shares nothing with the SQL.
import type { CallId, TaskId, WorkerId } from '../../../src/ids.ts'
import type { Json } from '../../../src/json.ts'
import { satisfiedStates, type StepState, type TaskState } from '../../../src/states.ts'
import type { StepRef } from '../../protocol/lab.ts'

export interface StepNow {
  /** -1: the deadline. */
  readonly stepNo: number
  readonly name: string | null
  readonly parents: readonly number[]
  readonly retryable: boolean
  limit: number
  state: StepState
  claimNo: number
  attempts: number
  losses: number
  waits: number
  workerId: WorkerId | null
  /** When it may run; null: it stands in no due row. */
  dueMs: number | null
  /** Since when the running claim could have been made: its place, which a first loss gives back. */
  placeMs: number
  result: Json | undefined
}

export interface TaskNow {
  readonly taskId: TaskId
  readonly definitionId: number
  readonly deadlineMs: number | null
  readonly steps: readonly StepNow[]
  state: TaskState
  isHeld: boolean
  /** Its first claim met somebody who held its row: it may still be called pending, until the next call that records. */
  mayBeUnstarted: boolean
}

export interface WorkerNow {
  readonly isLive: boolean
  readonly leaseUntilMs: number
  /** Since when it has held its lease without a gap. */
  readonly renewedSinceMs: number
}

export interface World {
  nowMs: number
  readonly tasks: readonly TaskNow[]
  readonly workers: Map<WorkerId, WorkerNow>
  readonly receipts: Map<
    CallId,
    { readonly workerId: WorkerId; readonly claims: readonly StepRef[] }
  >
  /** What the claim's own worker recorded of it, by `claimKey`. */
  readonly ended: Map<string, 'complete' | 'error' | 'pending'>
  /** Late outcomes that are kept, by `claimKey`. */
  readonly refused: Set<string>
}

export const leaseMs = 15_000
export const lostLimit = 5

export const claimKey = ({ taskId, stepNo, claimNo }: StepRef): string =>
  `${taskId}/${stepNo}/${claimNo}`

export const taskOf = (world: World, taskId: TaskId): TaskNow => {
  const task = world.tasks.find((one) => one.taskId === taskId)
  if (task === undefined) throw new Error(`There is no task ${taskId}.`)
  return task
}

export const stepOf = (task: TaskNow, stepNo: number): StepNow => {
  const step = task.steps.find((one) => one.stepNo === stepNo)
  if (step === undefined) throw new Error(`Task ${task.taskId} has no step ${stepNo}.`)
  return step
}

/** The steps that count: without the deadline. */
export const countedIn = (task: TaskNow): readonly StepNow[] =>
  task.steps.filter(({ stepNo }) => stepNo > 0)

export const isOpen = ({ state }: TaskNow): boolean =>
  state === 'pending' || state === 'in_progress'
export const isSatisfied = ({ state }: StepNow): boolean => satisfiedStates.includes(state)
const isMoving = ({ state, dueMs }: StepNow): boolean => state === 'in_progress' || dueMs !== null
export const isParked = ({ state, dueMs }: StepNow): boolean => state === 'error' && dueMs === null

export const waitingOf = (task: TaskNow, step: StepNow): number =>
  step.parents.filter((parent) => !isSatisfied(stepOf(task, parent))).length

export const countersOf = (task: TaskNow) => {
  const steps = countedIn(task)
  return {
    open: steps.filter(isMoving).length,
    notSatisfied: steps.filter((step) => !isSatisfied(step)).length,
    errors: steps.filter(isParked).length,
  }
}

/** What a claim may take now. */
export const isClaimable = (world: World, task: TaskNow, { dueMs }: StepNow): boolean =>
  dueMs !== null && dueMs <= world.nowMs && !task.isHeld

export const claimableIn = (world: World): readonly StepNow[] =>
  world.tasks.flatMap((task) => task.steps.filter((step) => isClaimable(world, task, step)))

export const isRunning = (world: World, { taskId, stepNo, claimNo }: StepRef): boolean => {
  const step = stepOf(taskOf(world, taskId), stepNo)
  return step.state === 'in_progress' && step.claimNo === claimNo
}

export const isLive = (world: World, workerId: WorkerId): boolean =>
  world.workers.get(workerId)?.isLive === true

export const newWorker = ({ nowMs }: Pick<World, 'nowMs'>): WorkerNow => ({
  isLive: true,
  leaseUntilMs: nowMs + leaseMs,
  renewedSinceMs: nowMs,
})

/** What waits for nothing any more is due now. */
export function release(world: World, task: TaskNow): void {
  for (const step of countedIn(task)) {
    if (step.state === 'pending' && step.dueMs === null && waitingOf(task, step) === 0)
      step.dueMs = world.nowMs
  }
}

/** Nothing open: the task ends, by what its steps are. A task in error stays so while it has a step that failed for good. */
export function judgeEnd(task: TaskNow): void {
  const { open, notSatisfied, errors } = countersOf(task)
  if (open > 0 || (task.state === 'error' && errors > 0)) return
  task.state = errors > 0 ? 'error' : notSatisfied > 0 ? 'cancelled' : 'complete'
  for (const step of task.steps) if (step.stepNo === -1) step.dueMs = null
}
