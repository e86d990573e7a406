// What finish_steps answers, read: rows of json, told apart by `kind`; of many steps they hold parallel arrays.
import type { DefinitionId, TaskId } from '../ids.ts'
import type { Json, JsonObject } from '../json.ts'
import type { StepState, TaskState } from '../states.ts'
import type { Row } from './connect.ts'

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
  /** The trace that the task belongs to: W3C `traceparent`, and after a space `tracestate`. Null: none. */
  readonly traceParent: string | null
  /** When the first of its task was claimed; null when the task belongs to no trace. */
  readonly taskStartedAt: Date | null
  /** Null: the task is known by its id alone. */
  readonly correlationId: string | null
  /** Null: too large to travel with the claim; read them with `readParentResults`. */
  readonly results: Readonly<Record<string, Json>> | null
}

/**
 * A claimed step that this call released, all of whose parents it recorded: what its handler needs is known to the worker
 * that sent them.
 */
export type ClaimedChild = Pick<
  ClaimedStep,
  'taskId' | 'stepNo' | 'claimNo' | 'attempts' | 'losses' | 'retryLimit' | 'priority' | 'startedAt'
>

/** What one attempt of a step is known by, without what it was given. */
export type StepAttempt = Pick<
  ClaimedStep,
  | 'taskId'
  | 'stepNo'
  | 'claimNo'
  | 'name'
  | 'attempts'
  | 'retryLimit'
  | 'startedAt'
  | 'correlationId'
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
  /** The other claims, of a call that named their graphs as known. */
  readonly children: readonly ClaimedChild[]
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

/** The step that a key of `stepKey` is of. */
export function readStepKey(key: string): { readonly taskId: TaskId; readonly stepNo: number } {
  const [taskId = '', stepNo = ''] = key.split('/')
  return { taskId: taskId as TaskId, stepNo: Number(stepNo) } // as `stepKey` made it
}

/** Parallel arrays, one place for each step; null when there is none. */
interface RecordedColumns {
  task_ids: TaskId[] | null
  step_nos: number[]
  claim_nos: number[]
  to_states: StepState[]
  run_ats: (string | null)[]
}

/** Parallel arrays, one place for each step. */
interface ChildColumns {
  task_ids: TaskId[]
  step_nos: number[]
  claim_nos: number[]
  attempts: number[]
  losses: number[]
  retry_limits: number[]
  priorities: number[]
}

interface ClaimColumns extends ChildColumns {
  started_at: string[]
  definition_ids: DefinitionId[]
  names: (string | null)[]
  handlers: (string | null)[]
  timeouts_ms: (number | null)[]
  inputs: Json[]
  created_at: string[]
  contexts: (JsonObject | null)[]
  /** Null: none of these tasks has one. */
  trace_parents: (string | null)[] | null
  task_started_at: (string | null)[] | null
  correlation_ids: (string | null)[] | null
  results: (Record<string, Json> | null)[]
}

/** The rows of finish_steps, told apart by `kind`. Their shape is stated at the head of finish_steps.sql. */
type ReplyRow =
  | { kind: 'recorded'; steps: RecordedColumns | null; queued: number }
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
  | ({ kind: 'children'; started_at: string } & ChildColumns)
  | ({ kind: 'claims' } & ClaimColumns)
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
  const children: ClaimedChild[] = []
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
        for (const [key, step] of readRecorded(reply.steps)) recorded.set(key, step)
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
      case 'children':
        children.push(...readChildren(reply, new Date(reply.started_at)))
        break
      case 'claims':
        claims.push(...readClaims(reply))
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
    children,
    idle,
    isBetterWaiting,
    isWorkerLost,
    queuedCount,
    suspects,
    zombies,
  }
}

function readRecorded(
  columns: RecordedColumns | null,
): readonly (readonly [string, RecordedStep])[] {
  if (columns === null || columns.task_ids === null) return []
  return columns.task_ids.map((taskId, index) => {
    const of = placeOf(index)
    const runAt = of(columns.run_ats)
    return [
      stepKey({ taskId, stepNo: of(columns.step_nos) }),
      {
        claimNo: of(columns.claim_nos),
        to: of(columns.to_states),
        runAt: runAt === null ? null : new Date(runAt),
      },
    ]
  })
}

function readChildren(columns: ChildColumns, startedAt: Date): readonly ClaimedChild[] {
  return columns.task_ids.map((taskId, index) => ({
    taskId,
    ...countsOf(columns, placeOf(index)),
    startedAt,
  }))
}

function readClaims(columns: ClaimColumns): readonly ClaimedStep[] {
  return columns.task_ids.map((taskId, index) => {
    const of = placeOf(index)
    return {
      taskId,
      ...countsOf(columns, of),
      startedAt: new Date(of(columns.started_at)),
      definitionId: of(columns.definition_ids),
      name: of(columns.names),
      handler: of(columns.handlers),
      timeoutMs: of(columns.timeouts_ms),
      inputs: of(columns.inputs),
      createdAt: new Date(of(columns.created_at)),
      context: of(columns.contexts) ?? {},
      traceParent: ofSome(of, columns.trace_parents),
      taskStartedAt: dateOf(ofSome(of, columns.task_started_at)),
      correlationId: ofSome(of, columns.correlation_ids),
      results: of(columns.results),
    }
  })
}

type Place = <Value>(column: readonly Value[]) => Value

const ofSome = <Value>(of: Place, column: readonly (Value | null)[] | null): Value | null =>
  column === null ? null : of(column)

const dateOf = (text: string | null): Date | null => (text === null ? null : new Date(text))

const countsOf = (columns: ChildColumns, of: Place) => ({
  stepNo: of(columns.step_nos),
  claimNo: of(columns.claim_nos),
  attempts: of(columns.attempts),
  losses: of(columns.losses),
  retryLimit: of(columns.retry_limits),
  priority: of(columns.priorities),
})

/** Reads one place of parallel arrays, which are equally long. */
function placeOf(index: number): Place {
  return <Value>(column: readonly Value[]) => column[index] as Value
}
