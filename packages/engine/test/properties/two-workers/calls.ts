// What the actors of the two-worker test can call, and what each call answers: the words that the rules and the driver share.
import type { OperatorAction } from '../../../src/tasks/operator-order.ts'
import type { FinishCall, FinishReply } from '../../../src/database/steps.ts'
import type { Renewal } from '../../../src/database/workers.ts'
import type { CallId, TaskId, WorkerId } from '../../../src/ids.ts'
import type { TaskState } from '../../../src/states.ts'
import type { StepRef } from '../../protocol/lab.ts'

export interface OperateOrder {
  readonly taskId: TaskId
  readonly action: OperatorAction
  /** Step numbers; null: the whole task. */
  readonly steps: readonly number[] | null
  readonly moreAttempts: number
  readonly limit: number
}

/** A call, and what came back. */
export type Answered =
  | { readonly is: 'finish'; readonly call: FinishCall; readonly reply: FinishReply }
  | {
      readonly is: 'renew'
      readonly workerId: WorkerId
      readonly holding: readonly StepRef[]
      readonly calls: readonly CallId[]
      readonly reply: Renewal
    }
  | {
      readonly is: 'rescue'
      readonly workerId: WorkerId
      readonly mayTakeOver: boolean
      readonly reply: FinishReply
    }
  | { readonly is: 'register'; readonly workerId: WorkerId }
  | { readonly is: 'settle'; readonly taskId: TaskId; readonly isSettled: boolean }
  | {
      readonly is: 'operate'
      readonly order: OperateOrder
      readonly isChanged: boolean
      readonly to: TaskState | null
    }
