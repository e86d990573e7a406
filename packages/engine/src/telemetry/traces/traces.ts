// Spans of tasks, steps, handlers, requests and calls, by the OpenTelemetry API: where they go, and how many are kept, is the
// host's SDK. While no provider is registered nothing is made. The hierarchy is drawn in docs/guides/traces.md.
import type { SpanContext } from '@opentelemetry/api'
import type { EventBus } from '../../events/bus.ts'
import type { CallId } from '../../ids.ts'
import type {
  Instrumentation,
  TracedAttempt,
  TracedCall,
  TracedStep,
} from '../../instrumentation.ts'
import { startAttempt, unrecordedAttempt } from './attempts.ts'
import { traceCall } from './dispatch.ts'
import { LostAttempts, type ReadLostAttempts } from './lost-attempts.ts'
import { startCreation, TaskEnds, type ReadTraces } from './tasks.ts'
import { linkTo, Tracing, type TracingParts } from './tracing.ts'

export interface OpenTraces extends Instrumentation {
  /** Tells what is still to be told. */
  close(): Promise<void>
}

export interface TracesParts extends TracingParts {
  readonly events: EventBus
  readonly readTraces: ReadTraces
  readonly readLostAttempts: ReadLostAttempts
}

export const openTraces = (parts: TracesParts): OpenTraces => new Traces(parts)

class Traces implements OpenTraces {
  readonly #tracing: Tracing
  readonly #taskEnds: TaskEnds
  readonly #lostAttempts: LostAttempts
  /** The call that was answered last: its attempts start next. */
  #lastCall: { readonly callId: CallId; readonly context: SpanContext } | null = null

  constructor(parts: TracesParts) {
    this.#tracing = new Tracing(parts)
    this.#taskEnds = new TaskEnds(this.#tracing, parts.events, parts.readTraces)
    this.#lostAttempts = new LostAttempts(this.#tracing, parts.readLostAttempts)
  }

  get isActive(): boolean {
    return this.#tracing.tracer !== null
  }

  readonly creating: Instrumentation['creating'] = (task) => {
    const untraced = { traceParent: null, created: () => undefined, failed: () => undefined }
    return this.#tracing.guarded(untraced, () => startCreation(this.#tracing, task))
  }

  called(call: TracedCall): void {
    this.#taskEnds.forget()
    if (call.outcomeCount + call.claims.length === 0) return
    const context = this.#tracing.guarded(null, () => traceCall(this.#tracing, call))
    this.#lastCall = context === null ? null : { callId: call.callId, context }
  }

  started(attempt: TracedStep): TracedAttempt | null {
    return this.#tracing.guarded(null, () => this.#start(attempt))
  }

  #start(attempt: TracedStep): TracedAttempt | null {
    const { step, callId } = attempt
    if (!this.#tracing.isWanted('step.execution_requested', step.taskId)) return null
    const trace = this.#tracing.traceOf(step.traceParent)
    const { taskId, traceParent, taskStartedAt } = step
    const answered = (): void => {
      const correlationId = attempt.correlationId()
      this.#taskEnds.answered(taskId, { traceParent, taskStartedAt, correlationId })
    }
    if (trace.isUnsampled) return unrecordedAttempt(this.#tracing, trace, answered)
    const links = this.#lastCall?.callId === callId ? [linkTo(this.#lastCall.context)] : []
    return startAttempt(this.#tracing, attempt, { trace, links, answered })
  }

  lost(claims: Parameters<Instrumentation['lost']>[0]): void {
    this.#lostAttempts.lost(claims)
  }

  async close(): Promise<void> {
    await Promise.all([this.#taskEnds.close(), this.#lostAttempts.close()])
  }
}
