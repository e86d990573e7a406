// What all spans share: the tracer of the host, found when it is there, contexts of tasks, times, and names as attributes.
// Nothing that the host's SDK does reaches the engine: what it throws is reported once.
import type {
  Attributes,
  Context,
  Link,
  Span,
  SpanContext,
  Tracer,
  TracerProvider,
} from '@opentelemetry/api'
import type { Clock } from '../../clock.ts'
import type { TracedNames } from '../../instrumentation.ts'
import type { Logger } from '../../log.ts'
import type { EventRouter } from '../router/router.ts'
import type { TraceApi } from './api.ts'
import { isSampled, parseTraceParent } from './trace-parent.ts'

export interface TracingParts {
  readonly api: TraceApi
  readonly router: EventRouter
  readonly clock: Clock
  readonly logger: Logger
  /** Name and version of the tracer, the instrumentation scope of every span. */
  readonly serviceName: string
  readonly serviceVersion: string
  /** For texts that come from outside: without what must not be seen. */
  readonly filterText: (text: string) => string
}

/** Where a task belongs. */
export interface TaskTrace {
  /** Null: nothing is known of a trace; spans begin traces of their own. */
  readonly parent: SpanContext | null
  /** The parent says that its trace is not recorded. */
  readonly isUnsampled: boolean
  readonly context: Context
}

const messageLengthMax = 500

export class Tracing {
  readonly api: TraceApi
  readonly router: EventRouter
  readonly clock: Clock
  readonly #parts: TracingParts
  #tracer: Tracer | null = null
  #hasFailed = false

  constructor(parts: TracingParts) {
    this.#parts = parts
    this.api = parts.api
    this.router = parts.router
    this.clock = parts.clock
  }

  /**
   * Null: nobody has registered a provider, and nothing is to be made. One may come later, so it is looked for again: that
   * takes 50 ns, where a span that goes nowhere takes 150 and its attributes as much again (Node 24, API 1.9.1).
   */
  get tracer(): Tracer | null {
    this.#tracer ??= this.#findTracer()
    return this.#tracer
  }

  #findTracer(): Tracer | null {
    const { api, serviceName, serviceVersion } = this.#parts
    const provider: TracerProvider & Partial<Delegating> = api.trace.getTracerProvider()
    // The API gives a proxy, whether or not there is a provider behind it.
    return provider.getDelegateTracer === undefined
      ? provider.getTracer(serviceName, serviceVersion)
      : (provider.getDelegateTracer(serviceName, serviceVersion) ?? null)
  }

  /** Whether spans stand for this event, and for this task. */
  isWanted(event: string, taskId: string): boolean {
    return this.router.routesToTraces(event) && this.router.isSampled(event, taskId)
  }

  traceOf(stored: string | null): TaskTrace {
    const { api } = this
    const parent = parseTraceParent(api, stored)
    // Never the active context: a worker may have been woken from within some request of the host.
    if (parent === null) return { parent, isUnsampled: false, context: api.ROOT_CONTEXT }
    const context = api.trace.setSpanContext(api.ROOT_CONTEXT, parent)
    return { parent, isUnsampled: !isSampled(parent), context }
  }

  /** Milliseconds since 1970, with fractions, so many milliseconds of the monotonic clock after a moment. */
  nowAfter(moment: Moment): number {
    return moment.wallMs + (this.clock.monotonicMs() - moment.monotonicMs)
  }

  get moment(): Moment {
    return { wallMs: this.clock.nowMs(), monotonicMs: this.clock.monotonicMs() }
  }

  /** Says that it failed, with what is known of the error. */
  fail(span: Span, error: FailureNames): void {
    const { type, message } = error
    const told =
      message === null ? null : this.#parts.filterText(message).slice(0, messageLengthMax)
    span.setAttribute('error.type', type)
    span.setStatus({ code: this.api.SpanStatusCode.ERROR, message: type })
    if (told === null) return
    span.addEvent('exception', { 'exception.type': type, 'exception.message': told })
  }

  /** Does it, whatever the SDK makes of it. */
  guarded<T>(otherwise: T, work: () => T): T {
    try {
      return work()
    } catch (error) {
      this.report(error)
      return otherwise
    }
  }

  report(error: unknown): void {
    if (this.#hasFailed) return
    this.#hasFailed = true
    this.#parts.logger.warn({ err: error }, 'tracing failed; spans may be missing')
  }
}

/** The proxy of the API, since 1.0. */
interface Delegating {
  getDelegateTracer(name: string, version: string): Tracer | undefined
}

/** One instant on both clocks. */
export interface Moment {
  readonly wallMs: number
  readonly monotonicMs: number
}

export interface FailureNames {
  readonly type: string
  readonly message: string | null
}

/** Of every span of a task. */
export const taskAttributes = (
  names: TracedNames,
  { taskId, correlationId }: { readonly taskId: string; readonly correlationId: string },
): Attributes => ({
  'tasker.task.id': taskId,
  'tasker.task.name': names.taskName,
  'tasker.namespace': names.namespace,
  'tasker.version': names.version,
  'tasker.correlation_id': correlationId,
})

export const linkTo = (context: SpanContext): Link => ({ context })

/** The class of what was thrown; never its text. */
export function errorTypeOf(error: unknown): string {
  try {
    return error instanceof Error ? error.name : typeof error
  } catch {
    return 'unknown' // a proxy that cannot even be asked
  }
}
