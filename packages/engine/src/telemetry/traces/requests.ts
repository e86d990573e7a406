// Requests of handlers to other systems: a client span each, by the semantic conventions of HTTP, and the headers by which the
// receiver continues the trace. Addresses without query, user and secrets.
import type { Attributes, Context, Span } from '@opentelemetry/api'
import type { RequestNames, TracedRequest } from '../../instrumentation.ts'
import { formatTraceParent } from './trace-parent.ts'
import type { Tracing } from './tracing.ts'

/** A request of an attempt that is not recorded: it says so to its receiver. */
export const unrecordedRequest = (tracing: Tracing, context: Context): TracedRequest => ({
  headers: headersFor(tracing, context),
  answered: () => undefined,
  failed: () => undefined,
})

/** `own`: that of the attempt, for a host without a context manager. */
export function startRequest(tracing: Tracing, own: Context, request: RequestNames): TracedRequest {
  const { api, tracer } = tracing
  const active = api.context.active()
  const parent = api.trace.getSpan(active) === undefined ? own : active
  if (tracer === null) return unrecordedRequest(tracing, parent)
  const span = tracer.startSpan(
    `HTTP ${request.method}`,
    { kind: api.SpanKind.CLIENT, attributes: attributesOf(request) },
    parent,
  )
  return {
    headers: headersFor(tracing, api.trace.setSpan(parent, span)),
    answered: (status) =>
      tracing.guarded(undefined, () => {
        span.setAttribute('http.response.status_code', status)
        if (status >= 400) failWith(tracing, span, String(status))
        span.end()
      }),
    failed: (type) =>
      tracing.guarded(undefined, () => {
        failWith(tracing, span, type)
        span.end()
      }),
  }
}

const failWith = (tracing: Tracing, span: Span, type: string): void =>
  tracing.fail(span, { type, message: null })

function attributesOf({ method, address }: RequestNames): Attributes {
  if (address === null) return { 'http.request.method': method }
  const { scheme, host, port, path } = address
  return {
    'http.request.method': method,
    'server.address': host,
    'server.port': port,
    'url.scheme': scheme,
    'url.path': path,
  }
}

/** As the host propagates, and always as W3C says: what it has no propagator for would end here. */
function headersFor(tracing: Tracing, context: Context): Readonly<Record<string, string>> {
  const { api } = tracing
  const carrier: Record<string, string> = {}
  tracing.guarded(undefined, () => api.propagation.inject(context, carrier))
  const span = api.trace.getSpanContext(context)
  if (span === undefined || !api.isSpanContextValid(span)) return carrier
  const [traceparent = '', tracestate] = formatTraceParent(span).split(/ (.*)/s)
  return { traceparent, ...(tracestate === undefined ? {} : { tracestate }), ...carrier }
}
