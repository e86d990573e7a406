// From what a caller asks for to what goes out: defaults filled in, everything checked before a byte is sent.
import { packageVersion } from '../version.ts'
import { isAllowable } from './addresses.ts'
import type { Route } from './connections.ts'
import type { Outgoing } from './exchange.ts'
import { Fault } from './fault.ts'
import type { HttpBody, HttpRedirects, HttpRequest, QueryValue } from './model.ts'

/** The section `http` of the configuration. */
export interface HttpSettings {
  readonly connectTimeoutMs: number
  readonly totalTimeoutMs: number
  readonly idleTimeoutMs: number
  readonly responseMaxBytes: number
  readonly redirects: HttpRedirects
  readonly allowedAddresses: readonly string[]
  readonly maxConnectionsPerOrigin: number
  readonly proxy: string | null
  /** Null: `tasker/` and its version. */
  readonly userAgent: string | null
}

/** A request with nothing left open. */
export interface ReadRequest {
  readonly outgoing: Outgoing
  readonly route: Route
  readonly totalMs: number
  readonly idleMs: number
  readonly responseMaxBytes: number
  readonly redirects: HttpRedirects
}

/** @throws {Fault} HTTP_REQUEST_INVALID */
export function readRequest(request: HttpRequest, settings: HttpSettings): ReadRequest {
  const { timeouts = {} } = request
  return {
    outgoing: readOutgoing(request, settings.userAgent ?? `tasker/${packageVersion}`),
    route: {
      connectMs: readMs('connectMs', timeouts.connectMs, settings.connectTimeoutMs),
      tls: request.tls,
      proxy: readProxy(request.proxy === undefined ? settings.proxy : request.proxy),
      allowedAddresses: readAllowed(request.allowedAddresses) ?? settings.allowedAddresses,
    },
    totalMs: readMs('totalMs', timeouts.totalMs, settings.totalTimeoutMs),
    idleMs: readMs('idleMs', timeouts.idleMs, settings.idleTimeoutMs),
    responseMaxBytes: readMaxBytes(request.responseMaxBytes, settings.responseMaxBytes),
    redirects: request.redirects ?? settings.redirects,
  }
}

/** @throws {Fault} HTTP_REQUEST_INVALID; the message never holds the address, which may hold secrets. */
export function readUrl(given: string | URL): URL {
  const url = URL.parse(String(given))
  if (url === null) throw invalid('its URL is not absolute, or is none')
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw invalid(`its URL begins with ${url.protocol} instead of http: or https:`)
  }
  if (url.username !== '' || url.password !== '') {
    throw invalid('its URL holds a user or a password; send them in the header authorization')
  }
  url.hash = ''
  return url
}

function readOutgoing(request: HttpRequest, userAgent: string): Outgoing {
  const url = readUrl(request.url)
  addQuery(url, request.query ?? {})
  const { body, contentType } = readBody(request.body)
  return {
    url,
    method: request.method ?? (body === null ? 'GET' : 'POST'),
    headers: {
      accept: 'application/json, */*;q=0.8',
      'accept-encoding': 'gzip, deflate, br',
      'user-agent': userAgent,
      ...(contentType === null ? {} : { 'content-type': contentType }),
      ...lowerCased(request.headers ?? {}),
    },
    body,
  }
}

function addQuery(url: URL, query: Readonly<Record<string, QueryValue>>): void {
  for (const [name, given] of Object.entries(query)) {
    const values = isList(given) ? given : given === null ? [] : [given]
    for (const value of values) url.searchParams.append(name, String(value))
  }
}

const isList = (given: QueryValue): given is Extract<QueryValue, readonly unknown[]> =>
  Array.isArray(given)

interface Body {
  readonly body: string | Uint8Array | null
  readonly contentType: string | null
}

function readBody(given: HttpBody): Body {
  if (given === null || given === undefined) return { body: null, contentType: null }
  if (typeof given === 'string') return { body: given, contentType: 'text/plain; charset=utf-8' }
  if (given instanceof Uint8Array) return { body: given, contentType: 'application/octet-stream' }
  return { body: writeJson(given), contentType: 'application/json' }
}

function writeJson(value: unknown): string {
  try {
    // Its type does not say so, but JSON.stringify returns undefined for what has no JSON, such as a function.
    const text = JSON.stringify(value) as string | undefined
    if (text !== undefined) return text
  } catch (error) {
    throw invalid('its body cannot be written as JSON', error)
  }
  throw invalid('its body has no form in JSON')
}

function lowerCased(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const entries = Object.entries(headers).map(([name, value]): [string, string] => {
    // A caller in plain JavaScript may give anything; undici's message would show the value.
    if (typeof value !== 'string') throw invalid(`its header ${name} is no text`)
    return [name.toLowerCase(), value]
  })
  return Object.fromEntries(entries)
}

function readProxy(given: string | null): string | null {
  if (given === null) return null
  const url = URL.parse(given)
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    throw invalid('its proxy is no http:// or https:// URL')
  }
  return given
}

function readAllowed(given: readonly string[] | undefined): readonly string[] | null {
  const unusable = given?.find((entry) => !isAllowable(entry))
  if (unusable === undefined) return given ?? null
  throw invalid(
    `its allowedAddresses hold ${unusable}, which is no address, CIDR block or host name`,
  )
}

const dayMs = 86_400_000

function readMs(name: string, given: number | undefined, otherwise: number): number {
  const ms = given ?? otherwise
  if (Number.isFinite(ms) && ms >= 1 && ms <= dayMs) return ms
  throw invalid(`its timeouts.${name} is ${ms}; expected 1 to ${dayMs}: no timeout can be off`)
}

function readMaxBytes(given: number | undefined, otherwise: number): number {
  const bytes = given ?? otherwise
  if (Number.isSafeInteger(bytes) && bytes >= 0) return bytes
  throw invalid(`its responseMaxBytes is ${bytes}; expected a whole number of bytes`)
}

const invalid = (what: string, cause?: unknown): Fault =>
  new Fault('HTTP_REQUEST_INVALID', `the request is not valid: ${what}`, cause)
