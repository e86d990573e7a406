// The HTTP client as a handler has it: its requests end with the attempt and say which one they belong to. One is made for
// every attempt, used or not, so it holds two references and computes nothing before the first request.
import type { ClaimedStep } from '../database/steps.ts'
import type { HttpClient, HttpRequest, HttpResponse } from '../http/model.ts'
import { HttpVerbs } from '../http/verbs.ts'
import type { JsonObject } from '../json.ts'
import { traceHeaders } from './trace-context.ts'

export interface HttpAttempt {
  readonly step: Pick<ClaimedStep, 'taskId' | 'name' | 'claimNo' | 'context'>
  readonly abort: AbortController
}

export class AttemptHttp extends HttpVerbs {
  readonly #client: HttpClient
  readonly #attempt: HttpAttempt

  constructor(client: HttpClient, attempt: HttpAttempt) {
    super()
    this.#client = client
    this.#attempt = attempt
  }

  override async request(request: HttpRequest): Promise<HttpResponse> {
    const { step, abort } = this.#attempt
    return this.#client.request({
      ...request,
      headers: { ...headersOf(step, request), ...lowerCased(request.headers) },
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
    'x-correlation-id': correlationIdOf(step.context) ?? step.taskId,
    ...(isRead ? {} : { 'idempotency-key': headerSafe(idempotencyKeyOf(step)) }),
  }
}

/** What cannot stand in a header is left out: the context is data of whoever made the task. */
function correlationIdOf(context: JsonObject): string | null {
  const id = context['correlation_id']
  return typeof id === 'string' && /^[\x21-\x7e]{1,200}$/.test(id) ? id : null
}

/** Step names may hold any letters, headers may not. */
const headerSafe = (text: string): string =>
  /^[\x20-\x7e]*$/.test(text) ? text : encodeURIComponent(text.toWellFormed())

const lowerCased = (headers: HttpRequest['headers'] = {}): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))

/** Handlers often pass the signal of the attempt themselves. */
const joined = (attempt: AbortSignal, given: AbortSignal | undefined): AbortSignal =>
  given === undefined || given === attempt ? attempt : AbortSignal.any([attempt, given])
