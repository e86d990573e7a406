// What an operator's actions and a deadline may answer and what they change, for one call at a time. Written from the rules 12 to
// 15 and 30 and the glossary of actions, not from the SQL.
import type { StepState } from '../../../src/states.ts'
import type { OperatorAction } from '../../../src/tasks/operator-order.ts'
import type { Answered, OperateOrder } from './calls.ts'
import type { Faults } from './rules-of-workers.ts'
import {
  countedIn,
  countersOf,
  isOpen,
  isParked,
  judgeEnd,
  release,
  stepOf,
  taskOf,
  type StepNow,
  type TaskNow,
  type World,
} from './world.ts'

export function settleAtDeadline(
  world: World,
  { taskId, isSettled }: Extract<Answered, { is: 'settle' }>,
): Faults {
  const task = taskOf(world, taskId)
  const may = isOpen(task)
  if (may) settle(task, 'error')
  return may === isSettled ? [] : [`settled is ${isSettled}, where ${may} is right`]
}

export function operate(world: World, answered: Extract<Answered, { is: 'operate' }>): Faults {
  const { order, isChanged, to } = answered
  const task = taskOf(world, order.taskId)
  const does =
    order.steps === null
      ? actOnTask(world, task, order)
      : actOnSteps(world, task, order, order.steps)
  if (does !== isChanged)
    return [`${order.action}: changed is ${isChanged}, where ${does} is right`]
  const isRight = !does || to === task.state || (task.mayBeUnstarted && to === 'pending')
  return isRight ? [] : [`${order.action}: the task is ${task.state}, told was ${to}`]
}

/** False: nothing is changed, because it is not legal or is so already. */
function actOnTask(world: World, task: TaskNow, order: OperateOrder): boolean {
  switch (order.action) {
    case 'cancel':
      if (!isOpen(task) && task.state !== 'error') return false
      return settle(task, 'cancelled')
    case 'resolve':
      return task.state === 'error' && settle(task, 'resolved_manually')
    case 'hold':
    case 'resume': {
      const isHeld = order.action === 'hold'
      if (task.isHeld === isHeld || (!isOpen(task) && (isHeld || task.state !== 'error')))
        return false
      task.isHeld = isHeld
      return true
    }
    case 'retry':
    case 'retry_now':
    case 'wake': {
      const meant = countedIn(task).filter((step) => isLegal(world, task, step, order))
      return (
        meant.length > 0 &&
        actOnSteps(
          world,
          task,
          order,
          meant.map(({ stepNo }) => stepNo),
        )
      )
    }
    case 'skip':
    case 'set_retry_limit':
      throw new Error(`${order.action} is about steps.`)
    default:
      return order.action satisfies never
  }
}

function actOnSteps(
  world: World,
  task: TaskNow,
  order: OperateOrder,
  stepNos: readonly number[],
): boolean {
  const steps = stepNos.map((stepNo) => stepOf(task, stepNo))
  if (steps.length === 0 || !steps.every((step) => isLegal(world, task, step, order))) return false
  for (const step of steps) change(world, step, order)
  const to = targets[order.action]
  if (to === undefined) return true
  if (to === 'cancelled') cancelDescent(task, stepNos)
  const wasInError = task.state === 'error'
  release(world, task)
  judgeEnd(task)
  if (wasInError && countersOf(task).open > 0) revive(world, task)
  return true
}

function isLegal(world: World, task: TaskNow, step: StepNow, order: OperateOrder): boolean {
  if (!isOpen(task) && task.state !== 'error') return false
  const isLater = step.dueMs !== null && step.dueMs > world.nowMs
  const isUnfinished = ['pending', 'in_progress', 'error'].includes(step.state)
  // An attempt that is to come must be left.
  const isToCome = step.state === 'pending' || (step.state === 'error' && step.dueMs !== null)
  switch (order.action) {
    case 'retry':
      return isParked(step)
    case 'retry_now':
      return step.state === 'error' && isLater
    case 'wake':
      return step.state === 'pending' && isLater
    case 'set_retry_limit':
      return isUnfinished && order.limit >= step.attempts + (isToCome ? 1 : 0)
    case 'cancel':
    case 'resolve':
    case 'skip':
      return isUnfinished
    case 'hold':
    case 'resume':
      throw new Error(`${order.action} is about tasks.`)
    default:
      return order.action satisfies never
  }
}

/** States to which an action moves a step; the others leave it where it is. */
const targets: Partial<Readonly<Record<OperatorAction, StepState>>> = {
  cancel: 'cancelled',
  resolve: 'resolved_manually',
  skip: 'skipped',
  retry: 'pending',
}

function change(world: World, step: StepNow, { action, limit, moreAttempts }: OperateOrder): void {
  step.state = targets[action] ?? step.state
  if (targets[action] !== undefined) Object.assign(step, { workerId: null, dueMs: null })
  if (action === 'resolve') step.result = byHand
  if (action === 'set_retry_limit') step.limit = limit
  if (action === 'retry') {
    step.limit = Math.max(step.limit, step.attempts + moreAttempts)
    step.losses = Math.min(step.losses, 2)
  }
  if (['retry', 'retry_now', 'wake'].includes(action)) step.dueMs = world.nowMs
}

/** What an operator gives as the result of a step. */
export const byHand = 'by hand'

/** What depends on a cancelled step can never run; what was satisfied by hand stands in between. */
function cancelDescent(task: TaskNow, stepNos: readonly number[]): void {
  const reached = new Set(stepNos)
  for (const stepNo of reached) {
    for (const child of countedIn(task)) {
      if (!child.parents.includes(stepNo) || child.state !== 'pending') continue
      child.state = 'cancelled'
      reached.add(child.stepNo) // visited in its turn
    }
  }
}

/** A deadline that is still to come comes again, unless an end from outside has settled it. */
function revive(world: World, task: TaskNow): void {
  task.state = 'in_progress'
  const deadline = task.steps.find(({ stepNo }) => stepNo === -1)
  if (deadline?.state === 'pending' && task.deadlineMs !== null && task.deadlineMs > world.nowMs)
    deadline.dueMs = task.deadlineMs
}

function settle(task: TaskNow, state: 'error' | 'cancelled' | 'resolved_manually'): true {
  for (const step of task.steps) {
    const isLeft = step.stepNo === -1 && step.state === 'in_progress' // it ends by itself
    if (!isLeft && ['pending', 'in_progress', 'error'].includes(step.state) && !isParked(step))
      Object.assign(step, { state: 'cancelled', workerId: null })
    step.dueMs = null
  }
  task.state = state
  return true
}
