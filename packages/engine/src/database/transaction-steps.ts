// A step with `transaction: true`: the handler's writes, its result, its history and the release of its children commit
// together, so they happen exactly once in this database. The one case in which a connection is held while user code runs.
import { TaskerError } from '../errors.ts'
import { newCallId } from '../ids.ts'
import type { DatabaseClient } from '../definitions/host-transaction.ts'
import type { Database, Row, TransactionAnswer, TransactionConnection } from './connect.ts'
import { readReply } from './finish-reply.ts'
import {
  encodeOutcomes,
  stepKey,
  type FinishCall,
  type FinishReply,
  type StepAttempt,
  type StepOutcome,
} from './steps.ts'

export interface StepTransaction {
  /** What the handler queries with, until the transaction is over. The transaction is not the handler's to end. */
  readonly client: DatabaseClient
  /** Aborted, with the error of the driver, when the connection breaks: the server has rolled back then. */
  readonly lost: AbortSignal
  /**
   * Whether the handler ended the transaction, by itself. Ask when it has answered: no further statement of it is sent.
   * Of a connection that broke or is busy, and of an attempt that was called off, only a commit is known.
   */
  wasEndedByHandler(): Promise<boolean>
  /**
   * Records the outcome as the last statement and commits. Null: the outcome was refused (the step is no longer this
   * claim's) and everything was rolled back.
   */
  commit(outcome: StepOutcome, call: RecordingCall): Promise<FinishReply | null>
  /** Undoes the handler's writes, without waiting for statements that still run. Safe to call twice. */
  rollback(): Promise<void>
}

export type RecordingCall = Pick<FinishCall, 'workerId' | 'lostLimit' | 'resultsMaxBytes' | 'now'>

export interface StepTransactionOptions {
  readonly attempt: Pick<StepAttempt, 'taskId' | 'stepNo' | 'claimNo'>
  /** How long the handler may take; 0: for ever. */
  readonly timeoutMs: number
  /** Fires when the attempt is called off. */
  readonly signal: AbortSignal
}

/** Begins a transaction on a connection kept apart for handlers; waits for a free one until the signal fires. */
export async function beginStepTransaction(
  database: Database,
  { attempt, timeoutMs, signal }: StepTransactionOptions,
): Promise<StepTransaction> {
  const client = await database.transactionClient(signal)
  const marker = newCallId()
  const door = openDoor(client)
  let isOpen = true
  const abandon = (): void => {
    if (isOpen) client.release(true) // the connection is closed, and the server rolls back
    isOpen = false
  }
  const end = async (statement: 'commit' | 'rollback'): Promise<void> => {
    try {
      await client.ask(statement, statement)
    } catch (error) {
      abandon()
      throw error
    }
    isOpen = false
    client.release()
  }
  try {
    await client.ask('begin', 'begin isolation level read committed')
    await client.ask('begin_step', beginSettings, [
      marker,
      serverLimit(timeoutMs),
      sessionName(attempt),
    ])
  } catch (error) {
    abandon()
    throw error
  }
  return {
    client: door.client,
    lost: client.lost,
    async wasEndedByHandler() {
      door.close()
      if (door.hasEnded()) return true
      if (!isOpen || signal.aborted || client.lost.aborted || door.isBusy()) return false
      try {
        const found = await client.ask('look_at_marker', lookAtMarker, [
          `${database.options.statementTimeoutMs}`,
        ])
        const [row] = found.rows as Row[] // rows of a pg client are objects
        return row?.['marker'] !== marker
      } catch {
        return false // a statement of it failed before, so the transaction is open; or the connection broke just now
      }
    },
    async rollback() {
      door.close()
      if (!isOpen) return
      // A rollback would queue behind a statement that runs, and a handler that was left behind may be in the middle.
      if (signal.aborted || client.lost.aborted || door.isBusy()) abandon()
      else await end('rollback').catch(() => undefined)
    },
    async commit(outcome, call) {
      const reply = await finishWithin(client, database.schema, outcome, call)
      const isRecorded = reply.recorded.has(stepKey(outcome))
      await end(isRecorded ? 'commit' : 'rollback')
      return isRecorded ? reply : null
    },
  }
}

// All of it ends with the transaction. The marker tells whether the transaction at the end is the one at the beginning.
const beginSettings = `select set_config('tasker.step', $1, true), set_config('statement_timeout', $2, true),
  set_config('idle_in_transaction_session_timeout', $2, true), set_config('application_name', $3, true)`

/** By which whoever takes the step over finds this session, and ends it: see end_zombies.sql. Operators read it too. */
const sessionName = ({ taskId, stepNo, claimNo }: StepTransactionOptions['attempt']): string =>
  `tasker step ${taskId}/${stepNo}/${claimNo}`

// From here on the statements are ours again, and have our limit.
const lookAtMarker = `select current_setting('tasker.step', true) as marker, set_config('statement_timeout', $1, true)`

/** Room for the timeout of the step to fire first: it says what happened better than the server does. */
const graceMs = 1000
const serverLimitMax = 2_147_483_647

/** Ends what a handler left running on the server, also when this process is gone. */
const serverLimit = (timeoutMs: number): string =>
  `${timeoutMs === 0 ? 0 : Math.min(timeoutMs + graceMs, serverLimitMax)}`

interface Door {
  readonly client: DatabaseClient
  /** A statement of the handler has no answer yet. */
  isBusy(): boolean
  /** A statement of the handler committed, or rolled back to no savepoint, for certain. */
  hasEnded(): boolean
  /** Refuses every further statement: the connection may soon be another step's. */
  close(): void
}

function openDoor(client: TransactionConnection): Door {
  let isClosed = false
  let running = 0
  let hasEnded = false
  const query: DatabaseClient['query'] = async (text, values) => {
    if (isClosed) {
      const message = 'The transaction of this step is over; the statement was not sent.'
      throw new TaskerError('TRANSACTION_OVER', message)
    }
    running += 1
    try {
      const answer = await client.query(text, values)
      if (endsTransaction(text, answer)) hasEnded = true
      return answer
    } finally {
      running -= 1
    }
  }
  return {
    client: {
      query(text, values) {
        const answer = query(text, values)
        // Nobody may be waiting any more when a statement is cut off; that must not end the process. A failed
        // statement cannot go unnoticed: PostgreSQL commits nothing after it.
        answer.catch(() => undefined)
        return answer
      },
    },
    isBusy: () => running > 0,
    hasEnded: () => hasEnded,
    close: () => void (isClosed = true),
  }
}

// By the server's own word for what it did, the command tag. That of `rollback to savepoint` is the same as that of a
// rollback, so a text that may hold one decides nothing.
function endsTransaction(text: string, answer: TransactionAnswer): boolean {
  const answers: readonly TransactionAnswer[] = Array.isArray(answer) ? answer : [answer]
  return answers.some(
    ({ command }) =>
      command === 'COMMIT' || (command === 'ROLLBACK' && !/\b(?:to|savepoint)\b/i.test(text)),
  )
}

// Waits for the task's lock and claims nothing: children become due and are claimed right after the commit.
async function finishWithin(
  client: TransactionConnection,
  schema: string,
  outcome: StepOutcome,
  call: RecordingCall,
): Promise<FinishReply> {
  const answer = await client.ask(
    'finish_steps',
    `select finish_steps as row from ${schema}.finish_steps($1, $2, $3::jsonb, true, 0, '{}', true, '{}', $4, $5, $6, $7)`,
    [
      call.workerId,
      newCallId(),
      encodeOutcomes([outcome]),
      `worker:${call.workerId}`,
      call.lostLimit,
      call.resultsMaxBytes,
      call.now,
    ],
  )
  return readReply(answer.rows as Row[]) // rows of a pg client are objects
}
