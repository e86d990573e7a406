// A trace context as it is stored with a task: W3C `traceparent`, and when there is a `tracestate`, a space and that.
import type { SpanContext } from '@opentelemetry/api'
import type { TraceApi } from './api.ts'

/** Of W3C Trace Context: its one flag. */
const sampledFlag = 1

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

// By place and not by a pattern: this is done for every attempt.
const places = { traceId: 3, spanId: 36, flags: 53, end: 55 }

/** Null: it is none, or not valid. */
export function parseTraceParent(api: TraceApi, stored: string | null): SpanContext | null {
  if (stored === null) return null
  const state = stored.slice(places.end + 1)
  const context: SpanContext = {
    traceId: stored.slice(places.traceId, places.spanId - 1),
    spanId: stored.slice(places.spanId, places.flags - 1),
    traceFlags: flagsOf(stored),
    isRemote: true,
    ...(state === '' ? {} : { traceState: api.createTraceState(state) }),
  }
  return api.isSpanContextValid(context) ? context : null
}

const flagsOf = (stored: string): number =>
  Number.parseInt(stored.slice(places.flags, places.end), 16) || 0

/** It says that its trace is not recorded. */
export const isStoredUnsampled = (stored: string | null): boolean =>
  stored !== null && (flagsOf(stored) & sampledFlag) === 0

export const isSampled = ({ traceFlags }: SpanContext): boolean => (traceFlags & sampledFlag) !== 0
