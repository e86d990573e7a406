// Who is answered while authentication is off: this machine alone, unless `server.allowUnauthenticated` says otherwise. A
// page of another site that a browser here has open is not this machine: its Host or its Origin names another.
import { TaskerError } from '@tasker/engine'
import { requireSameSite } from './cross-site.ts'
import type { Peer } from './model.ts'

/** A proxy on this machine hands on what others send. Not every one says for whom. */
const marksOfProxies = [
  'cf-connecting-ip',
  'forwarded',
  'via',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-real-ip',
]

/** @throws {TaskerError} EXPOSED_WITHOUT_AUTHENTICATION, CROSS_SITE_REFUSED */
export function requireLocal(
  request: Request,
  { address }: Peer,
  trustedOrigins: readonly string[],
): void {
  const host = new URL(request.url).hostname
  const isLocal =
    address !== null &&
    isLoopback(address) &&
    isLoopback(host) &&
    !marksOfProxies.some((name) => request.headers.has(name))
  if (isLocal) return requireSameSite(request, { trustedOrigins, unknown: 'allowed' })
  throw new TaskerError(
    'EXPOSED_WITHOUT_AUTHENTICATION',
    'This server has no authentication and answers only requests from its own machine, sent to a loopback name.',
  )
}

export const isLoopback = (name: string): boolean =>
  name === 'localhost' ||
  name === '::1' ||
  name === '[::1]' ||
  /^(::ffff:)?127(\.\d{1,3}){3}$/.test(name)
