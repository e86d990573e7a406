// The HTTP client as a handler has it: its requests end with the attempt and say which one they belong to. One is made for
// every attempt, used or not, so it holds two references and computes nothing before the first request.
import { correlationIdOf } from '../correlation.ts'
import type { ClaimedStep } from '../database/steps.ts'
import {
  HttpError,
  type HttpClient,
  type HttpMethod,
  type HttpRequest,
  type HttpResponse,
} from '../http/model.ts'
import { HttpVerbs } from '../http/verbs.ts'
import type { RequestNames, TracedAttempt } from '../instrumentation.ts'
import { addressOf } from '../redact.ts'
import { traceHeaders } from './trace-context.ts'

export interface HttpAttempt {
  readonly step: Pick<
    ClaimedStep,
    'taskId' | 'name' | 'claimNo' | 'context' | 'correlationId' | 'traceParent'
  >
  readonly abort: AbortController
  readonly trace: TracedAttempt | null
}

export interface HttpManner {
  /** Its name in lower case. */
  readonly correlationHeader: string
  /** Takes out what the attempt knows to be secret. */
  readonly redact: (text: string) => string
}

export class AttemptHttp extends HttpVerbs {
  readonly #client: HttpClient
  readonly #attempt: HttpAttempt
  readonly #manner: HttpManner

  constructor(client: HttpClient, attempt: HttpAttempt, manner: HttpManner) {
    super()
    this.#client = client
    this.#attempt = attempt
    this.#manner = manner
  }

  override async request(request: HttpRequest): Promise<HttpResponse> {
    const { step, abort, trace } = this.#attempt
    const { correlationHeader, redact } = this.#manner
    const traced = trace?.requesting(namesOf(request, redact)) ?? null
    try {
      const response = await this.#client.request({
        ...request,
        headers: {
          [correlationHeader]: correlationIdOf(step),
          ...headersOf(step, request),
          ...(traced?.headers ?? traceHeaders(step)),
          ...lowerCased(request.headers),
        },
        signal: joined(abort.signal, request.signal),
      })
      traced?.answered(response.status)
      return response
    } catch (error) {
      traced?.failed(error instanceof HttpError ? error.code : 'Error')
      throw error
    }
  }
}

/** The same over all attempts, so that a gateway that deduplicates does the work once. */
export const idempotencyKeyOf = (step: Pick<ClaimedStep, 'taskId' | 'name'>): string =>
  `${step.taskId}:${step.name ?? ''}`

function headersOf(
  step: HttpAttempt['step'],
  request: HttpRequest,
): Readonly<Record<string, string>> {
  const isRead = ['GET', 'HEAD', 'OPTIONS'].includes(methodOf(request))
  return isRead ? {} : { 'idempotency-key': headerSafe(idempotencyKeyOf(step)) }
}

const methodOf = ({ method, body }: HttpRequest): HttpMethod =>
  method ?? (body === undefined || body === null ? 'GET' : 'POST')

/** The address without query and user, which may hold secrets, and without the secrets that may stand in it. */
function namesOf(request: HttpRequest, redact: (text: string) => string): RequestNames {
  const method = methodOf(request)
  const url = URL.parse(addressOf(request.url) ?? '')
  if (url === null) return { method, address: null }
  const scheme = url.protocol.slice(0, -1)
  const port = url.port === '' ? (scheme === 'https' ? 443 : 80) : Number(url.port)
  const address = { scheme, port, host: redact(url.hostname), path: redact(url.pathname) }
  return { method, address }
}

/** Step names may hold any letters, headers may not. */
const headerSafe = (text: string): string =>
  /^[\x20-\x7e]*$/.test(text) ? text : encodeURIComponent(text.toWellFormed())

const lowerCased = (headers: HttpRequest['headers'] = {}): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))

/** Handlers often pass the signal of the attempt themselves. */
const joined = (attempt: AbortSignal, given: AbortSignal | undefined): AbortSignal =>
  given === undefined || given === attempt ? attempt : AbortSignal.any([attempt, given])
