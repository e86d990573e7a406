// The W3C trace context that the requests of an attempt carry while nobody traces it: that of the task, if it was created with
// one; else one that is computed from the task, the same trace for all its steps and a span of its own for every claim.
import { createHash } from 'node:crypto'
import type { ClaimedStep } from '../database/steps.ts'

export function traceHeaders(
  step: Pick<ClaimedStep, 'taskId' | 'name' | 'claimNo' | 'traceParent'>,
): Readonly<Record<string, string>> {
  if (step.traceParent !== null) return storedHeaders(step.traceParent)
  const traceId = step.taskId.replaceAll('-', '')
  const span = createHash('sha256').update(`${step.taskId}:${step.name}:${step.claimNo}`)
  const spanId = span.digest('hex').slice(0, 16)
  // 01: sampled. Not sampled would switch off the traces of systems that follow their caller.
  return { traceparent: `00-${traceId}-${spanId}-01` }
}

/** As instrumentation.ts says: `traceparent`, and when there is a `tracestate`, a space and that. */
function storedHeaders(stored: string): Readonly<Record<string, string>> {
  const end = stored.indexOf(' ')
  if (end === -1) return { traceparent: stored }
  return { traceparent: stored.slice(0, end), tracestate: stored.slice(end + 1) }
}
