// The callers for worker rows: register, renew (the heartbeat), stop.
import type { CallId, DefinitionId, TaskId, WorkerId } from '../ids.ts'
import type { Database } from './connect.ts'

export interface HeldStep {
  readonly taskId: TaskId
  readonly stepNo: number
  readonly claimNo: number
}

/** What keeps a worker from running as many steps at once as it may at most. `open_work`: the first generation's formula. */
export type SlotsReason = 'connections' | 'event_loop' | 'commit_latency' | 'open_work'

/** How many steps a worker runs and may run at once. */
export interface WorkerSlots {
  /** The limit now. */
  readonly slots: number
  /** The limit at its highest. */
  readonly slotsMax: number
  readonly slotsInUse: number
  /** Null: nothing holds the limit back. */
  readonly slotsReason: SlotsReason | null
}

/** What is left out stays null in the worker's row. */
type SaidSlots = Pick<WorkerSlots, 'slots'> & Partial<WorkerSlots>

export async function registerWorker(
  database: Database,
  worker: {
    readonly host: string
    readonly pid: number
    readonly version: string
    readonly serves: readonly DefinitionId[]
    readonly leaseMs: number
    readonly now: Date | null
  } & SaidSlots,
): Promise<WorkerId> {
  const rows = await database.run(
    'register_worker',
    `select ${database.schema}.register_worker($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) as worker_id`,
    [
      worker.host,
      worker.pid,
      worker.version,
      worker.serves,
      worker.slots,
      worker.leaseMs,
      worker.now,
      worker.slotsMax,
      worker.slotsInUse,
      worker.slotsReason,
    ],
  )
  return rows[0]?.['worker_id'] as WorkerId // the identity column of workers
}

export interface Renewal {
  /** False: given up for ever; register under a new id. */
  readonly isLive: boolean
  /** Steps held that are no longer this worker's. */
  readonly abort: readonly HeldStep[]
  /** Steps given in a call whose reply was never seen. */
  readonly handBack: readonly (HeldStep & { readonly callId: CallId })[]
}

interface HeldRow {
  readonly task_id: TaskId
  readonly step_no: number
  readonly claim_no: number
}

interface RenewalRow {
  readonly live: boolean
  readonly abort: readonly HeldRow[]
  readonly hand_back: readonly (HeldRow & { readonly call_id: CallId })[]
}

export async function renewWorker(
  database: Database,
  renewal: {
    readonly workerId: WorkerId
    readonly leaseMs: number
    readonly holding: readonly HeldStep[]
    readonly calls: readonly CallId[]
    readonly now: Date | null
  } & SaidSlots,
): Promise<Renewal> {
  const holding = renewal.holding.map(({ taskId, stepNo, claimNo }): HeldRow => ({
    task_id: taskId,
    step_no: stepNo,
    claim_no: claimNo,
  }))
  const rows = await database.run(
    'renew_worker',
    `select ${database.schema}.renew_worker($1, $2, $3, $4::jsonb, $5, $6, $7, $8, $9) as reply`,
    [
      renewal.workerId,
      renewal.leaseMs,
      renewal.slots,
      JSON.stringify(holding),
      renewal.calls,
      renewal.now,
      renewal.slotsMax,
      renewal.slotsInUse,
      renewal.slotsReason,
    ],
    // The lease is this call's. Behind a busy pool it would run out, and on a connection that went silent too: half of
    // it leaves time for another try on a new one.
    { answerWithinMs: renewal.leaseMs / 2 },
  )
  const reply = rows[0]?.['reply'] as RenewalRow // renew_worker.sql
  return {
    isLive: reply.live,
    abort: reply.abort.map(readHeld),
    handBack: reply.hand_back.map((row) => ({ ...readHeld(row), callId: row.call_id })),
  }
}

export async function stopWorker(
  database: Database,
  workerId: WorkerId,
  now: Date | null,
): Promise<void> {
  await database.run('stop_worker', `select ${database.schema}.stop_worker($1, $2)`, [
    workerId,
    now,
  ])
}

const readHeld = (row: HeldRow): HeldStep => ({
  taskId: row.task_id,
  stepNo: row.step_no,
  claimNo: row.claim_no,
})
