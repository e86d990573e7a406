// What went wrong in words of ours: a fault inside this folder, and the reading of what undici, sockets and TLS say.
// client.ts makes it an HttpError of one request.
import { HttpError, type HttpErrorCode, type RequestBrief } from './model.ts'

/** Thrown inside this folder only. */
export class Fault extends Error {
  override readonly name = 'Fault'
  readonly code: HttpErrorCode

  constructor(code: HttpErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
  }
}

/** The same as an error of a request, for its caller. */
export function asHttpError(
  error: unknown,
  facts: { readonly request: RequestBrief; readonly isSent: boolean },
): HttpError {
  const fault = error instanceof Fault ? error : readFault(error, facts.isSent)
  const { request } = facts
  return new HttpError(fault.code, `${request.method} ${request.url}: ${fault.message}`, {
    ...facts,
    cause: fault.cause,
  })
}

/** What an error of undici, of a socket or of TLS means, before the request was on its way and after. */
export function readFault(error: unknown, isSent: boolean): Fault {
  const code = codeOf(error)
  const { fault, says } =
    known.find(
      ({ pattern, when }) => pattern.test(code) && when !== (isSent ? 'before' : 'after'),
    ) ?? (isSent ? unreadable : unconnected)
  return new Fault(fault, `${says} (${detailOf(error, code)})`, error)
}

interface KnownFault {
  readonly pattern: RegExp
  /** The request was on its way. Left out: whenever. */
  readonly when?: 'before' | 'after'
  readonly fault: HttpErrorCode
  readonly says: string
}

const unconnected = { fault: 'HTTP_CONNECT_FAILED', says: 'no connection' } as const
const unreadable = { fault: 'HTTP_RESPONSE_INVALID', says: 'the response cannot be read' } as const

const known: readonly KnownFault[] = [
  {
    pattern: /^UND_ERR_(?:DESTROYED|CLOSED)$/,
    fault: 'HTTP_CLOSED',
    says: 'its connections were closed',
  },
  { pattern: /^PROXY_AUTHENTICATION$/, ...unconnected },
  {
    pattern: /^UND_ERR_(?:INVALID_ARG|NOT_SUPPORTED|REQ_CONTENT_LENGTH_MISMATCH)$/,
    when: 'before',
    fault: 'HTTP_REQUEST_INVALID',
    says: 'the request is not valid',
  },
  {
    // The timeout for headers is that of the CONNECT to a proxy; no other request has one.
    pattern: /^(?:UND_ERR_CONNECT_TIMEOUT|UND_ERR_HEADERS_TIMEOUT|ETIMEDOUT)$/,
    when: 'before',
    fault: 'HTTP_CONNECT_TIMEOUT',
    says: 'no connection in time',
  },
  {
    pattern:
      /^(?:ERR_(?:TLS|SSL|OSSL)_|CERT_|CRL_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|UND_ERR_PRX_TLS|EPROTO|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE)/,
    fault: 'HTTP_TLS',
    says: 'no secure connection',
  },
  {
    pattern: /^UND_ERR_HEADERS_OVERFLOW$/,
    when: 'after',
    fault: 'HTTP_RESPONSE_TOO_LARGE',
    says: 'the headers of the response are larger than 16 KiB',
  },
  { pattern: /^UND_ERR_SOCKET bad/, when: 'after', ...unreadable },
  {
    pattern: /^(?:UND_ERR_(?:SOCKET|INFO|ABORTED)|E[A-Z]+)$/,
    when: 'after',
    fault: 'HTTP_RESET',
    says: 'the connection broke before the response was whole',
  },
]

// The two messages are the only way to tell what undici gives one code.
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return ''
  if (error.message.startsWith('Proxy Authentication Required')) return 'PROXY_AUTHENTICATION'
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  return /^bad (?:response|upgrade)$/.test(error.message) ? `${code} ${error.message}` : code
}

const detailMax = 300

function detailOf(error: unknown, code: string): string {
  if (!(error instanceof Error)) return typeof error
  // Of an attempt at several addresses, each has its own error and the whole has none.
  const parts: readonly unknown[] = error instanceof AggregateError ? error.errors : [error]
  const messages = parts.map((part) => (part instanceof Error ? part.message : '')).filter(Boolean)
  return (messages.join('; ') || code || error.name).slice(0, detailMax)
}
