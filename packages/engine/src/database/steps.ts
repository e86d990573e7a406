// The callers of finish_steps, rescue_steps and settle_tasks: outcomes in, what became of them and the next claims out.
import type { CallId, DefinitionId, TaskId, WorkerId } from '../ids.ts'
import type { Json, JsonObject } from '../json.ts'
import type { StepState, TaskState } from '../states.ts'
import type { Database, Row } from './connect.ts'

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
  readonly lanes: readonly number[]
  readonly dueFirst: boolean
  readonly settled: readonly CallId[]
  readonly lostLimit: number
  readonly resultsMaxBytes: number
  readonly now: Date | null
}

/** A step this worker now runs. */
export interface ClaimedStep {
  readonly taskId: TaskId
  /** 0: the annotations hook. -1: the deadline. */
  readonly stepNo: number
  readonly claimNo: number
  readonly attempts: number
  readonly losses: number
  readonly retryLimit: number
  readonly startedAt: Date
  readonly definitionId: DefinitionId
  readonly name: string | null
  readonly handler: string | null
  readonly timeoutMs: number | null
  readonly inputs: Json
  readonly priority: number
  readonly createdAt: Date
  readonly context: JsonObject
  /** Null: too large to travel with the claim; read them with `readParentResults`. */
  readonly results: Readonly<Record<string, Json>> | null
}

/** What one attempt of a step is known by, without what it was given. */
export type StepAttempt = Pick<
  ClaimedStep,
  'taskId' | 'stepNo' | 'claimNo' | 'name' | 'attempts' | 'retryLimit' | 'startedAt'
>

export interface RecordedStep {
  readonly claimNo: number
  readonly to: StepState
  readonly runAt: Date | null
}

export type OutcomeAnswer = 'already_recorded' | 'busy' | 'refused'

export interface FinishReply {
  /** By `stepKey`: outcomes this call recorded. */
  readonly recorded: ReadonlyMap<string, RecordedStep>
  /** By `stepKey` and claim: the others. */
  readonly unrecorded: readonly {
    readonly taskId: TaskId
    readonly stepNo: number
    readonly claimNo: number
    readonly answer: OutcomeAnswer
    readonly state: StepState | null
  }[]
  readonly started: readonly { readonly taskId: TaskId; readonly definitionId: DefinitionId }[]
  readonly ended: readonly EndedTask[]
  readonly claims: readonly ClaimedStep[]
  /** Present when fewer steps were claimed than wanted: milliseconds to the next due step, null when none waits. */
  readonly idle: { readonly nextDueMs: number | null } | null
  readonly isBetterWaiting: boolean
  /** Steps that were released and left in the due table, for any worker. */
  readonly queuedCount: number
  /** Rescue only: a step that was lost twice is due. It runs alone; the lowest live worker makes room for it. */
  readonly suspects: { readonly oldestMs: number; readonly isLowest: boolean } | null
  /** Rescue only: transactions that lost workers had left open; `remaining` wait for the limits of their sessions. */
  readonly zombies: { readonly ended: number; readonly remaining: number } | null
  /** This worker was given up: abort everything and register under a new id. */
  readonly isWorkerLost: boolean
}

export interface EndedTask {
  readonly taskId: TaskId
  readonly state: TaskState
  readonly definitionId: DefinitionId
  readonly createdAt: Date
  readonly endedAt: Date
  /** Of the history entry that ended it. */
  readonly seq: number
}

export const stepKey = (step: { readonly taskId: string; readonly stepNo: number }): string =>
  `${step.taskId}/${step.stepNo}`

export async function finishSteps(database: Database, call: FinishCall): Promise<FinishReply> {
  const { schema } = database
  const rows = await database.run(
    'finish_steps',
    `select finish_steps as row from ${schema}.finish_steps($1, $2, $3::jsonb, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
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

/** The rows of finish_steps, told apart by `kind`. Their shape is stated at the head of finish_steps.sql. */
type ReplyRow =
  | {
      kind: 'recorded'
      steps: Record<string, { claim_no: number; to: StepState; run_at: string | null }>
      queued: number
    }
  | {
      kind: 'outcome'
      task_id: TaskId
      step_no: number
      claim_no: number
      answer: OutcomeAnswer
      state: StepState | null
    }
  | { kind: 'started'; task_id: TaskId; definition_id: DefinitionId }
  | {
      kind: 'ended'
      task_id: TaskId
      state: TaskState
      definition_id: DefinitionId
      created_at: string
      ended_at: string
      seq: number
    }
  | {
      kind: 'claim'
      task_id: TaskId
      step_no: number
      claim_no: number
      attempts: number
      losses: number
      retry_limit: number
      started_at: string
      definition_id: DefinitionId
      name: string | null
      handler: string | null
      timeout_ms: number | null
      inputs: Json
      priority: number
      created_at: string
      context: JsonObject | null
      results: Record<string, Json> | null
    }
  | { kind: 'idle'; next_due_ms: number | null }
  | { kind: 'better_waiting' }
  | { kind: 'worker_lost' }
  | { kind: 'suspects'; oldest_ms: number; is_lowest: boolean }
  | { kind: 'zombies'; ended: number; remaining: number }

/** The rows of finish_steps, read. */
export function readReply(rows: readonly Row[]): FinishReply {
  const recorded = new Map<string, RecordedStep>()
  const unrecorded: FinishReply['unrecorded'][number][] = []
  const started: FinishReply['started'][number][] = []
  const ended: EndedTask[] = []
  const claims: ClaimedStep[] = []
  let idle: FinishReply['idle'] = null
  let isBetterWaiting = false
  let isWorkerLost = false
  let queuedCount = 0
  let suspects: FinishReply['suspects'] = null
  let zombies: FinishReply['zombies'] = null

  for (const { row } of rows) {
    const reply = row as ReplyRow // what finish_steps.sql builds; the columns test compares both
    switch (reply.kind) {
      case 'recorded':
        for (const [key, step] of Object.entries(reply.steps)) {
          recorded.set(key, {
            claimNo: step.claim_no,
            to: step.to,
            runAt: step.run_at === null ? null : new Date(step.run_at),
          })
        }
        queuedCount += reply.queued
        break
      case 'outcome':
        unrecorded.push({
          taskId: reply.task_id,
          stepNo: reply.step_no,
          claimNo: reply.claim_no,
          answer: reply.answer,
          state: reply.state,
        })
        break
      case 'started':
        started.push({ taskId: reply.task_id, definitionId: reply.definition_id })
        break
      case 'ended':
        ended.push({
          taskId: reply.task_id,
          state: reply.state,
          definitionId: reply.definition_id,
          createdAt: new Date(reply.created_at),
          endedAt: new Date(reply.ended_at),
          seq: reply.seq,
        })
        break
      case 'claim':
        claims.push({
          taskId: reply.task_id,
          stepNo: reply.step_no,
          claimNo: reply.claim_no,
          attempts: reply.attempts,
          losses: reply.losses,
          retryLimit: reply.retry_limit,
          startedAt: new Date(reply.started_at),
          definitionId: reply.definition_id,
          name: reply.name,
          handler: reply.handler,
          timeoutMs: reply.timeout_ms,
          inputs: reply.inputs,
          priority: reply.priority,
          createdAt: new Date(reply.created_at),
          context: reply.context ?? {},
          results: reply.results,
        })
        break
      case 'idle':
        idle = { nextDueMs: reply.next_due_ms }
        break
      case 'better_waiting':
        isBetterWaiting = true
        break
      case 'worker_lost':
        isWorkerLost = true
        break
      case 'suspects':
        suspects = { oldestMs: reply.oldest_ms, isLowest: reply.is_lowest }
        break
      case 'zombies':
        zombies = { ended: reply.ended, remaining: reply.remaining }
        break
      default:
        reply satisfies never
    }
  }
  return {
    recorded,
    unrecorded,
    started,
    ended,
    claims,
    idle,
    isBetterWaiting,
    isWorkerLost,
    queuedCount,
    suspects,
    zombies,
  }
}
