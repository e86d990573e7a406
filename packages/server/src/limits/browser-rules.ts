// What browsers are told of every answer: whose pages may read it (those of named origins, else none but its own), and that
// nothing of it is to be run, guessed at, framed or passed on.
import type { Config } from '@tasker/engine'

/** Of requests that a page of another origin may send. */
const methods = 'GET, HEAD, POST, PUT, PATCH, DELETE'
const requestHeaders = [
  'authorization',
  'content-type',
  'idempotency-key',
  'if-match',
  'if-none-match',
  'last-event-id',
]
const responseHeaders = ['etag', 'location', 'retry-after']
const preflightMaxAgeSeconds = 600

/** Where an answer has its own, that one holds: the documentation runs scripts. */
const securityHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
}

export interface BrowserRules {
  /** The answer to the question whether a request may be sent; null: it is no such question, or of an unknown origin. */
  preflight(request: Request): Response | null
  apply(request: Request, response: Response): void
}

export function readBrowserRules({ server, telemetry }: Config): BrowserRules {
  const correlationHeader = telemetry.correlationIdHeader.toLowerCase()
  const isAllowed = (origin: string | null): origin is string =>
    origin !== null && server.corsOrigins.includes(origin)
  const allow = (origin: string | null, { headers }: Response): void => {
    if (server.corsOrigins.length === 0) return
    headers.append('vary', 'origin')
    if (!isAllowed(origin)) return
    headers.set('access-control-allow-origin', origin)
    headers.set('access-control-expose-headers', [...responseHeaders, correlationHeader].join(', '))
  }
  return {
    preflight({ method, headers }) {
      const origin = headers.get('origin')
      const isAsked = method === 'OPTIONS' && headers.has('access-control-request-method')
      if (!isAsked || !isAllowed(origin)) return null
      return new Response(null, {
        status: 204,
        headers: {
          'access-control-allow-methods': methods,
          'access-control-allow-headers': [...requestHeaders, correlationHeader].join(', '),
          'access-control-max-age': String(preflightMaxAgeSeconds),
        },
      })
    },
    apply(request, response) {
      allow(request.headers.get('origin'), response)
      for (const [name, value] of Object.entries(securityHeaders))
        if (!response.headers.has(name)) response.headers.set(name, value)
    },
  }
}
