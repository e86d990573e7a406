// The events of a task's life: name, when it fires, what it carries. Published once, after the commit that made it true.
// The in-process bus is at most once; who must not miss an event reads the history, whose key is the event's id.
import type { JsonObject } from '../json.ts'

/** Common to all: where it happened and which history entry it stands for. */
interface Happened {
  /** `<task id>/<seq or claim>`: the key of the history entry, the same in every process. */
  readonly eventId: string
  readonly taskId: string
  readonly namespace: string
  readonly taskName: string
  readonly version: string
}

export interface TaskHappened extends Happened {
  readonly state: string
  readonly createdAt: Date
  readonly endedAt: Date | null
}

export interface StepHappened extends Happened {
  readonly stepName: string
  /** From 1. */
  readonly attempt: number
  readonly retryLimit: number
  readonly claimNo: number
  readonly startedAt: Date
}

export interface StepEnded extends StepHappened {
  /** Milliseconds the attempt took in this process. */
  readonly durationMs: number
}

export interface StepFailed extends StepEnded {
  /** Class, message, code and context of the error. */
  readonly error: JsonObject
  /** When it is tried again; null: never. */
  readonly retryAt: Date | null
}

/** A step was moved by hand. */
export interface StepMoved extends Happened {
  readonly stepName: string
  /** The state it was in. */
  readonly from: string
  readonly actor: string
  readonly reason: string
}

export interface EventPayloads {
  /** A task was created (not when a repeat found the existing one). */
  readonly 'task.initialize_requested': TaskHappened
  /** The first step of a task was claimed. */
  readonly 'task.start_requested': Omit<TaskHappened, 'createdAt' | 'endedAt'>
  readonly 'task.completed': TaskHappened
  readonly 'task.failed': TaskHappened
  readonly 'task.cancelled': TaskHappened
  /** An operator took a failed task for done. */
  readonly 'task.resolved_manually': TaskHappened
  /** An operator's action made a task in error go on. */
  readonly 'task.retry_requested': TaskHappened
  /** An attempt starts. */
  readonly 'step.execution_requested': StepHappened
  readonly 'step.completed': StepEnded & {
    /** Its handler did not run: the result is that of an earlier run. */
    readonly isCached: boolean
  }
  /** An attempt failed; `retryAt` tells whether it was the last. */
  readonly 'step.failed': StepFailed
  /** A failed step will be tried again; follows its step.failed. */
  readonly 'step.retry_requested': StepFailed
  /** A step handed its attempt back: it waits for a time, or its worker stops. */
  readonly 'step.waiting': StepEnded & { readonly runAt: Date | null; readonly reason: string }
  /** An outcome came too late: the step was cancelled, rescued or settled. Its result is kept in history only. */
  readonly 'step.outcome_refused': StepHappened
  /** An operator cancelled the step, or one that it depends on. */
  readonly 'step.cancelled': StepMoved
  /** An operator took the step for done. */
  readonly 'step.resolved_manually': StepMoved
  readonly 'step.skipped': StepMoved
  /** A custom event that a handler published; its outcome has been recorded. */
  readonly custom: StepHappened & { readonly name: string; readonly payload: JsonObject }
  /** A worker was given up, could not reach the database, or recovered. */
  readonly 'worker.state_changed': {
    readonly workerId: number
    readonly state: 'live' | 'lost' | 'stopped' | 'offline'
  }
  /** What holds the slots of a worker back is another thing than before, or nothing any more (null). */
  readonly 'worker.concurrency_changed': {
    readonly workerId: number
    readonly slots: number
    readonly slotsMax: number
    readonly reason: 'connections' | 'event_loop' | 'commit_latency' | 'open_work' | null
  }
  /** Nothing could run in this process for longer than `execution.blockedLoopWarningMs`. Once a minute for each step. */
  readonly 'worker.loop_blocked': {
    readonly workerId: number
    readonly blockedMs: number
    /** The steps that may have done it, the likeliest first. */
    readonly steps: readonly {
      readonly namespace: string
      readonly taskName: string
      readonly version: string
      readonly stepName: string
    }[]
    /** True: the one step was seen blocking, before its first await. */
    readonly isCertain: boolean
  }
}

export type EventName = keyof EventPayloads
