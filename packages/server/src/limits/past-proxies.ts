// Who sent a request, and to which name, when proxies stand in front. What they say of it is believed of trusted ones only.
import { BlockList, isIP } from 'node:net'
import type { Peer } from '../auth/model.ts'

export interface Arrival {
  readonly request: Request
  readonly peer: Peer
}

/** @param trusted addresses and CIDR blocks; checked by the configuration */
export function readProxies(trusted: readonly string[]): (arrival: Arrival) => Arrival {
  const known = new BlockList()
  for (const entry of trusted) {
    const [address = '', bits] = entry.split('/')
    const family = familyOf(address)
    known.addSubnet(address, Number(bits ?? (family === 'ipv6' ? 128 : 32)), family)
  }
  const isTrusted = (address: string): boolean =>
    isIP(address) !== 0 && known.check(address, familyOf(address))

  return ({ request, peer }) => {
    if (peer.address === null || !isTrusted(peer.address)) return { request, peer }
    const { headers } = request
    // From the right: each proxy adds whom it heard. The first that is no proxy of ours is the caller.
    const hops = listOf(headers.get('x-forwarded-for')).map(withoutPort).toReversed()
    const address = hops.find((hop) => !isTrusted(hop)) ?? hops.at(-1) ?? peer.address
    const isAddress = isIP(address) !== 0
    return {
      request: sentTo(request, {
        host: listOf(headers.get('x-forwarded-host')).at(-1),
        scheme: listOf(headers.get('x-forwarded-proto')).at(-1),
      }),
      peer: { ...peer, address: isAddress ? address : null },
    }
  }
}

/** The same request to the name and the scheme that the caller used. What cannot be one is left. */
function sentTo(
  request: Request,
  { host, scheme }: { readonly host: string | undefined; readonly scheme: string | undefined },
): Request {
  if (host === undefined && scheme === undefined) return request
  const url = new URL(request.url)
  if (scheme === 'http' || scheme === 'https') url.protocol = scheme
  if (host !== undefined && /^([\w.-]+|\[[0-9a-f:.]+\])(:\d{1,5})?$/i.test(host)) {
    url.port = ''
    url.host = host
  }
  return url.href === request.url ? request : new Request(url, request)
}

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 6 ? 'ipv6' : 'ipv4')

const listOf = (header: string | null): readonly string[] =>
  (header ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')

/** `192.0.2.1:4711` and `[2001:db8::1]:4711`, as some proxies write it. */
const withoutPort = (hop: string): string =>
  /^\[(.+)\](:\d+)?$/.exec(hop)?.[1] ?? (/^([\d.]+):\d+$/.exec(hop)?.[1] || hop)
