// What an answer of another system means: one table of statuses and one of requests that brought none. The API step, the
// limits of dependent systems and docs/reference/http-statuses.md all read them; nothing else decides.
import { HttpError, type HttpErrorCode } from './model.ts'

/** What becomes of the attempt. */
export type AnswerOutcome = 'success' | 'retryable' | 'permanent'

/** What it says about the system as a whole, for its circuit breaker. `unknown` counts neither way. */
export type SystemHealth = 'up' | 'down' | 'unknown'

export interface AnswerClass {
  readonly outcome: AnswerOutcome
  readonly health: SystemHealth
  /** One sentence. */
  readonly why: string
}

export interface StatusClass extends AnswerClass {
  readonly from: number
  readonly to: number
}

/** Every status, in order, without gaps; what is outside is no status and counts as the last row. */
export const httpStatusClasses: readonly StatusClass[] = freezeRows([
  row(100, 199, 'retryable', 'unknown', 'An interim answer where a final one was due.'),
  row(200, 299, 'success', 'up', 'Done.'),
  row(
    300,
    399,
    'permanent',
    'up',
    'A redirect that was not followed, or an answer without content for a cache.',
  ),
  row(
    400,
    407,
    'permanent',
    'up',
    'The request is wrong or not allowed; repeating it cannot help.',
  ),
  row(408, 408, 'retryable', 'unknown', 'The system waited too long for the request.'),
  row(409, 424, 'permanent', 'up', 'As other 4xx.'),
  row(425, 425, 'retryable', 'unknown', 'Too early: the same request is welcome later.'),
  row(426, 428, 'permanent', 'up', 'As other 4xx.'),
  row(
    429,
    429,
    'retryable',
    'unknown',
    'Too many requests: the system is well and asks for patience.',
  ),
  row(430, 499, 'permanent', 'up', 'As other 4xx.'),
  row(500, 599, 'retryable', 'down', 'The system failed.'),
  row(600, 999, 'retryable', 'down', 'No status of HTTP.'),
])

/** Requests that brought no answer, by the code of their HttpError. */
export const httpErrorClasses: Readonly<Record<HttpErrorCode, AnswerClass>> = freezeMap({
  HTTP_REQUEST_INVALID: of('permanent', 'unknown', 'The request cannot be sent as it is.'),
  HTTP_ADDRESS_REFUSED: of(
    'permanent',
    'unknown',
    'The address is private and `http.allowedAddresses` does not name it.',
  ),
  HTTP_CONNECT_FAILED: of(
    'retryable',
    'down',
    'No connection: unknown name, refused, unreachable.',
  ),
  HTTP_CONNECT_TIMEOUT: of('retryable', 'down', 'No connection within `http.connectTimeoutMs`.'),
  HTTP_TLS: of(
    'retryable',
    'down',
    'The certificate or the handshake; other servers of the system may be right.',
  ),
  HTTP_TIMEOUT: of('retryable', 'down', 'No whole answer within `http.totalTimeoutMs`.'),
  HTTP_IDLE_TIMEOUT: of('retryable', 'down', 'Nothing came for `http.idleTimeoutMs`.'),
  HTTP_RESET: of('retryable', 'down', 'The connection broke before the answer was whole.'),
  HTTP_RESPONSE_TOO_LARGE: of(
    'permanent',
    'up',
    'More than `http.responseMaxBytes`; it would be again.',
  ),
  HTTP_RESPONSE_INVALID: of(
    'retryable',
    'down',
    'What came is not HTTP, not of the length it said, or not the JSON it said.',
  ),
  HTTP_REDIRECT: of('permanent', 'up', 'Redirected too often, or to where no request can go.'),
  HTTP_ABORTED: of('retryable', 'unknown', 'Called off by a signal.'),
  HTTP_CLOSED: of('retryable', 'unknown', 'This process is closing.'),
})

/**
 * Outcomes of one's own, by status (`404`), by class (`4xx`) or by the code of an error (`HTTP_TIMEOUT`); the status stands
 * before its class. What is left out is as in the table.
 */
export type AnswerOverrides = Readonly<Record<string, AnswerOutcome>>

export const answerOutcomes: readonly AnswerOutcome[] = Object.freeze([
  'success',
  'retryable',
  'permanent',
])

/** Whether `key` can stand in AnswerOverrides. */
export const isOverrideKey = (key: string): boolean =>
  /^[1-5](?:\d\d|xx)$/.test(key) || Object.hasOwn(httpErrorClasses, key)

/**
 * What a status means. One that an override calls a success or permanent says that the system is up: it answered as it is
 * known to.
 */
export function classOfStatus(status: number, overrides: AnswerOverrides = {}): AnswerClass {
  const usual = httpStatusClasses.find(({ from, to }) => status >= from && status <= to) ?? noStatus
  const keys = [String(status), `${Math.trunc(status / 100)}xx`]
  return overridden(usual, keys, overrides)
}

/** What an error of a request means. Anything but an HttpError is a fault of this side, and says nothing of the system. */
export function classOfError(error: unknown, overrides: AnswerOverrides = {}): AnswerClass {
  if (!(error instanceof HttpError)) return notOfHttp
  return overridden(httpErrorClasses[error.code], [error.code], overrides)
}

const noStatus = of('retryable', 'down', 'No status of HTTP.')
const notOfHttp = of('retryable', 'unknown', 'Not of the request.')

function overridden(
  usual: AnswerClass,
  keys: readonly string[],
  overrides: AnswerOverrides,
): AnswerClass {
  const key = keys.find((candidate) => Object.hasOwn(overrides, candidate))
  const outcome = key === undefined ? undefined : overrides[key]
  if (outcome === undefined || outcome === usual.outcome) return usual
  const health = outcome === 'retryable' ? usual.health : 'up'
  return { outcome, health, why: 'As the step says.' }
}

function of(outcome: AnswerOutcome, health: SystemHealth, why: string): AnswerClass {
  return Object.freeze({ outcome, health, why })
}

function row(
  from: number,
  to: number,
  outcome: AnswerOutcome,
  health: SystemHealth,
  why: string,
): StatusClass {
  return Object.freeze({ from, to, outcome, health, why })
}

function freezeRows(rows: readonly StatusClass[]): readonly StatusClass[] {
  return Object.freeze(rows)
}

function freezeMap<Map extends object>(map: Map): Readonly<Map> {
  return Object.freeze(map)
}
