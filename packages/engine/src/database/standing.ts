// Where a task stands: the task, its steps that are not satisfied, what happened to them last, and the workers that run
// them or could. Read by read-standing.ts.
import type { DefinitionId, TaskId } from '../ids.ts'
import type { StepState, TaskState } from '../states.ts'
import type { ErrorBrief } from './error-brief.ts'

/** The last change of state of a task or a step, from its history. */
export interface LastChange {
  readonly to: string
  readonly actor: string
  readonly reason: string | null
  readonly at: Date
}

/** Who holds it, since when and why. Null parts: its history does not say. */
export interface Hold {
  readonly by: string | null
  readonly why: string | null
  readonly since: Date | null
}

export interface TaskStanding {
  readonly taskId: TaskId
  readonly definitionId: DefinitionId
  readonly namespace: string
  readonly name: string
  readonly version: string
  readonly state: TaskState
  readonly createdAt: Date
  readonly endedAt: Date | null
  readonly deadlineAt: Date | null
  readonly totalSteps: number
  readonly hold: Hold | null
  readonly namespaceHold: Hold | null
  readonly lastChange: LastChange | null
  /** The instant of the answer. */
  readonly at: Date
}

/** How the last failed attempt of a step ended. */
export interface LastFailure {
  readonly reason: string | null
  readonly error: ErrorBrief | null
  readonly at: Date
}

/** The words of step_readiness.sql. */
export type BlockedBy = 'parent' | 'retry' | 'wait' | 'running' | 'held' | 'exhausted' | 'ended'

/** A step that is not satisfied. */
export interface OpenStep {
  readonly stepNo: number
  readonly name: string
  readonly state: StepState
  /** As step_readiness says; null: it may run now, or it is cancelled. */
  readonly blockedBy: BlockedBy | null
  readonly parents: readonly number[]
  readonly missingParents: number
  readonly attempts: number
  readonly retryLimit: number
  readonly losses: number
  readonly isSkippable: boolean
  /** False: never run again by itself, not even when its worker was lost. */
  readonly isRetryable: boolean
  readonly dueAt: Date | null
  /** Lost twice with its worker. */
  readonly isSuspect: boolean
  readonly startedAt: Date | null
  readonly timeoutMs: number | null
  readonly workerId: number | null
  readonly lastChange: LastChange | null
  readonly lastFailure: LastFailure | null
}

/** A worker that runs a step of the task, or a live one that serves its definition. */
export interface NearWorker {
  readonly workerId: number
  readonly host: string
  readonly pid: number
  readonly slots: number
  readonly isLive: boolean
  readonly isServing: boolean
  readonly seenAt: Date
}

export interface Standing {
  readonly task: TaskStanding
  readonly steps: readonly OpenStep[]
  readonly workers: readonly NearWorker[]
  /** Live workers, whatever they serve. */
  readonly liveWorkers: number
  /** Versions of the same definition that live workers serve. */
  readonly servedVersions: readonly string[]
}
