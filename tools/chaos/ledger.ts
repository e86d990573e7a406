// The ledger of side effects: a table outside Tasker's schema in which handlers write that they ran, whatever becomes of
// their outcome. It is to Tasker what a payment provider's books are. One row per claim whose handler began.
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import type { StepExecution } from '@tasker/engine'
import { isConnectionError } from '../../packages/engine/src/database/connect.ts'

export const ledgerTable = `
  create schema if not exists chaos;
  create table if not exists chaos.ledger (
    task_id uuid not null,
    step text not null,
    claim_no integer not null,
    worker text not null,
    pid integer not null,
    began_at timestamptz not null default clock_timestamp(),
    ended_at timestamptz,
    -- returned, threw, or why the handler was called off: lease_lost, cancelled, stopping, timeout
    ended_as text,
    primary key (task_id, step, claim_no)
  )`

type Entry = Pick<StepExecution, 'taskId' | 'stepName' | 'claimNo' | 'signal'>

const againAfterMs = 100

/** The writing side, of one worker process. */
export class Ledger {
  readonly #pool: pg.Pool
  readonly #worker: string

  constructor(url: string, worker: string) {
    this.#worker = worker
    this.#pool = new pg.Pool({
      connectionString: url,
      max: 4,
      connectionTimeoutMillis: 2_000,
      query_timeout: 5_000,
    })
    this.#pool.on('error', () => undefined) // an idle connection that breaks is replaced
  }

  /**
   * Runs a handler's body between two entries: that it began, and how it ended. The body is given the number of this
   * outcome, 1 for the step's first: attempts that were lost or handed back are not outcomes, so a script stays in step
   * with what was recorded, whatever crashed.
   */
  async keep<T>(execution: StepExecution, body: (outcomeNo: number) => Promise<T>): Promise<T> {
    const { signal, attempt } = execution
    let isOver = false
    signal.addEventListener('abort', () => {
      if (!isOver) void this.#ended(execution, causeOf(signal.reason), null).catch(() => undefined)
    })
    const waits = await this.#began(execution)
    try {
      const value = await body(attempt + waits)
      isOver = true
      await this.#ended(execution, 'returned', signal)
      return value
    } catch (error) {
      if (!signal.aborted) await this.#ended(execution, 'threw', signal)
      isOver = true
      throw error
    }
  }

  async close(): Promise<void> {
    await this.#pool.end()
  }

  async #began({ taskId, stepName, claimNo, signal }: Entry): Promise<number> {
    const rows = await this.#write(
      `with entry as (
         insert into chaos.ledger (task_id, step, claim_no, worker, pid) values ($1, $2, $3, $4, $5)
         on conflict do nothing
       )
       select s.waits
       from tasker.tasks t
       join tasker.graph_steps g on g.graph_id = t.graph_id and g.name = $2
       join tasker.workflow_steps s on s.task_id = t.task_id and s.step_no = g.step_no
       where t.task_id = $1`,
      [taskId, stepName, claimNo, this.#worker, process.pid],
      signal,
    )
    return Number(rows[0]?.['waits'] ?? 0)
  }

  async #ended(
    { taskId, stepName, claimNo }: Entry,
    how: string,
    signal: AbortSignal | null,
  ): Promise<void> {
    await this.#write(
      `update chaos.ledger set ended_at = clock_timestamp(), ended_as = $4
       where task_id = $1 and step = $2 and claim_no = $3 and ended_as is null`,
      [taskId, stepName, claimNo, how],
      signal,
    )
  }

  // A ledger that is away is waited for, until the handler is called off: an outage must not count as a failed attempt.
  async #write(
    text: string,
    values: readonly unknown[],
    signal: AbortSignal | null,
  ): Promise<readonly Readonly<Record<string, unknown>>[]> {
    for (;;) {
      signal?.throwIfAborted()
      try {
        return (await this.#pool.query<Record<string, unknown>>(text, [...values])).rows
      } catch (error) {
        if (!isConnectionError(error)) throw error
        await pause(againAfterMs)
      }
    }
  }
}

const causeOf = (reason: unknown): string =>
  typeof reason === 'object' && reason !== null && 'abortCause' in reason
    ? String(reason.abortCause)
    : 'called off'
