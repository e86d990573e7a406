// The closed list of reasons why a step that is not done does not progress, and what is known about each.
import type { ErrorBrief } from '../database/error-brief.ts'
import type { Hold } from '../database/standing.ts'
import type { StepState } from '../states.ts'

/** A worker, as a person finds it. */
export interface WorkerBrief {
  readonly workerId: number
  readonly host: string
  readonly pid: number
  readonly lastSeenAt: Date
}

/** The live workers that serve the definition, together. */
export interface ServingWorkers {
  readonly workers: number
  /** Steps that run on them now, of any task. */
  readonly running: number
  readonly slots: number
}

export interface MissingParent {
  readonly step: string
  readonly state: StepState
  readonly since: Date
}

/** A step that others wait for and that waits for no step itself. */
export interface RootCause {
  readonly step: string
  readonly reason: Exclude<ReasonName, 'parent'>
}

/** What is known about each reason. `reason` tells them apart. */
export type ReasonDetail =
  /** The task or its namespace is held: nothing of it starts. */
  | ({ readonly reason: 'held'; readonly scope: 'task' | 'namespace' } & Hold)
  /** Due, and no live worker serves this version of the definition. */
  | {
      readonly reason: 'no_worker'
      readonly dueAt: Date
      /** Live workers, whatever they serve. */
      readonly liveWorkers: number
      /** Versions of the same definition that live workers serve. */
      readonly servedVersions: readonly string[]
    }
  /**
   * Failed for good: attempts spent, an error that no attempt can help, or lost with its worker: too often, or once and
   * not retryable.
   */
  | {
      readonly reason: 'exhausted'
      readonly cause: 'attempts' | 'permanent_error' | 'losses' | 'lost_not_retryable'
      readonly error: ErrorBrief | null
      readonly attempts: number
      readonly retryLimit: number
      readonly losses: number
    }
  /** Cancelled, or left behind when the task ended. */
  | { readonly reason: 'ended'; readonly by: string | null; readonly why: string | null }
  /** Nothing is missing and yet it is not in the due table. A defect; the sweep of a worker repairs it. */
  | { readonly reason: 'unqueued' }
  /** Its worker no longer renews its lease, and nobody has taken the step over yet. */
  | {
      readonly reason: 'worker_lost'
      readonly worker: WorkerBrief | null
      readonly attempt: number
      readonly retryLimit: number
    }
  /** Due, and lost twice with its worker: it is claimed by a worker that runs nothing beside it. */
  | { readonly reason: 'suspect'; readonly dueAt: Date; readonly losses: number }
  /** Due, and all slots of the workers that serve it are in use. */
  | { readonly reason: 'concurrency'; readonly dueAt: Date; readonly serving: ServingWorkers }
  /** Due, with a free slot somewhere, and not claimed yet. */
  | { readonly reason: 'due'; readonly dueAt: Date; readonly serving: ServingWorkers }
  /** Failed, and tried again at `dueAt`. */
  | {
      readonly reason: 'retry'
      readonly dueAt: Date
      /** `asked_for`: the handler named the time, often a server's Retry-After. */
      readonly rule: 'ladder' | 'asked_for'
      /** The attempt that failed. */
      readonly attempt: number
      readonly retryLimit: number
      readonly error: ErrorBrief | null
    }
  /** Asked to run again at `dueAt`, and said why. */
  | { readonly reason: 'wait'; readonly dueAt: Date; readonly why: string | null }
  | {
      readonly reason: 'running'
      readonly worker: WorkerBrief | null
      readonly attempt: number
      readonly retryLimit: number
      readonly startedAt: Date
      /** By the step's own limit, else `execution.stepTimeoutMs` of this process. Null: never. */
      readonly timesOutAt: Date | null
    }
  | {
      readonly reason: 'parent'
      readonly missing: readonly MissingParent[]
      /** The nearest ancestors that wait for no step themselves, worst first; at most 5. */
      readonly rootCauses: readonly RootCause[]
      readonly hasMoreRootCauses: boolean
    }

export type ReasonName = ReasonDetail['reason']

/** An operation by which a remedy is done. */
export interface RemedyCall {
  readonly action:
    'cancel' | 'retry' | 'retry_now' | 'wake' | 'resolve' | 'skip' | 'resume' | 'rerun'
  /** `namespace`: that of the task. */
  readonly on: 'task' | 'namespace'
  /** None: the whole. `<step>`: the reader chooses. */
  readonly steps: readonly string[]
}

/** A command for the reader. */
export interface Remedy {
  readonly command: string
  /** The same as an operation; null: it is none, as to start a worker. */
  readonly call: RemedyCall | null
  /** What it does, in a few words. */
  readonly effect: string
}

/** One step that is not done. `reason` says which of the further fields there are. */
export type StepReason = {
  readonly step: string
  readonly state: StepState
  /** What is the case, read behind the name of the step. */
  readonly explanation: string
  /** Since when the reason holds; null: nobody wrote it down. */
  readonly since: Date | null
  /** What will happen by itself. */
  readonly next: string
  /** When; null: not by a time, or not at all. */
  readonly nextAt: Date | null
  /**
   * What would change it, best first; of a step that waits for others, what would change its first root cause. What the
   * reader has to fill in stands in `<…>`. Last, while that is possible, what ends the whole task.
   */
  readonly remedies: readonly Remedy[]
} & ReasonDetail

/**
 * How bad it is: what nothing but an operator changes comes first, what goes on by itself last. Of several root causes the
 * worst is named.
 */
export const severities: Readonly<Record<ReasonName, number>> = {
  held: 0,
  no_worker: 1,
  exhausted: 2,
  ended: 3,
  unqueued: 4,
  worker_lost: 5,
  suspect: 6,
  concurrency: 7,
  due: 8,
  retry: 9,
  wait: 10,
  running: 11,
  parent: 12,
}
