// How often a caller may ask, and how often an address may bring credentials that are not good. Counted in this process, by
// the clock of the Tasker, in windows of a minute; what is kept is bounded however many addresses there are.
import { isIPv6 } from 'node:net'
import { TaskerError, type Clock, type Config } from '@tasker/engine'
import type { Caller, Peer } from '../auth/model.ts'

export interface RateLimits {
  /** @throws {TaskerError} RATE_LIMITED for an address that has failed too often */
  beforeIdentifying(peer: Peer): void
  /** The credentials that it brought were not good. */
  failed(peer: Peer): void
  /** @throws {TaskerError} RATE_LIMITED */
  take(caller: Caller | null, peer: Peer): void
}

const windowMs = 60_000
/** Further ones share one count, so that inventing addresses costs no memory. */
const countedMax = 50_000
const others = '(others)'

export function openRateLimits({ server }: Config, clock: Clock): RateLimits {
  const requests = countPerWindow(clock)
  const failures = countPerWindow(clock)
  const { requestsPerMinute, failedAuthenticationsPerMinute: failuresMax } = server
  const refuse = (what: string): never => {
    const retryAfterSeconds = Math.max(1, Math.ceil(requests.remainingMs() / 1_000))
    throw new TaskerError('RATE_LIMITED', what, { retryAfterSeconds })
  }
  return {
    // Who fails where no address is known cannot be told from who does not.
    beforeIdentifying(peer) {
      const isCounted = failuresMax > 0 && peer.address !== null
      if (isCounted && failures.read(addressKey(peer)) >= failuresMax)
        refuse(`${failuresMax} requests of this address had wrong credentials within a minute.`)
    },
    failed: (peer) => void failures.add(addressKey(peer)),
    take(caller, peer) {
      if (requestsPerMinute === 0) return
      const key = caller === null ? addressKey(peer) : `caller ${caller.id}`
      if (requests.add(key) > requestsPerMinute)
        refuse(`${requestsPerMinute} requests of this caller have come within a minute.`)
    },
  }
}

/** A network of IPv6 is one: whoever has an address of it has 2^64 of them. */
function addressKey({ address }: Peer): string {
  if (address === null) return 'unknown'
  if (!isIPv6(address) || address.includes('.')) return address
  const [head = '', tail] = address.split('%')[0]?.split('::') ?? []
  const front = head.split(':').filter((part) => part !== '')
  const back = tail === undefined ? [] : tail.split(':').filter((part) => part !== '')
  const zeros = tail === undefined ? 0 : 8 - front.length - back.length
  const groups = [...front, ...Array<string>(Math.max(0, zeros)).fill('0'), ...back]
  return groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')
}

function countPerWindow(clock: Clock) {
  let counts = new Map<string, number>()
  let endsAtMs = clock.monotonicMs() + windowMs
  const current = (): Map<string, number> => {
    const nowMs = clock.monotonicMs()
    if (nowMs >= endsAtMs) {
      counts = new Map()
      endsAtMs = nowMs + windowMs
    }
    return counts
  }
  const placeOf = (key: string): string =>
    counts.has(key) || counts.size < countedMax ? key : others
  return {
    read: (key: string): number => current().get(placeOf(key)) ?? 0,
    /** @returns how many there are now */
    add(key: string): number {
      const all = current()
      const place = placeOf(key)
      const count = (all.get(place) ?? 0) + 1
      all.set(place, count)
      return count
    },
    remainingMs: (): number => Math.max(0, endsAtMs - clock.monotonicMs()),
  }
}
