// Whether a response sends its caller elsewhere, and with what. Pure.
import type { Incoming, Outgoing } from './exchange.ts'
import { Fault } from './fault.ts'
import type { HttpRedirects } from './model.ts'
import { readUrl } from './read-request.ts'

export const redirectsMax = 5

export interface Hop {
  readonly outgoing: Outgoing
  /** Some hop so far went to another scheme, host or port: what was for the first stays behind. */
  readonly isAbroad: boolean
}

/**
 * The next request, or null: the response is the answer.
 * @throws {Fault} HTTP_REDIRECT to where no request can go
 */
export function nextHop(incoming: Incoming, hop: Hop, policy: HttpRedirects): Hop | null {
  const { outgoing } = hop
  const location = incoming.headers['location']
  if (policy === 'refuse' || location === undefined || !statuses.has(incoming.status)) return null
  const url = target(location, outgoing.url)
  const isCrossing = url.origin !== outgoing.url.origin
  const isDowngrade = outgoing.url.protocol === 'https:' && url.protocol === 'http:'
  if (isDowngrade || (isCrossing && policy === 'same-origin')) return null
  const isAbroad = hop.isAbroad || isCrossing
  const headers = isCrossing ? harmless(outgoing.headers) : outgoing.headers
  if (!becomesGet(incoming.status, outgoing.method)) {
    return { outgoing: { ...outgoing, url, headers }, isAbroad }
  }
  const bare = without(headers, (name) => name.startsWith('content-'))
  return { outgoing: { url, method: 'GET', headers: bare, body: null }, isAbroad }
}

const statuses: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/** As browsers do: after a POST, 301 and 302 mean what 303 says. */
const becomesGet = (status: number, method: string): boolean =>
  (status === 303 && method !== 'GET' && method !== 'HEAD') ||
  ((status === 301 || status === 302) && method === 'POST')

function target(location: string, from: URL): URL {
  const url = URL.parse(location, from.href)
  try {
    if (url !== null) return readUrl(url)
  } catch {
    // Said below, as a fault of the redirect and not of the request.
  }
  throw new Fault('HTTP_REDIRECT', 'the response redirects to where no request can go')
}

/** Any other header may say who is calling, whatever its name: a signature, a session, a tenant, an idempotency key. */
const harmless = (headers: Outgoing['headers']): Outgoing['headers'] =>
  without(headers, (name) => !name.startsWith('content-') && !harmlessNames.has(name))

const harmlessNames: ReadonlySet<string> = new Set([
  'accept',
  'accept-encoding',
  'accept-language',
  'traceparent',
  'user-agent',
  'x-correlation-id',
])

const without = (
  headers: Outgoing['headers'],
  isLeft: (name: string) => boolean,
): Outgoing['headers'] =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !isLeft(name)))
