// Whether a request that changes something was sent by a page of another site. A browser adds cookies, and whatever else it
// is let in by, to requests that its user knows nothing of; it also says where they come from.
import { TaskerError } from '@tasker/engine'

const safeMethods = ['GET', 'HEAD', 'OPTIONS']

/**
 * `unknown`: what becomes of a request that says nothing of where it comes from, as no browser of today does.
 * @throws {TaskerError} CROSS_SITE_REFUSED
 */
export function requireSameSite(
  request: Request,
  rule: { readonly trustedOrigins: readonly string[]; readonly unknown: 'allowed' | 'refused' },
): void {
  if (safeMethods.includes(request.method)) return
  const origin = request.headers.get('origin')
  if (origin !== null && rule.trustedOrigins.includes(origin)) return
  const isSame = comesFromHere(request, origin)
  if (isSame === true || (isSame === null && rule.unknown === 'allowed')) return
  const from = origin === null ? 'of unknown origin' : `from ${JSON.stringify(origin)}`
  throw new TaskerError('CROSS_SITE_REFUSED', `A request ${from} may change nothing here.`)
}

/** Null: it does not say. Behind a proxy that ends TLS the scheme is another than the browser's, so hosts are compared. */
function comesFromHere(request: Request, origin: string | null): boolean | null {
  const site = request.headers.get('sec-fetch-site')
  if (site !== null) return site === 'same-origin' || site === 'none'
  if (origin === null) return null
  return URL.canParse(origin) && new URL(origin).host === new URL(request.url).host
}
