// A step with `transaction: true`: the handler's writes, its result, its history and the release of its children commit
// together, so they happen exactly once in this database. The one case in which a connection is held while user code runs.
import { TaskerError } from '../errors.ts'
import { newCallId } from '../ids.ts'
import type { DatabaseClient } from '../definitions/host-transaction.ts'
import type { Database, Row, TransactionConnection } from './connect.ts'
import {
  encodeOutcomes,
  readReply,
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
   * Records the outcome as the last statement and commits. Null: the outcome was refused (the step is no longer this
   * claim's) and everything was rolled back.
   * @throws {TaskerError} TRANSACTION_ENDED_BY_HANDLER
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
      await client.ask(statement)
    } catch (error) {
      abandon()
      throw error
    }
    isOpen = false
    client.release()
  }
  try {
    await client.ask('begin isolation level read committed')
    await client.ask(beginSettings, [marker, serverLimit(timeoutMs), sessionName(attempt)])
  } catch (error) {
    abandon()
    throw error
  }
  return {
    client: door.client,
    lost: client.lost,
    async rollback() {
      door.close()
      if (!isOpen) return
      // A rollback would queue behind a statement that runs, and a handler that was left behind may be in the middle.
      if (signal.aborted || client.lost.aborted || door.isBusy()) abandon()
      else await end('rollback').catch(() => undefined)
    },
    async commit(outcome, call) {
      door.close()
      const found = await client.ask(lookAtMarker, [`${database.options.statementTimeoutMs}`])
      const [row] = found.rows as Row[] // rows of a pg client are objects
      if (row?.['marker'] !== marker) {
        abandon()
        const message =
          'The handler ended the transaction of its step, so what it wrote and its outcome could not commit together.'
        throw new TaskerError('TRANSACTION_ENDED_BY_HANDLER', message)
      }
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
  /** Refuses every further statement: the connection may soon be another step's. */
  close(): void
}

function openDoor(client: TransactionConnection): Door {
  let isClosed = false
  let running = 0
  const query: DatabaseClient['query'] = async (text, values) => {
    if (isClosed) {
      const message = 'The transaction of this step is over; the statement was not sent.'
      throw new TaskerError('TRANSACTION_OVER', message)
    }
    running += 1
    try {
      return await client.query(text, values)
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
    close: () => void (isClosed = true),
  }
}

// Waits for the task's lock and claims nothing: children become due and are claimed right after the commit.
async function finishWithin(
  client: TransactionConnection,
  schema: string,
  outcome: StepOutcome,
  call: RecordingCall,
): Promise<FinishReply> {
  const answer = await client.ask(
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
