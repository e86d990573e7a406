// Runs one attempt of a step with `transaction: true`. On success nothing is left to record: the commit did it. A failure
// rolls the handler's writes back and is recorded like any other, in a new transaction.
import {
  beginStepTransaction,
  type RecordingCall,
  type StepTransaction,
} from '../database/transaction-steps.ts'
import type { FinishReply } from '../database/steps.ts'
import { TaskerError } from '../errors.ts'
import { AttemptAborted } from './abort.ts'
import { describeError } from './describe-error.ts'
import { failed, succeeded } from './outcome.ts'
import {
  attemptOfThrow,
  beforeHandler,
  bounded,
  handlerOf,
  newLeavings,
  prepare,
  traced,
  withoutSecrets,
  type Attempt,
  type AttemptResult,
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
  constants: () => RecordingCall,
): Promise<TransactionResult> {
  let ended: TaskerError | null = null
  const leavings = newLeavings(runner)
  try {
    const execute = handlerOf(attempt)
    const transaction = await begin(runner, attempt)
    try {
      const execution = await prepare(runner, attempt, transaction.client, leavings)
      await beforeHandler(async () => transaction.lost.throwIfAborted())
      const answer = await answerOf(() =>
        whileConnected(transaction, attempt, () =>
          bounded(runner, attempt, () => {
            runner.calling(attempt)
            return traced(attempt, () => execute(execution))
          }),
        ),
      )
      if (await transaction.wasEndedByHandler()) {
        ended = endedByHandler(answer)
        throw ended
      }
      if (answer.isThrown) throw answer.error
      const result = withoutSecrets(succeeded(attempt.step, answer.value, runner.policy), leavings)
      const { outcome } = result
      if (outcome.kind !== 'complete') {
        await transaction.rollback()
        return { kind: 'failed', attempt: result }
      }
      const reply = await transaction.commit(outcome, constants())
      return reply === null
        ? { kind: 'refused', attempt: result }
        : { kind: 'committed', reply, attempt: result }
    } finally {
      await transaction.rollback()
    }
  } catch (error) {
    // Whatever called it off: what it has committed must not be done again.
    const { outcome } =
      ended === null
        ? await attemptOfThrow(runner, attempt, error)
        : { outcome: failed(attempt.step, ended, runner.policy) }
    const { secrets } = leavings
    return { kind: 'failed', attempt: withoutSecrets(outcome, { events: [], secrets }) }
  }
}

type Answer =
  | { readonly isThrown: false; readonly value: unknown }
  | { readonly isThrown: true; readonly error: unknown }

const answerOf = (handle: () => Promise<unknown>): Promise<Answer> =>
  handle().then(
    (value) => ({ isThrown: false, value }),
    (error: unknown) => ({ isThrown: true, error }),
  )

function endedByHandler(answer: Answer): TaskerError {
  const message =
    'The handler ended the transaction of its step, so what it wrote and its outcome could not commit together.'
  if (!answer.isThrown) return new TaskerError('TRANSACTION_ENDED_BY_HANDLER', message)
  const thrown = describeError(answer.error)
  const said = [thrown['class'], thrown['message']].filter((part) => typeof part === 'string')
  return new TaskerError(
    'TRANSACTION_ENDED_BY_HANDLER',
    `${message} Then it threw ${said.join(': ')}.`,
  )
}

function begin(runner: StepRunner, { step, abort }: Attempt): Promise<StepTransaction> {
  const timeoutMs = step.timeoutMs ?? runner.stepTimeoutMs ?? 0
  return beforeHandler(() =>
    beginStepTransaction(runner.database, { attempt: step, timeoutMs, signal: abort.signal }),
  )
}

// A handler need not notice a broken connection: it may be waiting for something else.
async function whileConnected<T>(
  { lost }: StepTransaction,
  { abort }: Attempt,
  run: () => Promise<T>,
): Promise<T> {
  const onLost = (): void => abort.abort(new AttemptAborted('connection_lost'))
  lost.addEventListener('abort', onLost)
  try {
    return await run()
  } finally {
    lost.removeEventListener('abort', onLost)
  }
}
