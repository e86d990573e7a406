// Why an action was refused, in sentences that say the state and what is allowed in it.
import type { Operated, RefusedStep } from '../database/operate.ts'
import { didYouMean } from '../definitions/names.ts'
import { TaskerError } from '../errors.ts'
import type { TaskId } from '../ids.ts'
import type { StepState, TaskState } from '../states.ts'
import {
  movesOfStep,
  movesOfTask,
  type OperatorAction,
  type OperatorOrder,
} from './operator-order.ts'

/** Why a task was not changed, as a sentence and fields; null: it was, or it was so already. */
export interface Refusal {
  readonly code: 'MOVE_NOT_ALLOWED' | 'STEP_NOT_FOUND'
  readonly sentences: readonly string[]
  /** The action is legal for the task, only there was nothing to do. */
  readonly isIdle: boolean
  readonly details: Readonly<Record<string, unknown>>
}

export function refusalOf(operated: Operated, order: OperatorOrder): Refusal | null {
  const { taskId, from, refused } = operated
  const { action } = order
  const unknown = refused.filter((step) => step.from === null)
  if (unknown.length > 0) {
    return {
      code: 'STEP_NOT_FOUND',
      sentences: unknown.map(({ step }) => `Task ${taskId} has no step "${step}".`),
      isIdle: false,
      details: { taskId, steps: unknown.map(({ step }) => step) },
    }
  }
  if (refused.length > 0) {
    return {
      code: 'MOVE_NOT_ALLOWED',
      sentences: refused.map((step) => refusedStep(step, operated, order)),
      isIdle: false,
      details: {
        taskId,
        action,
        state: from,
        steps: refused.map((step) => ({
          step: step.step,
          state: step.from,
          allowed: movesOf(step, operated),
        })),
      },
    }
  }
  if (operated.steps !== null) return null
  const allowed = movesOfTask(from)
  if ((action === 'hold' || action === 'resume') && allowed.includes(action)) return null
  return {
    code: 'MOVE_NOT_ALLOWED',
    sentences: [
      allowed.includes(action)
        ? `Task ${taskId} is ${from}, and ${nothingTo[action]}.`
        : `Task ${taskId} is ${from}; it cannot be ${participles[action]}. ${allowedNow(allowed)}`,
    ],
    isIdle: allowed.includes(action),
    details: { taskId, action, state: from, allowed },
  }
}

function refusedStep(step: RefusedStep, operated: Operated, order: OperatorOrder): string {
  const { taskId } = operated
  const start = `Step "${step.step}" of task ${taskId} is ${step.from}`
  if (order.action === 'set_retry_limit' && movesOf(step, operated).includes('set_retry_limit')) {
    const spent = step.attempts ?? 0
    return `${start} with ${spent} ${spent === 1 ? 'attempt' : 'attempts'} spent; a limit of ${order.limit} leaves it none to come.`
  }
  if (step.isDue && (order.action === 'retry_now' || order.action === 'wake'))
    return `${start} and due already; a free slot takes it.`
  return `${start}; it cannot be ${participles[order.action]}. ${allowedNow(movesOf(step, operated))}`
}

const movesOf = (step: RefusedStep, operated: Operated): readonly string[] =>
  step.from === null
    ? []
    : movesOfStep(step.from, { taskState: operated.from, isScheduled: step.isScheduled })

const allowedNow = (moves: readonly string[]): string =>
  moves.length === 0 ? 'Nothing is allowed now.' : `Allowed now: ${moves.join(', ')}.`

const participles: Readonly<Record<OperatorAction, string>> = {
  cancel: 'cancelled',
  retry: 'retried',
  retry_now: 'retried now',
  wake: 'woken',
  resolve: 'resolved',
  skip: 'skipped',
  set_retry_limit: 'given a retry limit',
  hold: 'held',
  resume: 'resumed',
}

/** What a task of a legal state lacked. */
const nothingTo: Readonly<Record<OperatorAction, string>> = {
  cancel: 'nothing of it is left to cancel',
  retry:
    'none of its steps has failed for good; a retry that is to come is brought forward by retry_now',
  retry_now: 'none of its steps waits for a retry',
  wake: 'none of its steps waits for a time',
  resolve: 'it cannot be resolved as a whole',
  skip: 'there is nothing to skip',
  set_retry_limit: 'there is no limit to set',
  hold: 'it is held',
  resume: 'it is not held',
}

export const moveRefused = (taskId: TaskId, participle: string, from: TaskState): TaskerError =>
  new TaskerError(
    'MOVE_NOT_ALLOWED',
    `Task ${taskId} is ${from}; it cannot be ${participle}. ${allowedNow(movesOfTask(from))}`,
    { taskId, state: from, allowed: movesOfTask(from) },
  )

/** An edit that came too late. */
export function editRefused(
  taskId: TaskId,
  {
    state,
    step,
    stepState,
  }: {
    readonly state: TaskState
    readonly step: string | null
    readonly stepState: StepState | null
  },
): TaskerError {
  const sentence =
    step === null
      ? `Task ${taskId} is ${state}; its priority means nothing any more.`
      : stepState === 'pending'
        ? `Step "${step}" of task ${taskId} (${state}) has begun, or never will; its inputs stay as they are.`
        : `Step "${step}" of task ${taskId} is ${stepState}; its inputs stay as they are.`
  return new TaskerError('MOVE_NOT_ALLOWED', sentence, { taskId, state, step, stepState })
}

export const revisionConflict = (
  taskId: TaskId,
  expectedRevision: number | null,
  revision: number,
): TaskerError =>
  new TaskerError(
    'REVISION_CONFLICT',
    `Task ${taskId} has revision ${revision}, expected was ${expectedRevision}: something happened to it meanwhile.`,
    { taskId, expectedRevision, revision },
  )

/** Steps that a task does not have, each with the nearest name that it has. */
export function stepsNotFound(
  missing: readonly string[],
  names: readonly string[],
  taskId: TaskId,
): TaskerError {
  const sentences = missing.map((name) => `no step "${name}"${didYouMean(name, names)}`)
  const sentence = `Task ${taskId} has ${sentences.join(', and ')}`
  const end = sentence.endsWith('?') ? '' : '.'
  return new TaskerError('STEP_NOT_FOUND', sentence + end, { taskId, steps: missing })
}
