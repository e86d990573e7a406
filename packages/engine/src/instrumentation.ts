// Where events are not enough for whoever traces: before a task is stored, around a handler and its requests, and after a
// call of a worker. The engine holds one of these or null, and null costs nothing. telemetry/traces fills it.
import type { CallId, TaskId } from './ids.ts'
import type { JsonObject } from './json.ts'

export interface Instrumentation {
  /** Somebody traces now. While nobody does, nothing is put together for it; asking costs next to nothing. */
  readonly isActive: boolean
  /** A task is about to be stored. */
  creating(task: NewTrace): TracedCreation
  /** A call of a worker that recorded outcomes or claimed steps was answered. Its attempts start after this. */
  called(call: TracedCall): void
  /** An attempt starts. Null: nobody traces it. */
  started(attempt: TracedStep): TracedAttempt | null
  /** These attempts were taken over: their workers are gone, and will not say how they went. */
  lost(attempts: readonly LostClaim[]): void
}

export interface TracedNames {
  readonly namespace: string
  readonly taskName: string
  readonly version: string
}

export interface NewTrace extends TracedNames {
  readonly taskId: TaskId
  readonly correlationId: () => string
  readonly rerunOf: TaskId | null
}

export interface TracedCreation {
  /** To be stored with the task. */
  readonly traceParent: string | null
  /** It was created; false: an earlier request had made it. */
  created(isNew: boolean): void
  failed(error: unknown): void
}

/** What every claim says of its task. */
export interface ClaimedTrace {
  readonly taskId: TaskId
  readonly traceParent: string | null
  readonly taskStartedAt: Date | null
}

/** The same, read for whoever did not run it. */
export interface StoredTrace extends ClaimedTrace {
  readonly correlationId: string
}

export interface TracedCall {
  readonly callId: CallId
  readonly workerId: number
  /** The caller of the database that it was. */
  readonly statement: string
  readonly durationMs: number
  readonly outcomeCount: number
  readonly claims: readonly Pick<ClaimedTrace, 'taskId' | 'traceParent'>[]
  /** Of the outcomes too. Asked only when somebody traces the call. */
  readonly tasks: () => Iterable<Pick<ClaimedTrace, 'taskId' | 'traceParent'>>
}

export interface TracedStep extends TracedNames {
  readonly step: ClaimedTrace & {
    readonly stepNo: number
    readonly claimNo: number
    readonly name: string | null
    readonly attempts: number
    readonly losses: number
    readonly retryLimit: number
    readonly startedAt: Date
  }
  readonly correlationId: () => string
  /** The call that claimed it. */
  readonly callId: CallId
  /** Names of the steps that it depends on. Asked only when the attempt is recorded. */
  readonly dependsOn: () => readonly string[]
}

export interface TracedAttempt {
  /** Runs the handler as a part of the attempt. `isFault`: what it threw is an error, and not an answer. */
  handle(run: () => Promise<unknown>, isFault: (error: unknown) => boolean): Promise<unknown>
  /** A request of the handler to another system. */
  requesting(request: RequestNames): TracedRequest
  /** Its outcome was answered. */
  ended(end: AttemptEnd): void
}

export interface RequestNames {
  readonly method: string
  /** Free of secrets, user and query. Null: it is no URL. */
  readonly address: {
    readonly scheme: string
    readonly host: string
    readonly port: number
    readonly path: string
  } | null
}

export interface TracedRequest {
  /** What the request carries, so that its receiver continues the trace. Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  answered(status: number): void
  /** No response; `type` is the code of the error. */
  failed(type: string): void
}

export interface AttemptEnd {
  readonly kind: 'complete' | 'failed' | 'wait' | 'release'
  readonly reason: string | null
  /** Free of secrets. */
  readonly error: JsonObject | null
  /** What the step became; null: the outcome was refused, it was settled or taken over before. */
  readonly became: { readonly to: string | null; readonly runAt: Date | null } | null
  /** Whether the error let it be tried again. */
  readonly isRetryable: boolean
  /** Names of the custom events that the handler published. */
  readonly customEvents: readonly string[]
}

/** A claim that was taken over. */
export interface LostClaim {
  readonly taskId: TaskId
  readonly stepNo: number
  readonly claimNo: number
}

/** An attempt that was taken over, as it is stored. */
export interface LostAttempt extends TracedNames, LostClaim {
  readonly name: string
  /** Which attempt it was: a loss gives it back, so the step itself does not say. */
  readonly attempts: number
  /** Its own loss included. */
  readonly losses: number
  /** Names of the steps that it depends on. */
  readonly dependsOn: readonly string[]
  readonly startedAt: Date
  readonly traceParent: string | null
  readonly correlationId: string
}
