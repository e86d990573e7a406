// Attempts of steps: a span from the claim to the answer of their outcome, and inside it one for the handler, which is the
// active one while the handler runs.
import type { Attributes, Context, Link, Span } from '@opentelemetry/api'
import type { AttemptEnd, TracedAttempt, TracedStep } from '../../instrumentation.ts'
import { spanNames } from './hierarchy.ts'
import { startRequest, unrecordedRequest } from './requests.ts'
import { errorTypeOf, taskAttributes, type TaskTrace, type Tracing } from './tracing.ts'

/** An attempt of a trace that is not recorded: its handler, and whom it calls, are told so. */
export const unrecordedAttempt = (
  tracing: Tracing,
  { context }: TaskTrace,
  answered: () => void,
): TracedAttempt => ({
  handle: (run) => tracing.api.context.with(context, run),
  requesting: () => unrecordedRequest(tracing, context),
  ended: answered,
})

/** `answered`: told when the outcome has its answer, before anything is told of the task. */
export function startAttempt(
  tracing: Tracing,
  traced: TracedStep,
  more: { readonly trace: TaskTrace; readonly links: Link[]; readonly answered: () => void },
): TracedAttempt | null {
  const { api, tracer, moment } = tracing
  if (tracer === null) return null
  const { trace, links, answered } = more
  const correlationId = traced.correlationId()
  const attributes = attemptAttributes(traced, { ...traced.step, correlationId })
  const span = tracer.startSpan(
    spanNames.attempt,
    {
      kind: api.SpanKind.CONSUMER,
      // By the database's clock, but never after what follows by ours.
      startTime: Math.min(traced.step.startedAt.getTime(), moment.wallMs),
      attributes,
      links,
      root: trace.parent === null,
    },
    trace.context,
  )
  if (span.isRecording()) {
    span.setAttribute('tasker.step.depends_on', [...traced.dependsOn()])
  }
  const own = api.trace.setSpan(trace.context, span)
  let handling: Handling | null = null
  return {
    handle(run, isFault) {
      handling = tracing.guarded(null, () => startHandling(tracing, attributes, own))
      return handling === null ? api.context.with(own, run) : handling.around(run, isFault)
    },
    requesting(request) {
      const from = handling?.context ?? own
      const started = tracing.guarded(null, () => startRequest(tracing, from, request))
      return started ?? unrecordedRequest(tracing, from)
    },
    ended(end) {
      answered()
      handling?.end() // a handler that was left behind may go on for ever
      tracing.guarded(undefined, () => {
        if (span.isRecording()) describeEnd(tracing, span, end)
        span.end(tracing.nowAfter(moment))
      })
    },
  }
}

interface StepNames {
  readonly stepNo: number
  readonly claimNo: number
  readonly name: string | null
  readonly attempts: number
}

/** Of a span of one attempt. */
export const attemptAttributes = (
  traced: Parameters<typeof taskAttributes>[0],
  step: StepNames & Parameters<typeof taskAttributes>[1] & { readonly losses: number },
): Attributes => ({
  ...taskAttributes(traced, step),
  // As the idempotency key names it, the same over all attempts.
  'tasker.step.id': `${step.taskId}:${step.name ?? ''}`,
  'tasker.step.name': step.name ?? '',
  'tasker.step.attempt': step.attempts,
  'tasker.step.claim': step.claimNo,
  'tasker.step.losses': step.losses,
})

interface Handling {
  readonly context: Context
  readonly around: TracedAttempt['handle']
  /** Harmless when repeated. */
  end(): void
}

/** Null: nobody wants a span of the handler. */
function startHandling(tracing: Tracing, attributes: Attributes, parent: Context): Handling | null {
  const { api, tracer } = tracing
  const taskId = String(attributes['tasker.task.id'])
  if (tracer === null || !tracing.isWanted('step.before_handle', taskId)) return null
  const span = tracer.startSpan(spanNames.handle, { attributes }, parent)
  const context = api.trace.setSpan(parent, span)
  let isOpen = true
  const end = (): void => {
    if (isOpen) tracing.guarded(undefined, () => span.end())
    isOpen = false
  }
  return {
    context,
    end,
    async around(run, isFault) {
      try {
        return await api.context.with(context, run)
      } catch (error) {
        tracing.guarded(undefined, () => {
          if (isFault(error)) tracing.fail(span, { type: errorTypeOf(error), message: null })
        })
        throw error
      } finally {
        end()
      }
    },
  }
}

const outcomeNames = {
  complete: 'complete',
  failed: 'failed',
  wait: 'waiting',
  release: 'released',
}

function describeEnd(tracing: Tracing, span: Span, end: AttemptEnd): void {
  const { router, api } = tracing
  const { became, error, customEvents } = end
  // A commit that was not acknowledged is reported as a failure; the step says that it was complete.
  const kind = became?.to === 'complete' ? 'complete' : end.kind
  span.setAttribute('tasker.step.outcome', became === null ? 'refused' : outcomeNames[kind])
  const tell = (name: string, attributes: Attributes = {}): void => {
    if (router.routesToTraces(name)) span.addEvent(name, attributes)
  }
  if (became === null) {
    tell('step.outcome_refused')
    return
  }
  const runAt: Attributes =
    became.runAt === null ? {} : { 'tasker.step.run_at': became.runAt.toISOString() }
  switch (kind) {
    case 'complete':
      span.setStatus({ code: api.SpanStatusCode.OK })
      if (end.reason === 'cached') span.setAttribute('tasker.step.is_cached', true)
      break
    case 'failed':
      tracing.fail(span, {
        type: textOf(error?.['class']) ?? 'Error',
        message: textOf(error?.['message']),
      })
      span.setAttributes({ 'tasker.step.is_retried': became.runAt !== null, ...runAt })
      if (became.runAt !== null) tell('step.retry_requested', runAt)
      else if (end.isRetryable && became.to === 'error')
        tell('observability.step.max_retries_reached')
      break
    case 'wait':
    case 'release':
      span.setAttributes({ 'tasker.step.wait_reason': end.reason ?? kind, ...runAt })
      tell('step.waiting', runAt)
      break
    default:
      kind satisfies never
  }
  for (const name of customEvents) tell(name)
}

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null)
