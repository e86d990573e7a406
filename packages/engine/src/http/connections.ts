// Connections to other systems, kept alive and shared: one pool for each way of connecting. Every new connection is held
// against the address guard three times: the host as it is written, what its name resolves to, and what was reached.
import { lookup } from 'node:dns/promises'
import type { LookupFunction, Socket } from 'node:net'
import type { buildConnector, Dispatcher } from 'undici'
import { createAddressGuard, type AddressGuard } from './addresses.ts'
import { Fault } from './fault.ts'
import type { HttpTls } from './model.ts'

type Undici = typeof import('undici')

/** Everything by which two requests may share a connection or not. */
export interface Route {
  readonly connectMs: number
  readonly tls: HttpTls | undefined
  readonly proxy: string | null
  readonly allowedAddresses: readonly string[]
}

export interface ResolvedAddress {
  readonly address: string
  readonly family: number
}

/** All addresses of a host name. */
export type ResolveName = (host: string) => Promise<readonly ResolvedAddress[]>

export const resolveName: ResolveName = (host) => lookup(host, { all: true })

export interface ConnectionsOptions {
  readonly maxConnectionsPerOrigin: number
  readonly resolveName: ResolveName
}

/** Ways of connecting that are kept; of more, those not used for longest are closed once their requests have ended. */
const routesMax = 32

/** One way of connecting. */
interface Way {
  readonly guard: AddressGuard
  readonly dispatcher: Dispatcher
}

export class Connections {
  readonly #options: ConnectionsOptions
  /** In the order of use, the latest last. */
  readonly #ways = new Map<string, Way>()
  #undici: Undici | null = null
  #isClosed = false

  constructor(options: ConnectionsOptions) {
    this.#options = options
  }

  /** undici takes some 60 ms to load: only those who call pay for it. */
  async load(): Promise<void> {
    this.#undici ??= await import('undici')
  }

  /**
   * Where a request to this URL goes in, to be used at once: what is not in use may be closed in the next moment.
   * @throws {Fault} HTTP_ADDRESS_REFUSED by the host alone, HTTP_CLOSED
   */
  open(url: URL, route: Route): Dispatcher {
    if (this.#isClosed) throw new Fault('HTTP_CLOSED', 'its connections were closed')
    const key = JSON.stringify(route)
    const way = this.#ways.get(key) ?? this.#newWay(route)
    this.#ways.delete(key)
    this.#ways.set(key, way)
    if (this.#ways.size > routesMax) this.#closeOldest()
    const reason = way.guard.refusalOfHost(url.hostname)
    if (reason !== null) throw refusal(`${url.hostname} ${reason}`)
    return way.dispatcher
  }

  /** Never fails. */
  async close(): Promise<void> {
    this.#isClosed = true
    const ways = [...this.#ways.values()]
    this.#ways.clear()
    await Promise.allSettled(ways.map(async ({ dispatcher }) => dispatcher.destroy()))
  }

  #closeOldest(): void {
    const [oldest] = this.#ways
    if (oldest === undefined) return // never: there are more than one
    const [key, { dispatcher }] = oldest
    this.#ways.delete(key)
    dispatcher.close().catch(() => undefined) // closed in another way meanwhile
  }

  #newWay(route: Route): Way {
    if (this.#undici === null) throw new Error('never: it is loaded before')
    const guard = createAddressGuard(route.allowedAddresses)
    return { guard, dispatcher: this.#connect(this.#undici, route, guard) }
  }

  #connect(undici: Undici, route: Route, guard: AddressGuard): Dispatcher {
    const settings = {
      connections: this.#options.maxConnectionsPerOrigin,
      // One request at a time on a connection: what happens to one says nothing of another, and undici repeats none.
      pipelining: 1,
      allowH2: false,
      // exchange.ts keeps the times: undici's own timers may come a second late.
      headersTimeout: 0,
      bodyTimeout: 0,
    }
    const tls = { ...tlsOf(route.tls), timeout: route.connectMs, allowH2: false }
    try {
      if (route.proxy === null) {
        const connect = undici.buildConnector({ ...tls, lookup: this.#guardedLookup(guard) })
        return new undici.Agent({ ...settings, connect: guardedConnector(connect, guard) })
      }
      // The proxy looks names up and connects: it is part of the guard, and its own address is not held against it.
      return new undici.ProxyAgent({
        ...settings,
        uri: route.proxy,
        requestTls: tls,
        proxyTls: { timeout: route.connectMs, allowH2: false },
        clientFactory: (origin, options) =>
          new undici.Pool(origin, { ...options, headersTimeout: route.connectMs }),
      })
    } catch (error) {
      throw new Fault('HTTP_REQUEST_INVALID', 'the settings of its connection are not valid', error)
    }
  }

  /** Gives only what may be called. What is called is what was looked up here, so a name that changes helps nobody. */
  #guardedLookup(guard: AddressGuard): LookupFunction {
    const find = async (host: string, family: number): Promise<readonly ResolvedAddress[]> => {
      const found = await this.#options.resolveName(host)
      const usable = found.filter(({ family: its }) => family === 0 || its === family)
      if (guard.allowsName(host)) return usable
      const refusals = usable.map(({ address }) => guard.refusalOf(address))
      const allowed = usable.filter((_, index) => refusals[index] === null)
      const [first] = usable
      if (allowed.length > 0 || first === undefined) return allowed
      throw refusal(`${host} resolves to ${first.address}, which ${refusals[0]}`)
    }
    return (host, options, callback) => {
      find(host, familyOf(options.family)).then(
        (found) => {
          const [first] = found
          if (first === undefined) callback(notFound(host), '')
          else if (options.all === true) callback(null, [...found])
          else callback(null, first.address, first.family)
        },
        (error: unknown) => callback(asErrno(error), ''),
      )
    }
  }
}

/** Its own fields and no others: a connection has many more settings, some of which lead around the guard. */
const tlsOf = ({ ca, cert, key, rejectUnauthorized, servername }: HttpTls = {}): HttpTls => ({
  ...(ca === undefined ? {} : { ca }),
  ...(cert === undefined ? {} : { cert }),
  ...(key === undefined ? {} : { key }),
  ...(rejectUnauthorized === undefined ? {} : { rejectUnauthorized }),
  ...(servername === undefined ? {} : { servername }),
})

function guardedConnector(
  connect: buildConnector.connector,
  guard: AddressGuard,
): buildConnector.connector {
  return (options, callback) => {
    // A host that is an address is never looked up.
    const reason = guard.refusalOfHost(options.hostname)
    if (reason !== null) {
      callback(refusal(`${options.hostname} ${reason}`), null)
      return
    }
    connect(options, (...[error, socket]) => {
      if (error !== null) {
        callback(error, null)
        return
      }
      const fault = refusalOfPeer(socket, options.hostname, guard)
      if (fault === null) callback(null, socket)
      else {
        socket.on('error', () => undefined).destroy()
        callback(fault, null)
      }
    })
  }
}

/** Should the two checks before ever be passed by: what was reached must be allowed too. */
function refusalOfPeer(socket: Socket, host: string, guard: AddressGuard): Error | null {
  const peer = socket.remoteAddress
  if (peer === undefined) return new Error('the connection broke at once')
  const reason = guard.allowsName(host) ? null : guard.refusalOf(peer)
  return reason === null ? null : refusal(`${host} leads to ${peer}, which ${reason}`)
}

const refusal = (what: string): Fault =>
  new Fault('HTTP_ADDRESS_REFUSED', `${what}; name it in http.allowedAddresses if it is meant`)

const notFound = (host: string): NodeJS.ErrnoException =>
  Object.assign(new Error(`${host} has no address that can be used`), { code: 'ENOTFOUND' })

const asErrno = (error: unknown): NodeJS.ErrnoException =>
  error instanceof Error ? error : new Error('the name cannot be looked up')

const familyOf = (family: number | 'IPv4' | 'IPv6' | undefined): number =>
  family === 'IPv4' ? 4 : family === 'IPv6' ? 6 : (family ?? 0)
