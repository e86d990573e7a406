// A step with `transaction: true`: the handler's writes, its result, its history and the release of its children commit
// together, so they happen exactly once in this database. The one case in which a connection is held while user code runs.
import { newCallId } from '../ids.ts'
import type { DatabaseClient } from '../definitions/host-transaction.ts'
import type { Database, Row, TransactionConnection } from './connect.ts'
import {
  encodeOutcomes,
  readReply,
  stepKey,
  type FinishCall,
  type FinishReply,
  type StepOutcome,
} from './steps.ts'

export interface StepTransaction {
  /** What the handler queries with. Its transaction is not the handler's to end. */
  readonly client: DatabaseClient
  /**
   * Records the outcome as the last statement and commits. Null: the outcome was refused (the step is no longer this
   * claim's) and everything was rolled back.
   */
  commit(
    outcome: StepOutcome,
    call: Pick<FinishCall, 'workerId' | 'lostLimit' | 'resultsMaxBytes' | 'now'>,
  ): Promise<FinishReply | null>
  /** Undoes the handler's writes. Safe to call twice. */
  rollback(): Promise<void>
}

/** Begins a transaction on a connection kept apart for handlers. `timeoutMs` bounds how long it may sit idle. */
export async function beginStepTransaction(
  database: Database,
  timeoutMs: number,
): Promise<StepTransaction> {
  const client = await database.transactionClient()
  let isOpen = true
  const end = async (statement: 'commit' | 'rollback'): Promise<void> => {
    if (!isOpen) return
    isOpen = false
    try {
      await client.query(statement)
      client.release()
    } catch (error) {
      client.release(true) // the connection is in doubt: close it, and the server rolls back
      throw error
    }
  }
  try {
    await client.query('begin isolation level read committed')
    await client.query("select set_config('idle_in_transaction_session_timeout', $1, true)", [
      `${timeoutMs + 1000}`,
    ])
  } catch (error) {
    isOpen = false
    client.release(true)
    throw error
  }
  return {
    client: { query: (text, values) => client.query(text, values) },
    rollback: () => end('rollback').catch(() => undefined),
    async commit(outcome, call) {
      const reply = await finishWithin(client, database.schema, outcome, call)
      if (!reply.recorded.has(stepKey(outcome))) {
        await end('rollback')
        return null
      }
      await end('commit')
      return reply
    },
  }
}

// Waits for the task's lock and claims nothing: children become due and are claimed right after the commit.
async function finishWithin(
  client: TransactionConnection,
  schema: string,
  outcome: StepOutcome,
  call: Pick<FinishCall, 'workerId' | 'lostLimit' | 'resultsMaxBytes' | 'now'>,
): Promise<FinishReply> {
  const answer = await client.query(
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
