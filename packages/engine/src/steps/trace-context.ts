// The W3C trace context of an attempt, as its requests carry it: the same trace for all steps of a task, a span of its own
// for every claim. Computed from the task until telemetry has traces of its own.
import { createHash } from 'node:crypto'
import type { ClaimedStep } from '../database/steps.ts'

export function traceHeaders(
  step: Pick<ClaimedStep, 'taskId' | 'name' | 'claimNo'>,
): Readonly<Record<string, string>> {
  const traceId = step.taskId.replaceAll('-', '')
  const span = createHash('sha256').update(`${step.taskId}:${step.name}:${step.claimNo}`)
  const spanId = span.digest('hex').slice(0, 16)
  // 01: sampled. Not sampled would switch off the traces of systems that follow their caller.
  return { traceparent: `00-${traceId}-${spanId}-01` }
}
