// Which addresses may be called. Pure: names and addresses in, reasons out; connections.ts asks at every connection.
// The ranges are those that IANA's registries of special-purpose addresses call not globally reachable, and a few more.
import { isIP, isIPv6 } from 'node:net'

/** What may be called although it is private, and what may not. */
export interface AddressGuard {
  /** Why this address must not be called, as in "is private"; null: it may. */
  refusalOf(address: string): string | null
  /** A name that is allowed whatever it resolves to. */
  allowsName(host: string): boolean
  /** The same question of a host as it stands in a URL: an address or a name. Names are mostly judged by what they resolve to. */
  refusalOfHost(host: string): string | null
}

interface Range {
  readonly family: 4 | 6
  readonly first: bigint
  readonly last: bigint
}

interface Address {
  readonly family: 4 | 6
  readonly value: bigint
}

/** A list of allowed addresses, CIDR blocks and host names. What is none of these allows nothing. */
export function createAddressGuard(allowed: readonly string[]): AddressGuard {
  const ranges = allowed.map(readRange).filter((range) => range !== null)
  const names = new Set(allowed.map(plainHost))

  const refusalOf = (text: string): string | null => {
    const address = readAddress(text)
    if (address === null) return 'is no address'
    return ranges.some((range) => isWithin(address, range)) ? null : refusalOfAddress(address)
  }
  const allowsName = (host: string): boolean => names.has(plainHost(host))
  return {
    refusalOf,
    allowsName,
    refusalOfHost(host) {
      if (allowsName(host)) return null
      const name = plainHost(host)
      if (isIP(name) !== 0) return refusalOf(name)
      const isLocal = name === 'localhost' || name.endsWith('.localhost')
      return isLocal ? refusalOf('127.0.0.1') : metadataNames.has(name) ? 'serves metadata' : null
    },
  }
}

/** Whether an entry of `http.allowedAddresses` can mean anything. */
export function isAllowable(entry: string): boolean {
  if (readRange(entry) !== null) return true
  // `127.1` and `0x7f000001` look like names, and in a URL are addresses: as names they would allow nothing.
  const isName = plainHost(URL.parse(`http://${entry}/`)?.hostname ?? '') === plainHost(entry)
  return isName && hostPattern.test(entry)
}

const hostPattern =
  /^(?=.{1,254}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.?$/i

/** In lower case, without the brackets of IPv6 and the dot of a name that is complete. */
export function plainHost(host: string): string {
  const bare = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host
  return bare.toLowerCase().replace(/\.$/, '')
}

// By these names clouds hand out credentials. They matter where a proxy looks names up; otherwise their addresses tell.
const metadataNames: ReadonlySet<string> = new Set([
  'metadata',
  'metadata.google.internal',
  'metadata.goog',
  'metadata.tencentyun.com',
  'instance-data',
  'instance-data.ec2.internal',
  'rancher-metadata',
])

const low32 = 0xffff_ffffn

const refused: readonly (readonly [block: string, reason: string])[] = [
  ['0.0.0.0/8', 'is unspecified'],
  ['10.0.0.0/8', 'is private'],
  ['100.64.0.0/10', 'is private to a provider'],
  ['127.0.0.0/8', 'is loopback'],
  ['168.63.129.16/32', 'serves metadata'], // Azure; the one such address in a public range
  ['169.254.0.0/16', 'is link-local, where clouds serve metadata'],
  ['172.16.0.0/12', 'is private'],
  ['192.0.0.0/24', 'is reserved'],
  ['192.0.2.0/24', 'is for documentation'],
  ['192.88.99.0/24', 'is a 6to4 relay'],
  ['192.168.0.0/16', 'is private'],
  ['198.18.0.0/15', 'is for measurements'],
  ['198.51.100.0/24', 'is for documentation'],
  ['203.0.113.0/24', 'is for documentation'],
  ['224.0.0.0/4', 'is multicast'],
  ['240.0.0.0/4', 'is reserved'],
  ['::/128', 'is unspecified'],
  ['::1/128', 'is loopback'],
  ['2001::/23', 'is reserved'], // Teredo, ORCHID and their like
  ['2001:db8::/32', 'is for documentation'],
  ['2002::/16', 'is 6to4, which hides an IPv4 address'],
  ['3fff::/20', 'is for documentation'],
  ['fc00::/7', 'is private'],
  ['fe80::/10', 'is link-local'],
  ['fec0::/10', 'is private'],
  ['ff00::/8', 'is multicast'],
]

const refusedRanges = refused.map(([block, reason]) => ({ range: rangeOf(block), reason }))

/** The one block that IANA has given out for the Internet; the rest is for special purposes, known and to come. */
const global = rangeOf('2000::/3')
/** NAT64: the IPv4 address in its last 32 bits is the one that is called. */
const nat64 = rangeOf('64:ff9b::/96')

function refusalOfAddress(address: Address): string | null {
  if (isWithin(address, nat64)) {
    return refusalOfAddress({ family: 4, value: address.value & low32 })
  }
  const found = refusedRanges.find(({ range }) => isWithin(address, range))
  if (found !== undefined) return found.reason
  return address.family === 4 || isWithin(address, global) ? null : 'is not on the Internet'
}

const isWithin = ({ family, value }: Address, range: Range): boolean =>
  family === range.family && range.first <= value && value <= range.last

/** `10.0.0.0/8`, `::1`. Bits beyond the prefix do not count. Null: it is neither address nor block. */
function readRange(text: string): Range | null {
  const [head = '', prefix, ...more] = text.split('/')
  const address = isIP(head) === 0 ? null : readAddress(head)
  if (address === null || more.length > 0) return null
  const isMapped = isIPv6(head) && address.family === 4
  const bits = address.family === 4 ? 32 : 128
  if (prefix !== undefined && !/^\d{1,3}$/.test(prefix)) return null
  const length = prefix === undefined ? bits : Number(prefix) - (isMapped ? 96 : 0)
  if (length < 0 || length > bits) return null
  const rest = (1n << BigInt(bits - length)) - 1n
  return { family: address.family, first: address.value & ~rest, last: address.value | rest }
}

function rangeOf(block: string): Range {
  const range = readRange(block)
  if (range === null) throw new Error(`never: ${block} is a block`)
  return range
}

/** An IPv4 address mapped into IPv6 is that address: this is how sockets and URLs write it. */
function readAddress(text: string): Address | null {
  const bare = text.replace(/%.*$/s, '') // a zone says through which interface, not where to
  switch (isIP(bare)) {
    case 4:
      return { family: 4, value: joinParts(bare.split('.'), 8n, 10) }
    case 6: {
      const value = joinParts(groupsOf(bare), 16n, 16)
      return value >> 32n === 0xffffn ? { family: 4, value: value & low32 } : { family: 6, value }
    }
    default:
      return null
  }
}

function joinParts(parts: readonly string[], bits: bigint, radix: number): bigint {
  return parts.reduce((value, part) => (value << bits) | BigInt(Number.parseInt(part, radix)), 0n)
}

/** The eight groups. The URL parser writes every spelling in one way, without dots. */
function groupsOf(address: string): readonly string[] {
  const canonical = new URL(`http://[${address}]/`).hostname.slice(1, -1)
  const [head = [], tail] = canonical.split('::').map((half) => half.split(':').filter(Boolean))
  if (tail === undefined) return head
  return [...head, ...Array<string>(8 - head.length - tail.length).fill('0'), ...tail]
}
