// Calls of a worker: a trace of their own for each that carried something, because a call serves many tasks and belongs to
// none. Linked to the tasks; the attempts that it claimed are linked to it.
import type { Link, SpanContext } from '@opentelemetry/api'
import type { TracedCall } from '../../instrumentation.ts'
import { spanNames } from './hierarchy.ts'
import { isStoredUnsampled, parseTraceParent } from './trace-parent.ts'
import { linkTo, type Tracing } from './tracing.ts'

/** Links of one call: it may carry hundreds of tasks. */
export const dispatchLinksMax = 32

const event = 'workflow.viable_steps_discovered'

/** Null: nobody traces it. */
export function traceCall(tracing: Tracing, call: TracedCall): SpanContext | null {
  const { api, tracer, router } = tracing
  if (tracer === null || !router.routesToTraces(event)) return null
  const links = linksOf(tracing, call)
  if (links === null) return null
  const endMs = tracing.clock.nowMs()
  const startMs = endMs - call.durationMs
  const span = tracer.startSpan(
    spanNames.dispatch,
    {
      root: true,
      startTime: startMs,
      links,
      attributes: {
        'tasker.worker.id': call.workerId,
        'tasker.dispatch.outcomes': call.outcomeCount,
        'tasker.dispatch.claims': call.claims.length,
      },
    },
    api.ROOT_CONTEXT,
  )
  if (!span.isRecording()) return null
  const statement = tracer.startSpan(
    `tasker.sql.${call.statement}`,
    {
      kind: api.SpanKind.CLIENT,
      startTime: startMs,
      attributes: { 'db.system.name': 'postgresql', 'db.operation.name': call.statement },
    },
    api.trace.setSpan(api.ROOT_CONTEXT, span),
  )
  statement.end(endMs)
  span.end(endMs)
  return span.spanContext()
}

/** Null: no task of the call is traced. */
function linksOf(tracing: Tracing, call: TracedCall): Link[] | null {
  const seen = new Set<string>()
  const links: Link[] = []
  let isTraced = false
  for (const { taskId, traceParent } of call.tasks()) {
    // First: most tasks of a busy host are not sampled.
    if (isStoredUnsampled(traceParent) || seen.has(taskId)) continue
    seen.add(taskId)
    if (!tracing.router.isSampled(event, taskId)) continue
    isTraced = true
    const parent = parseTraceParent(tracing.api, traceParent)
    if (parent !== null) links.push(linkTo(parent))
    if (links.length === dispatchLinksMax) break
  }
  return isTraced ? links : null
}
