// Runs one attempt of a step with `transaction: true`. On success nothing is left to record: the commit did it. A failure
// rolls the handler's writes back and is recorded like any other, in a new transaction.
import { beginStepTransaction } from '../database/transaction-steps.ts'
import type { FinishCall, FinishReply } from '../database/steps.ts'
import { succeeded } from './outcome.ts'
import {
  bounded,
  handlerOf,
  outcomeOfThrow,
  prepare,
  type Attempt,
  type AttemptResult,
  type PublishedEvent,
  type StepRunner,
} from './run-step.ts'

export type TransactionResult =
  | { readonly kind: 'committed'; readonly reply: FinishReply; readonly attempt: AttemptResult }
  /** The step is no longer this claim's; everything was rolled back. */
  | { readonly kind: 'refused'; readonly attempt: AttemptResult }
  | { readonly kind: 'failed'; readonly attempt: AttemptResult }

export async function runInTransaction(
  runner: StepRunner,
  attempt: Attempt,
  constants: () => Pick<FinishCall, 'workerId' | 'lostLimit' | 'resultsMaxBytes' | 'now'>,
): Promise<TransactionResult> {
  const events: PublishedEvent[] = []
  const timeoutMs = attempt.step.timeoutMs ?? runner.stepTimeoutMs ?? 0
  try {
    const execute = handlerOf(attempt)
    const transaction = await beginStepTransaction(runner.database, timeoutMs)
    try {
      const execution = await prepare(runner, attempt, transaction.client, events)
      const value = await bounded(runner, attempt, () => execute(execution))
      const outcome = succeeded(attempt.step, value, runner.policy)
      if (outcome.kind !== 'complete') {
        await transaction.rollback()
        return { kind: 'failed', attempt: { outcome, events } }
      }
      const reply = await transaction.commit(outcome, constants())
      const result = { outcome, events }
      return reply === null
        ? { kind: 'refused', attempt: result }
        : { kind: 'committed', reply, attempt: result }
    } finally {
      await transaction.rollback()
    }
  } catch (error) {
    return {
      kind: 'failed',
      attempt: { outcome: outcomeOfThrow(runner, attempt, error), events: [] },
    }
  }
}
