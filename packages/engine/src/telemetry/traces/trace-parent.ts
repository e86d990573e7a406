// A trace context as it is stored with a task: W3C `traceparent`, and when there is a `tracestate`, a space and that.
import type { SpanContext } from '@opentelemetry/api'
import type { TraceApi } from './api.ts'

/** 00: the version of W3C Trace Context that was current in 2026. */
const form = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?: ([\x20-\x7e]+))?$/

/** The length that W3C asks everybody to pass on. */
const stateLengthMax = 512

export function formatTraceParent({
  traceId,
  spanId,
  traceFlags,
  traceState,
}: SpanContext): string {
  const flags = (traceFlags & 0xff).toString(16).padStart(2, '0')
  const state = traceState?.serialize() ?? ''
  const parent = `00-${traceId}-${spanId}-${flags}`
  return state === '' || state.length > stateLengthMax ? parent : `${parent} ${state}`
}

/** Null: it is none, or not valid. */
export function parseTraceParent(api: TraceApi, stored: string | null): SpanContext | null {
  if (stored === null) return null
  const [, traceId = '', spanId = '', flags = '', state] = form.exec(stored) ?? []
  const context: SpanContext = {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags, 16),
    isRemote: true,
    ...(state === undefined ? {} : { traceState: api.createTraceState(state) }),
  }
  return api.isSpanContextValid(context) ? context : null
}

export const isSampled = (api: TraceApi, { traceFlags }: SpanContext): boolean =>
  (traceFlags & api.TraceFlags.SAMPLED) !== 0
