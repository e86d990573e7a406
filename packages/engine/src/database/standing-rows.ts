// The rows of read-standing.ts as they arrive, one shape of JSON per kind, and what is made of them.
import type { Json } from '../json.ts'
import type { DefinitionId, TaskId } from '../ids.ts'
import type { StepState, TaskState } from '../states.ts'
import { errorBrief } from './error-brief.ts'
import type { BlockedBy, NearWorker, OpenStep, TaskStanding } from './standing.ts'

export interface TaskJson {
  readonly task_id: TaskId
  readonly definition_id: DefinitionId
  readonly namespace: string
  readonly name: string
  readonly version: string
  readonly state: TaskState
  readonly created_at: string
  readonly ended_at: string | null
  readonly deadline_at: string | null
  readonly at: string
  readonly total_steps: number
  readonly is_held: boolean
  readonly held_by: string | null
  readonly held_why: string | null
  readonly held_since: string | null
  readonly namespace_held_since: string | null
  readonly namespace_held_by: string | null
  readonly namespace_held_why: string | null
  readonly last_to: string | null
  readonly last_actor: string | null
  readonly last_reason: string | null
  readonly last_at: string | null
  readonly live_workers: number
  readonly served_versions: readonly string[]
}

export interface StepJson {
  readonly step_no: number
  readonly name: string
  readonly state: StepState
  readonly blocked_by: BlockedBy | null
  readonly missing: number
  readonly attempts: number
  readonly retry_limit: number
  readonly losses: number
  readonly due_at: string | null
  readonly started_at: string | null
  readonly parents: readonly number[]
  readonly skippable: boolean
  readonly retryable: boolean
  readonly timeout_ms: number | null
  readonly worker_id: number | null
  readonly is_suspect: boolean
}

export interface ChangeJson {
  readonly step_no: number
  readonly to_state: string
  readonly actor: string
  readonly reason: string | null
  readonly at: string
}

export interface FailureJson {
  readonly step_no: number
  readonly reason: string | null
  readonly at: string
  /** Without what takes room. */
  readonly error: Json
}

export interface WorkerJson {
  readonly worker_id: number
  readonly host: string
  readonly pid: number
  readonly slots: number
  readonly seen_at: string
  readonly is_live: boolean
  readonly is_serving: boolean
}

const date = (text: string | null): Date | null => (text === null ? null : new Date(text))

export function readTask(row: TaskJson): TaskStanding {
  const { last_to: to, last_actor: actor, last_at: at } = row
  const since = date(row.namespace_held_since)
  return {
    taskId: row.task_id,
    definitionId: row.definition_id,
    namespace: row.namespace,
    name: row.name,
    version: row.version,
    state: row.state,
    createdAt: new Date(row.created_at),
    endedAt: date(row.ended_at),
    deadlineAt: date(row.deadline_at),
    totalSteps: row.total_steps,
    hold: row.is_held ? { by: row.held_by, why: row.held_why, since: date(row.held_since) } : null,
    namespaceHold:
      since === null ? null : { by: row.namespace_held_by, why: row.namespace_held_why, since },
    lastChange:
      to === null || actor === null || at === null
        ? null
        : { to, actor, reason: row.last_reason, at: new Date(at) },
    at: new Date(row.at),
  }
}

export function readStep(
  row: StepJson,
  change: ChangeJson | undefined,
  failure: FailureJson | undefined,
): OpenStep {
  return {
    stepNo: row.step_no,
    name: row.name,
    state: row.state,
    blockedBy: row.blocked_by,
    parents: row.parents,
    missingParents: row.missing,
    attempts: row.attempts,
    retryLimit: row.retry_limit,
    losses: row.losses,
    isSkippable: row.skippable,
    isRetryable: row.retryable,
    dueAt: date(row.due_at),
    isSuspect: row.is_suspect,
    startedAt: date(row.started_at),
    timeoutMs: row.timeout_ms,
    workerId: row.worker_id,
    lastChange:
      change === undefined
        ? null
        : {
            to: change.to_state,
            actor: change.actor,
            reason: change.reason,
            at: new Date(change.at),
          },
    lastFailure:
      failure === undefined
        ? null
        : { reason: failure.reason, error: errorBrief(failure.error), at: new Date(failure.at) },
  }
}

export const readWorker = (row: WorkerJson): NearWorker => ({
  workerId: row.worker_id,
  host: row.host,
  pid: row.pid,
  slots: row.slots,
  isLive: row.is_live,
  isServing: row.is_serving,
  seenAt: new Date(row.seen_at),
})
