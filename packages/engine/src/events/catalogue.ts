// The events of a task's life: name, when it fires, what it carries. Published once, after the commit that made it true.
// Their description for people and programs is described-events.ts.
// The in-process bus is at most once; who must not miss an event reads the history, whose key is the event's id.
import type { JsonObject } from '../json.ts'
import type { EngineOperation } from './operations.ts'

/** Common to all: where it happened and which history entry it stands for. */
interface Happened {
  /** `<task id>/<seq or claim>`: the key of the history entry, the same in every process. */
  readonly eventId: string
  readonly taskId: string
  readonly namespace: string
  readonly taskName: string
  readonly version: string
  /**
   * What the task is known by: given with it, else of its context's `correlation_id`, else its id. Null where who tells does
   * not know it: what operators do, and what became of the tasks of a lost worker.
   */
  readonly correlationId: string | null
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

/** A step as a claim names it. */
export interface ClaimHappened {
  readonly taskId: string
  readonly stepName: string
  readonly claimNo: number
  readonly attempt: number
}

/** A definition was given to a Tasker. */
export interface HandlerRegistered {
  readonly namespace: string
  readonly taskName: string
  readonly version: string
}

/** A subscriber came or went. */
export interface SubscriberChanged {
  readonly subscriber: string
  /** What it listens to: names and patterns. */
  readonly events: readonly string[]
}

/** An exporter came or went. */
export interface PluginChanged {
  /** Its name; null: it was refused, and had none. */
  readonly plugin: string | null
  /** Null: an object without a class. */
  readonly pluginClass: string | null
  readonly formats: readonly string[]
}

/** An analysis found that a step holds its task up. */
export interface BottleneckDetected {
  readonly taskId: string
  readonly namespace: string
  readonly taskName: string
  readonly version: string
  readonly stepName: string
  readonly severity: 'Critical' | 'High'
  readonly impactScore: number
  readonly bottleneckType: string
  /** Steps that have not started because of those before them, of which this is one. */
  readonly blockedSteps: number
  readonly resolution: string
}

/** An export of metrics to a target, at each of its tries. */
interface ExportTold {
  readonly exportId: string
  /** Of the configuration; `file:<format>`: a format was asked for. */
  readonly target: string
  readonly format: string
  /** Of the metrics: of one process or of all. When it is requested, also `auto`. */
  readonly scope: 'auto' | 'process' | 'all'
  /** From 1. */
  readonly attempt: number
}

interface ExportTried extends ExportTold {
  readonly durationMs: number
  /** Values that the other side refused for good. */
  readonly droppedCount: number
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
  /** A request for a task was refused: its context or its options are not what the definition wants. Nothing was stored. */
  readonly 'task.rejected': {
    readonly namespace: string
    readonly taskName: string
    readonly version: string
    readonly code: string
    /** Every fault; no values of the context. */
    readonly message: string
  }
  /** An analysis of a task found a failed or unstable step of High or Critical severity that the one before had not. */
  readonly 'task.bottleneck_detected': BottleneckDetected
  /** An attempt starts. */
  readonly 'step.execution_requested': StepHappened
  /** Its handler runs now: not when a kept result is used, nor when the attempt was called off before. */
  readonly 'step.before_handle': StepHappened
  readonly 'step.completed': StepEnded & {
    /** Its handler did not run: the result is that of an earlier run. */
    readonly isCached: boolean
  }
  /** An attempt failed; `retryAt` tells whether it was the last. */
  readonly 'step.failed': StepFailed
  /** A failed step will be tried again; follows its step.failed. */
  readonly 'step.retry_requested': StepFailed
  /** The failed attempt was the last that the retry limit allows; follows its step.failed. */
  readonly 'observability.step.max_retries_reached': StepFailed
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
  /** A call gave a worker steps to run: children of what it recorded, or due ones, of one task or many. */
  readonly 'workflow.viable_steps_discovered': {
    readonly workerId: number
    /** The claiming call; every step of it is told here and nowhere else. */
    readonly callId: string
    readonly stepCount: number
    readonly steps: readonly ClaimHappened[]
  }
  /** The worker cannot use the database, or can again; live also when it goes on under a new id. */
  readonly 'worker.state_changed': {
    readonly workerId: number
    readonly state: 'live' | 'offline'
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
  /** An operation of the engine took as long as `telemetry.slowQueryThresholdSeconds`, or longer. */
  readonly 'performance.slow_operation': {
    readonly operation: EngineOperation
    readonly durationMs: number
    readonly thresholdMs: number
  }
  /** So did a statement of the engine. */
  readonly 'performance.slow_query': {
    /** By its name; its parameters are nobody's to see. */
    readonly statement: string
    readonly durationMs: number
    /** Null: it failed. */
    readonly rowCount: number | null
    readonly thresholdMs: number
  }
  /** Memory of this process grew by `telemetry.memoryThresholdMb` or more during an operation, whoever took it. */
  readonly 'memory.spike_detected': {
    readonly operation: EngineOperation
    readonly durationMs: number
    readonly grownBytes: number
    /** At its end. */
    readonly usedBytes: number
    readonly thresholdBytes: number
  }
  /** `createTasker` stored a definition, or found it stored. Heard by those who are given to it as `subscribers`. */
  readonly 'handler.registered': HandlerRegistered
  readonly 'subscriber.registered': SubscriberChanged
  readonly 'subscriber.unregistered': SubscriberChanged
  /** Somebody tried to subscribe and was refused; the caller has the error too. */
  readonly 'subscriber.validation_failed': SubscriberChanged & { readonly fault: string }
  /** What this process counted was written into the cache that processes share, or could not be. */
  readonly 'telemetry.cache_synced': {
    readonly isSynced: boolean
    readonly strategy: 'distributed_atomic' | 'distributed_basic' | 'local_only'
    readonly instance: string
    readonly metricsCount: number
    readonly seriesCount: number
    /** Metrics left out, since all together were too much for one entry. */
    readonly dropped: readonly string[]
    readonly bytes: number
    readonly at: Date
    readonly durationMs: number
    /** Why not. Null: it was. */
    readonly fault: string | null
  }
  /** An exporter of metrics was given to `createTasker`, or registered. */
  readonly 'plugin.registered': PluginChanged
  /** It was taken away, or another took its place. */
  readonly 'plugin.unregistered': PluginChanged
  /** Something was to be registered and is no exporter, or its name is taken; the caller has the error too. */
  readonly 'plugin.validation_failed': PluginChanged & { readonly fault: string }
  /** Metrics are to be exported: a try begins. */
  readonly 'telemetry.export_requested': ExportTold
  /** They were, or need not be: another process was exporting, or nobody was there and that may be. */
  readonly 'telemetry.export_completed': ExportTried & {
    readonly outcome: 'done' | 'skipped'
    readonly metricsCount: number
    readonly seriesCount: number
    readonly bytes: number
    /** Why it was skipped, or values were dropped. */
    readonly fault: string | null
  }
  readonly 'telemetry.export_failed': ExportTried & {
    readonly fault: string
    /** When it is tried again; null: it is not. */
    readonly retryAt: Date | null
  }
  /** Metrics that processes share are kept longer, so that an export that failed still finds them. */
  readonly 'telemetry.cache_ttl_extended': {
    readonly exportId: string
    readonly target: string
    /** The try that is to come. */
    readonly attempt: number
    readonly metricsCount: number
    readonly extendedByMs: number
  }
}

export type EventName = keyof EventPayloads
