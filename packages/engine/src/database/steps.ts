// The callers of finish_steps, rescue_steps and settle_tasks: outcomes in, what became of them and the next claims out.
import type { CallId, GraphId, TaskId, WorkerId } from '../ids.ts'
import type { Json, JsonObject } from '../json.ts'
import type { TaskState } from '../states.ts'
import type { Database } from './connect.ts'
import { readReply, type FinishReply } from './finish-reply.ts'

export { stepKey } from './finish-reply.ts'
export type {
  ClaimedChild,
  ClaimedStep,
  EndedTask,
  FinishReply,
  StepAttempt,
} from './finish-reply.ts'

/** What became of one attempt, as finish_steps reads it. */
export interface StepOutcome {
  readonly taskId: TaskId
  readonly stepNo: number
  readonly claimNo: number
  readonly kind: 'complete' | 'failed' | 'wait' | 'release'
  /** JSON text, already checked and encoded; null for everything but `complete`. */
  readonly result: string | null
  /** failed: milliseconds until the next attempt; null: no further attempt. */
  readonly delayMs: number | null
  /** wait: the instant to run again. */
  readonly runAt: Date | null
  readonly reason: string | null
  readonly error: JsonObject | null
}

export interface FinishCall {
  readonly workerId: WorkerId
  readonly callId: CallId
  readonly outcomes: readonly StepOutcome[]
  /** Wait for tasks that another call holds, instead of `busy`. */
  readonly waits: boolean
  /** Free slots. */
  readonly want: number
  /** Empty: children only, nothing from the due table. */
  readonly lanes: readonly number[]
  readonly dueFirst: boolean
  readonly settled: readonly CallId[]
  readonly lostLimit: number
  readonly resultsMaxBytes: number
  readonly now: Date | null
  /** Known to the caller, who remembers what the steps of these outcomes were given: their children come as `children`. */
  readonly knownGraphs: readonly GraphId[]
}

export async function finishSteps(database: Database, call: FinishCall): Promise<FinishReply> {
  const { schema } = database
  const rows = await database.run(
    'finish_steps',
    `select finish_steps as row from ${schema}.finish_steps($1, $2, $3::jsonb, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
    [
      call.workerId,
      call.callId,
      encodeOutcomes(call.outcomes),
      call.waits,
      call.want,
      call.lanes,
      call.dueFirst,
      call.settled,
      `worker:${call.workerId}`,
      call.lostLimit,
      call.resultsMaxBytes,
      call.now,
      call.knownGraphs,
    ],
  )
  return readReply(rows)
}

/** Takes over the steps of workers that are not live. Answers like finish_steps. */
export async function rescueSteps(
  database: Database,
  call: {
    readonly workerId: WorkerId
    readonly leaseMs: number
    readonly mayTakeOver: boolean
    readonly lostLimit: number
    readonly receiptsMax: number
    readonly now: Date | null
  },
): Promise<FinishReply> {
  const { schema } = database
  return readReply(
    await database.run(
      'rescue_steps',
      `select rescue_steps as row from ${schema}.rescue_steps($1, $2, $3, $4, $5, $6)`,
      [call.workerId, call.leaseMs, call.mayTakeOver, call.lostLimit, call.receiptsMax, call.now],
    ),
  )
}

export interface SettledTask {
  readonly taskId: TaskId
  readonly from: TaskState
  readonly isSettled: boolean
  /** Of its last history entry: the one that settled it, when it was. */
  readonly seq: number
}

/** Ends tasks from outside: cancelled, or in error at their deadline. */
export async function settleTasks(
  database: Database,
  call: {
    readonly taskIds: readonly TaskId[]
    readonly state: 'cancelled' | 'error'
    readonly actor: string
    readonly reason: string
    readonly now: Date | null
  },
): Promise<SettledTask[]> {
  const { schema } = database
  const rows = await database.run(
    'settle_tasks',
    `select settled_id, from_state, is_settled, last_seq from ${schema}.settle_tasks($1, $2, $3, $4, $5)`,
    [call.taskIds, call.state, call.actor, call.reason, call.now],
  )
  return rows.map((row) => ({
    taskId: row['settled_id'] as TaskId, // the function returns ids it was given
    from: row['from_state'] as TaskState, // checked by the table
    isSettled: row['is_settled'] === true,
    seq: row['last_seq'] as number,
  }))
}

/** Results of a step's parents that were too large to travel with its claim. */
export async function readParentResults(
  database: Database,
  step: { readonly taskId: TaskId; readonly stepNo: number },
): Promise<Readonly<Record<string, Json>>> {
  const { schema } = database
  const rows = await database.run(
    'read_parent_results',
    `select ${schema}.parent_results(t.task_id, t.graph_id, g.parents) as results
     from ${schema}.tasks t
     join ${schema}.graph_steps g on g.graph_id = t.graph_id and g.step_no = $2
     where t.task_id = $1`,
    [step.taskId, step.stepNo],
  )
  return (rows[0]?.['results'] ?? {}) as Readonly<Record<string, Json>> // jsonb_object_agg of jsonb
}

// Results are JSON text already: they are spliced in, so that a large one is not parsed and written again.
export function encodeOutcomes(outcomes: readonly StepOutcome[]): string {
  const rows = outcomes.map((outcome) => {
    const head = JSON.stringify({
      task_id: outcome.taskId,
      step_no: outcome.stepNo,
      claim_no: outcome.claimNo,
      kind: outcome.kind,
      delay_ms: outcome.delayMs,
      run_at: outcome.runAt,
      reason: outcome.reason,
      error: outcome.error,
    })
    return outcome.result === null ? head : `${head.slice(0, -1)},"result":${outcome.result}}`
  })
  return `[${rows.join(',')}]`
}
