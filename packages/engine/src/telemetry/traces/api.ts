// The way to the OpenTelemetry API: an optional package. A host that traces has it already; without it nothing is traced.

export type TraceApi = typeof import('@opentelemetry/api')

/** Null: it is not installed. */
export async function loadTraceApi(): Promise<TraceApi | null> {
  try {
    return await import('@opentelemetry/api')
  } catch (error) {
    const isMissing =
      error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND'
    if (isMissing && error.message.includes('@opentelemetry/api')) return null
    throw error
  }
}

/** The span that whoever calls runs in; null: there is none. */
export function activeSpan(
  api: TraceApi | null,
): { readonly traceId: string; readonly spanId: string } | null {
  const context = api?.trace.getActiveSpan()?.spanContext()
  return context !== undefined && api?.isSpanContextValid(context) === true ? context : null
}
