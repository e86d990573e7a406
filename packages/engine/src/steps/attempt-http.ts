// The HTTP client as a handler has it: its requests end with the attempt and say which one they belong to. One is made for
// every attempt, used or not, so it holds two references and computes nothing before the first request.
import { correlationIdOf } from '../correlation.ts'
import type { ClaimedStep } from '../database/steps.ts'
import type { HttpClient, HttpRequest, HttpResponse } from '../http/model.ts'
import { HttpVerbs } from '../http/verbs.ts'
import { traceHeaders } from './trace-context.ts'

export interface HttpAttempt {
  readonly step: Pick<ClaimedStep, 'taskId' | 'name' | 'claimNo' | 'context' | 'correlationId'>
  readonly abort: AbortController
}

export class AttemptHttp extends HttpVerbs {
  readonly #client: HttpClient
  readonly #attempt: HttpAttempt
  readonly #correlationHeader: string

  /** `correlationHeader`: its name in lower case. */
  constructor(client: HttpClient, attempt: HttpAttempt, correlationHeader: string) {
    super()
    this.#client = client
    this.#attempt = attempt
    this.#correlationHeader = correlationHeader
  }

  override async request(request: HttpRequest): Promise<HttpResponse> {
    const { step, abort } = this.#attempt
    return this.#client.request({
      ...request,
      headers: {
        [this.#correlationHeader]: correlationIdOf(step),
        ...headersOf(step, request),
        ...lowerCased(request.headers),
      },
      signal: joined(abort.signal, request.signal),
    })
  }
}

/** The same over all attempts, so that a gateway that deduplicates does the work once. */
export const idempotencyKeyOf = (step: Pick<ClaimedStep, 'taskId' | 'name'>): string =>
  `${step.taskId}:${step.name ?? ''}`

function headersOf(
  step: HttpAttempt['step'],
  { method, body }: HttpRequest,
): Readonly<Record<string, string>> {
  const isRead =
    method === undefined
      ? body === undefined || body === null
      : ['GET', 'HEAD', 'OPTIONS'].includes(method)
  return {
    ...traceHeaders(step),
    ...(isRead ? {} : { 'idempotency-key': headerSafe(idempotencyKeyOf(step)) }),
  }
}

/** Step names may hold any letters, headers may not. */
const headerSafe = (text: string): string =>
  /^[\x20-\x7e]*$/.test(text) ? text : encodeURIComponent(text.toWellFormed())

const lowerCased = (headers: HttpRequest['headers'] = {}): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))

/** Handlers often pass the signal of the attempt themselves. */
const joined = (attempt: AbortSignal, given: AbortSignal | undefined): AbortSignal =>
  given === undefined || given === attempt ? attempt : AbortSignal.any([attempt, given])
