// Tasks: the span of their creation, whose context is stored with them and is the parent of all that follows, and one for
// each end, with its real times. Who records an end seldom knows where the task belongs; then the database is asked.
import type { EventPayloads, TaskHappened } from '../../events/catalogue.ts'
import type { EventBus } from '../../events/bus.ts'
import type { NewTrace, StoredTrace, TracedCreation } from '../../instrumentation.ts'
import { spanNames } from './hierarchy.ts'
import { formatTraceParent, isSampled, isStoredUnsampled } from './trace-parent.ts'
import { errorTypeOf, taskAttributes, type Tracing } from './tracing.ts'

export type KnownTrace = Omit<StoredTrace, 'taskId'>

/** Of these tasks; those that are gone are left out. */
export type ReadTraces = (taskIds: readonly string[]) => Promise<readonly StoredTrace[]>

const untraced: TracedCreation = {
  traceParent: null,
  created: () => undefined,
  failed: () => undefined,
}

export function startCreation(tracing: Tracing, task: NewTrace): TracedCreation {
  const { api, tracer } = tracing
  if (tracer === null) return untraced
  const active = api.context.active()
  const caller = api.trace.getSpanContext(active)
  const hasCaller = caller !== undefined && api.isSpanContextValid(caller)
  const isWanted = tracing.isWanted('task.initialize_requested', task.taskId)
  // The task belongs to its caller's trace all the same.
  if (hasCaller && (!isWanted || !isSampled(caller)))
    return { ...untraced, traceParent: formatTraceParent(caller) }
  if (!isWanted) return untraced
  const { taskId } = task
  const attributes = taskAttributes(task, { taskId, correlationId: task.correlationId() })
  const span = tracer.startSpan(
    spanNames.initialize,
    { kind: api.SpanKind.PRODUCER, attributes },
    active,
  )
  if (!api.isSpanContextValid(span.spanContext())) return untraced // of a provider that makes nothing
  if (task.rerunOf !== null) span.setAttribute('tasker.task.rerun_of', task.rerunOf)
  return {
    traceParent: formatTraceParent(span.spanContext()),
    // What made no task is no span: one that is never ended is never told.
    created: (isNew) =>
      tracing.guarded(undefined, () => {
        if (!isNew) return
        span.setStatus({ code: api.SpanStatusCode.OK })
        span.end()
      }),
    failed: (error) =>
      tracing.guarded(undefined, () => {
        tracing.fail(span, { type: errorTypeOf(error), message: null })
        span.end()
      }),
  }
}

const ends = [
  'task.completed',
  'task.failed',
  'task.cancelled',
  'task.resolved_manually',
] as const satisfies readonly (keyof EventPayloads)[]

export class TaskEnds {
  readonly #tracing: Tracing
  readonly #read: ReadTraces
  /** Of attempts that the last reply answered: what it ended is told next. */
  readonly #known = new Map<string, KnownTrace>()
  #unread: TaskHappened[] = []
  #reading: Promise<void> | null = null
  readonly #stops: readonly (() => void)[]

  constructor(tracing: Tracing, events: EventBus, read: ReadTraces) {
    this.#tracing = tracing
    this.#read = read
    this.#stops = ends
      .filter((name) => tracing.router.routesToTraces(name))
      .map((name) => events.on(name, (task) => this.#ended(name, task), 'traces'))
  }

  /** The attempt of this task has its answer. */
  answered(taskId: string, trace: KnownTrace): void {
    this.#known.set(taskId, trace)
  }

  /** Another reply comes. */
  forget(): void {
    this.#known.clear()
  }

  async close(): Promise<void> {
    for (const stop of this.#stops) stop()
    await this.#reading
  }

  #ended(event: string, task: TaskHappened): void {
    const { tracer, router } = this.#tracing
    if (tracer === null || !router.isSampled(event, task.taskId)) return
    const known = this.#known.get(task.taskId)
    if (known === undefined) {
      this.#unread.push(task)
      this.#reading ??= Promise.resolve().then(() => this.#readAll())
      return
    }
    this.#known.delete(task.taskId)
    this.#tell(task, known)
  }

  async #readAll(): Promise<void> {
    while (this.#unread.length > 0) {
      const tasks = this.#unread.splice(0)
      try {
        const found = await this.#read(tasks.map(({ taskId }) => taskId))
        const traces = new Map<string, StoredTrace>(found.map((trace) => [trace.taskId, trace]))
        for (const task of tasks) {
          const trace = traces.get(task.taskId)
          if (trace !== undefined) this.#tell(task, trace)
        }
      } catch (error) {
        this.#tracing.report(error)
      }
    }
    this.#reading = null
  }

  #tell(task: TaskHappened, known: KnownTrace): void {
    const { api, tracer, router } = this.#tracing
    if (tracer === null || isStoredUnsampled(known.traceParent)) return
    const trace = this.#tracing.traceOf(known.traceParent)
    const startedAt = known.taskStartedAt ?? task.createdAt
    const endedMs = Math.max(startedAt.getTime(), task.endedAt?.getTime() ?? 0)
    const { taskId, state } = task
    const { correlationId } = known
    const span = tracer.startSpan(
      spanNames.execution,
      {
        startTime: startedAt,
        attributes: {
          ...taskAttributes(task, { taskId, correlationId }),
          'tasker.task.state': state,
        },
        root: trace.parent === null,
      },
      trace.context,
    )
    if (known.taskStartedAt !== null && router.routesToTraces('task.start_requested'))
      span.addEvent('task.started', {}, known.taskStartedAt)
    const { OK, ERROR } = api.SpanStatusCode
    if (state === 'error') span.setStatus({ code: ERROR, message: state })
    else if (state !== 'cancelled') span.setStatus({ code: OK })
    span.end(endedMs)
  }
}
