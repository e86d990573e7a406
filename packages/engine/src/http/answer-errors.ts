// An answer that is no success, or a request that brought none, as the error of an attempt: what is stored of it, without
// secrets, and whether and when to try again. What an answer means is answer-classes.ts.
import { systemClock, type Clock } from '../clock.ts'
import { PermanentError, RetryableError, type ErrorDetails } from '../errors.ts'
import type { Json } from '../json.ts'
import { addressOf, mapTexts, redactHeaders, redactJson } from '../redact.ts'
import {
  classOfError,
  classOfStatus,
  type AnswerClass,
  type AnswerOverrides,
} from './answer-classes.ts'
import { HttpError, type HttpResponse } from './model.ts'
import { retryAfterMs } from './retry-after.ts'

/** What the error is told besides the answer. */
export interface AnswerReading {
  readonly overrides?: AnswerOverrides | undefined
  /** Default: unknown. */
  readonly method?: string | undefined
  /** Takes out secrets that only the caller knows; before anything else, or half of one could stay. Default: as it is. */
  readonly redact?: ((text: string) => string) | undefined
  /** Default: the system's. */
  readonly clock?: Pick<Clock, 'nowMs'> | undefined
}

/**
 * The response, when its status is a success.
 * @throws {RetryableError} for a status that may be another one later, after what `Retry-After` says
 * @throws {PermanentError} with code `HTTP_<status>` for any other
 */
export function expectOk(response: HttpResponse, reading: AnswerReading = {}): HttpResponse {
  const meaning = classOfStatus(response.status, reading.overrides)
  if (meaning.outcome === 'success') return response
  throw errorOfResponse(response, meaning, reading)
}

/** The error of an attempt whose request brought a response of this class. */
export function errorOfResponse(
  response: HttpResponse,
  { outcome }: Pick<AnswerClass, 'outcome'>,
  reading: AnswerReading = {},
): RetryableError | PermanentError {
  const { status, headers } = response
  const { method, clock = systemClock, redact = asItIs } = reading
  const afterMs = outcome === 'retryable' ? retryAfterMs(headers, clock.nowMs()) : null
  const said = headers['retry-after']
  const http = {
    ...(method === undefined ? {} : { method }),
    url: redact(addressOf(response.url) ?? ''),
    status,
    headers: keptHeaders(headers, redact),
    body: excerptOf(response.body, redact),
    ...(said === undefined ? {} : { retry_after: cut(redact(said), 200) }),
  }
  const message = `${placeOf(response.url, method)} answered ${status}.`
  return errorFor(outcome, { message, code: `HTTP_${status}`, afterMs, http })
}

/** The error of an attempt whose request brought no response. What is no HttpError comes back as it is. */
export function errorOfFailure(error: unknown, { overrides }: AnswerReading = {}): unknown {
  if (!(error instanceof HttpError)) return error
  const { outcome } = classOfError(error, overrides)
  const { request, isSent, code, message } = error
  const http = { method: request.method, url: request.url, sent: isSent }
  return errorFor(outcome, { message, code, afterMs: null, http, cause: error })
}

interface Facts {
  readonly message: string
  readonly code: string
  readonly afterMs: number | null
  readonly http: ErrorDetails
  readonly cause?: unknown
}

/** A retryable error has no code of its own in general; that of an answer is its status. */
class RetryableAnswer extends RetryableError {
  readonly code: string

  constructor(
    message: string,
    options: ConstructorParameters<typeof RetryableError>[1],
    code: string,
  ) {
    super(message, options)
    this.code = code
  }
}

function errorFor(
  outcome: AnswerClass['outcome'],
  { message, code, afterMs, http, cause }: Facts,
): RetryableError | PermanentError {
  const options = { context: { http }, ...(cause === undefined ? {} : { cause }) }
  if (outcome === 'permanent') return new PermanentError(message, { ...options, code })
  const wait = afterMs === null ? {} : { afterMs }
  return new RetryableAnswer(message, { ...options, ...wait }, code)
}

const asItIs = (text: string): string => text

const headersMax = 30
const headerLengthMax = 300
const excerptMax = 2_000

function keptHeaders(
  headers: HttpResponse['headers'],
  redact: (text: string) => string,
): Readonly<Record<string, string>> {
  const kept = Object.entries(headers).slice(0, headersMax)
  return redactHeaders(
    Object.fromEntries(
      kept.map(([name, value]) => [cut(name, 100), cut(redact(value), headerLengthMax)]),
    ),
  )
}

/** The beginning of a body, without secrets: redacted before it is cut, or half a secret could stay. */
function excerptOf(body: Json, redact: (text: string) => string): string | null {
  if (body === null) return null
  const json = redactJson(mapTexts(beginningOf(body, { characters: 4 * excerptMax }), redact))
  return cut(typeof json === 'string' ? json : JSON.stringify(json), excerptMax)
}

/** Whoever answers with an error must not keep this process busy: of a body in megabytes no more is looked at than this. */
function beginningOf(value: Json, left: { characters: number }, levels = 100): Json {
  if (typeof value === 'string') {
    const text = value.slice(0, Math.max(0, left.characters))
    left.characters -= text.length
    return text
  }
  left.characters -= 4
  if (typeof value !== 'object' || value === null) return value
  if (levels === 0) return '…'
  const members: (readonly [string, Json])[] = []
  for (const [key, member] of Object.entries(value)) {
    if (left.characters <= 0) break
    left.characters -= key.length
    members.push([key.slice(0, excerptMax), beginningOf(member, left, levels - 1)])
  }
  return Array.isArray(value) ? members.map(([, member]) => member) : Object.fromEntries(members)
}

const cut = (text: string, lengthMax: number): string =>
  text.length <= lengthMax ? text : `${text.slice(0, lengthMax)}…`

/** `POST payments.example.com`: the path may hold values of the context, which do not belong in messages. */
const placeOf = (url: string, method: string | undefined): string =>
  [method, URL.parse(url)?.host ?? 'the system'].filter((part) => part !== undefined).join(' ')
