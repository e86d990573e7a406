// One request that carries metrics: credentials from the URL or beside it, bounded in size and time, and what its answer means.
import { gzipSync } from 'node:zlib'
import { classOfError, classOfStatus } from '../../../http/answer-classes.ts'
import { HttpError, type HttpMethod, type HttpResponse } from '../../../http/model.ts'
import { retryAfterMs } from '../../../http/retry-after.ts'
import { DeliveryError, type DeliveryTools } from './delivery.ts'

/** Where, and as whom. */
export interface PushTarget {
  /** May hold a user and a password. */
  readonly url: string
  readonly username?: string | undefined
  readonly password?: string | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
}

export interface Push {
  readonly method: HttpMethod
  readonly contentType: string
  readonly body: Uint8Array
  /** `gzip` is applied here; `snappy` says what the body is already. */
  readonly encoding?: 'gzip' | 'snappy' | undefined
  readonly headers?: Readonly<Record<string, string>>
  readonly signal: AbortSignal
}

/** Of an answer that says no: its reason is read, and no more. */
const answerMaxBytes = 64 * 1_024
const reasonMax = 200
/** An export has `telemetry.prometheus.exportTimeout`, which its signal ends; those of section `http` are for steps. */
const untilItsSignal = { idleMs: 86_400_000, totalMs: 86_400_000 }
/** Whoever configured the target chose its address: it may be private. */
const anywhere = ['0.0.0.0/0', '::/0', 'localhost']

/** Where it is sent to, without user and password. */
export function addressOfPush(url: string): URL {
  const address = new URL(url)
  address.username = ''
  address.password = ''
  return address
}

/**
 * Resolves with the bytes sent, once the other side has taken them.
 * @throws {DeliveryError}
 */
export async function push(
  { http, clock }: DeliveryTools,
  target: PushTarget,
  { method, contentType, body, encoding, headers, signal }: Push,
): Promise<number> {
  const sent = encoding === 'gzip' ? gzipSync(body) : body
  const url = addressOfPush(target.url)
  let response: HttpResponse
  try {
    response = await http.request({
      url,
      method,
      body: sent,
      headers: {
        'content-type': contentType,
        ...(encoding !== undefined && { 'content-encoding': encoding }),
        ...headers,
        ...authorizationOf(target),
        ...target.headers,
      },
      signal,
      timeouts: untilItsSignal,
      redirects: 'refuse',
      responseMaxBytes: answerMaxBytes,
      allowedAddresses: [...anywhere, url.hostname],
    })
  } catch (error) {
    throw failureOf(error, signal)
  }
  const { status } = response
  const { outcome } = classOfStatus(status)
  if (outcome === 'success') return sent.byteLength
  throw new DeliveryError(
    outcome === 'permanent' ? 'refused' : 'passing',
    `the answer was ${status}${reasonOf(response)}`,
    { retryAfterMs: retryAfterMs(response.headers, clock.nowMs()) },
  )
}

function authorizationOf({
  url,
  username,
  password,
}: PushTarget): Readonly<Record<string, string>> {
  const given = new URL(url)
  const user = username ?? decodeURIComponent(given.username)
  const secret = password ?? decodeURIComponent(given.password)
  if (user === '' && secret === '') return {}
  return { authorization: `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}` }
}

const away = new Set(['HTTP_CONNECT_FAILED', 'HTTP_CONNECT_TIMEOUT'])

function failureOf(error: unknown, signal: AbortSignal): DeliveryError {
  if (!(error instanceof HttpError)) return new DeliveryError('refused', String(error))
  if (signal.aborted) {
    const reason: unknown = signal.reason
    return new DeliveryError('passing', reason instanceof Error ? reason.message : String(reason))
  }
  if (away.has(error.code)) return new DeliveryError('unavailable', error.message)
  const { outcome } = classOfError(error)
  // An answer that is too long came from somebody: what it says of the metrics is in its status, which is not known.
  const isForGood = outcome === 'permanent' && error.code !== 'HTTP_RESPONSE_TOO_LARGE'
  return new DeliveryError(isForGood ? 'refused' : 'passing', error.message)
}

/** What the other side says, on one line. It may be anything. */
function reasonOf({ body }: HttpResponse): string {
  const said = typeof body === 'string' ? body : body === null ? '' : JSON.stringify(body)
  const line = said.replaceAll(/[\p{Cc}\s]+/gu, ' ').trim()
  if (line === '') return ''
  return `: ${line.length > reasonMax ? `${line.slice(0, reasonMax)}…` : line}`
}
