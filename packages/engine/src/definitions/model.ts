// What may run, in one normal form. The builder, the classes and YAML all end here, so equal meanings have equal
// digests. Pure data and functions of the host; no database, no configuration.
import type { HttpClient } from '../http/model.ts'
import type { Json, JsonObject } from '../json.ts'
import type { Logger } from '../log.ts'
import type { Priority } from '../states.ts'
import type { ContextSchema } from './context-schema.ts'
import type { DatabaseClient } from './host-transaction.ts'

export interface CustomEvent {
  readonly name: string
  readonly description: string
}

/** Settings of a step: everything that stands in the stored graph and in the digest. */
export interface StepSettings {
  readonly name: string
  readonly description: string
  /** Names of the steps that must be satisfied first. Order and duplicates carry no meaning. */
  readonly dependsOn: readonly string[]
  /** The key in `TaskDefinition.handlers`; the step's own name unless generated from the context. */
  readonly handler: string
  /** Label of the external system that the step talks to. Default `unknown`. */
  readonly dependentSystem: string
  /** False: exactly one attempt. Default true. */
  readonly retryable: boolean
  /** Attempts in all, the first run included. Range 1 to 32767. Default 3. */
  readonly retryLimit: number
  /** A request may name this step in `bypassSteps`. Default false. */
  readonly skippable: boolean
  /** Milliseconds until an attempt is aborted and counted as failed. Null: `execution.stepTimeoutMs`. */
  readonly timeoutMs: number | null
  /** Null: the priority of the task. */
  readonly priority: Priority | null
  /** Runs inside a database transaction that commits together with its outcome. Default false. */
  readonly transaction: boolean
  /** Passed to the handler; inherited from the task's `handler_config` in YAML. */
  readonly handlerConfig: JsonObject | null
  readonly customEvents: readonly CustomEvent[]
  /** Input of a step generated from the context, or read from a trace; null: the step reads the context. */
  readonly inputs: Json
}

/** What a handler is given. The same for functions and classes. */
export interface StepExecution {
  readonly taskId: string
  readonly namespace: string
  readonly taskName: string
  readonly version: string
  readonly stepName: string
  readonly context: JsonObject
  /** Results of the parents, by step name. */
  readonly results: Readonly<Record<string, Json>>
  readonly inputs: Json
  readonly config: JsonObject | null
  /** 1 for the first attempt. */
  readonly attempt: number
  readonly retryLimit: number
  /** Aborted at the step's timeout, when the task is cancelled, when the worker stops or loses its lease. */
  readonly signal: AbortSignal
  /** `<task id>:<step name>`: the same over all attempts, for gateways that deduplicate. */
  readonly idempotencyKey: string
  /**
   * What the request, the task, its requests and its log lines have in common: given with the task, else of the context's
   * `correlation_id`, else the task id.
   */
  readonly correlationId: string
  /** Grows with every claim, whatever became of it. */
  readonly claimNo: number
  /** Only in steps with `transaction: true`: queries here commit together with the outcome. */
  readonly tx: DatabaseClient | null
  /**
   * Calls other systems. Its requests end when `signal` fires, and carry the trace context, the correlation id and, where
   * they change something, `Idempotency-Key`.
   */
  readonly http: HttpClient
  /** Writes lines with the fields of this step, without what was read by `secret`. */
  readonly log: Logger
  /**
   * A secret, from the `secrets` of createTasker. What is read here is replaced wherever this attempt is stored or shown.
   * @throws {PermanentError} SECRET_NOT_SET
   */
  secret(name: string): Promise<string>
  /** An environment variable of this process. One whose name says that it holds a secret is treated as one. */
  variable(name: string): string | undefined
  /** Text without what was read by `secret`, for logs and messages of one's own. */
  redact(text: string): string
  /** Publishes one of the step's custom events after the outcome has been recorded. */
  publish(eventName: string, payload: JsonObject): void
  /**
   * The outcome "not yet": hands the attempt back and runs again at the time given, or 1 s after this attempt started
   * when that is later. Return its value, or throw it.
   */
  waitUntil(at: Date, reason: string): WaitOutcome
}

/** Returned by a handler through `waitUntil`. */
export interface WaitOutcome {
  readonly kind: 'tasker.wait'
  readonly at: Date
  readonly reason: string
}

/** How results of a step are used again. Code, and so no part of the digest. */
export interface StepCaching {
  /** What the result depends on, as text; null: this one is not cached. */
  readonly keyOf: (execution: StepExecution) => Promise<string | null>
  /** Null: `cache.defaultTtl`. */
  readonly ttlMs: number | null
}

/** Runs one attempt. Returning is success and the value becomes the result; throwing is failure. */
export type RunStep = (execution: StepExecution) => Promise<unknown>

/** What the annotations hook sees, once, after the task is complete. */
export interface CompletedTask {
  readonly taskId: string
  readonly context: JsonObject
  readonly steps: readonly {
    readonly name: string
    readonly state: string
    readonly results: Json
  }[]
}

export interface Annotation {
  readonly type: string
  readonly annotation: JsonObject
}

/** The whole definition, validated and frozen. Made by `buildDefinition` only. */
export interface TaskDefinition {
  readonly namespace: string
  readonly name: string
  readonly version: string
  readonly description: string
  readonly namespaceDescription: string | null
  readonly steps: readonly StepSettings[]
  readonly contextSchema: ContextSchema | null
  /** Default priority of tasks of this definition. */
  readonly priority: Priority
  /** Milliseconds from creation to the deadline of each task; null: none. */
  readonly maxExecutionMs: number | null
  /** Everything else under `configuration` in YAML; shown, not interpreted. */
  readonly metadata: JsonObject
  readonly handlers: Readonly<Record<string, RunStep>>
  /** By the key of the handler, of steps with `cache`. */
  readonly caches: Readonly<Record<string, StepCaching>>
  /** Steps per context, decided once when the task is created. Null: the steps above, always. */
  readonly planSteps: ((context: JsonObject) => readonly StepSettings[]) | null
  /** The annotations hook. Runs once, after completion; repeats of the same annotation are stored once. */
  readonly annotate: ((task: CompletedTask) => Promise<readonly Annotation[]>) | null
  /** SHA-256 over the canonical form of everything above that is data. */
  readonly digest: string
}
