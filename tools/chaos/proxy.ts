// A TCP proxy between worker processes and the server, which knows PostgreSQL's protocol just enough to see which statement a
// reply belongs to. It delays, drops the reply to chosen statements after the server has committed them, swallows what either
// side says (half-open), refuses, and cuts.
import {
  createConnection,
  createServer,
  type AddressInfo,
  type Server,
  type Socket,
} from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import type { PostgresServer } from './postgres-server.ts'
import { nameOf } from './statements.ts'

export interface ProxyFaults {
  /** Milliseconds that each piece is delayed, each way. */
  readonly latencyMs: () => number
  /**
   * True: the server runs this statement to its end and the connection is cut before its reply passes. Asked once for each
   * statement, with its name as in statements.ts: an acknowledgement that is lost.
   */
  readonly losesReply: (statement: string) => boolean
  /** Connections stay open and nothing passes any more, either way, as when a firewall forgot them. */
  readonly isSilent: boolean
  /** New connections are cut at once. */
  readonly isRefusing: boolean
}

export const noFaults: ProxyFaults = {
  latencyMs: () => 0,
  losesReply: () => false,
  isSilent: false,
  isRefusing: false,
}

export class Proxy {
  /** Statements whose reply was lost. */
  lostReplies = 0
  readonly #server: Server
  readonly #target: PostgresServer
  readonly #links = new Set<Link>()
  #faults: ProxyFaults = noFaults

  private constructor(target: PostgresServer) {
    this.#target = target
    this.#server = createServer((client) => this.#accept(client))
  }

  static async open(target: PostgresServer): Promise<Proxy> {
    const proxy = new Proxy(target)
    proxy.#server.listen(0, '127.0.0.1')
    await once(proxy.#server, 'listening')
    return proxy
  }

  /** For worker processes: the server, through this proxy. */
  get url(): string {
    const { port } = this.#server.address() as AddressInfo // it listens on TCP
    const { user, database } = this.#target.address
    return `postgresql://${user}@127.0.0.1:${port}/${database}`
  }

  /** Connections that are open on the workers' side. */
  get connectionCount(): number {
    return this.#links.size
  }

  /** From now on; what is not given is as without faults. */
  inject(faults: Partial<ProxyFaults>): void {
    this.#faults = { ...noFaults, ...faults }
    for (const link of this.#links) link.faultsChanged()
  }

  /** Ends every connection, both ways, now. */
  cut(): void {
    for (const link of this.#links) link.cut()
  }

  async close(): Promise<void> {
    this.cut()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #accept(client: Socket): void {
    if (this.#faults.isRefusing) {
      client.destroy()
      return
    }
    const { host, port } = this.#target.address
    // The embedded server's address is the folder of its socket.
    const server = createConnection(join(host, `.s.PGSQL.${port}`))
    const link = new Link(client, server, {
      faults: () => this.#faults,
      lostReply: () => {
        this.lostReplies += 1
      },
      ended: () => this.#links.delete(link),
    })
    this.#links.add(link)
    link.faultsChanged() // it may have been opened into silence
  }
}

interface LinkOptions {
  faults(): ProxyFaults
  lostReply(): void
  ended(): void
}

/** One connection of a worker and its other half to the server. */
class Link {
  readonly #client: Socket
  readonly #server: Socket
  readonly #options: LinkOptions
  readonly #reader = new FrontendReader()
  /** The reply that comes next is to be lost. */
  #isLosing = false

  constructor(client: Socket, server: Socket, options: LinkOptions) {
    this.#client = client
    this.#server = server
    this.#options = options
    const toServer = this.#passing(server)
    const toClient = this.#passing(client)
    client.on('data', (piece: Buffer) => {
      for (const text of this.#reader.statementsIn(piece)) {
        if (options.faults().losesReply(nameOf(text))) this.#isLosing = true
      }
      toServer(piece)
    })
    server.on('data', (piece: Buffer) => {
      if (!this.#isLosing) toClient(piece)
      else if (endsReply(piece)) this.#lose()
    })
    for (const socket of [client, server]) {
      socket.setNoDelay(true)
      socket.on('error', () => undefined) // followed by close
      socket.on('close', () => this.#closed())
    }
  }

  /** Silence holds back what the sockets get; the operating system's buffers take it up. */
  faultsChanged(): void {
    const { isSilent } = this.#options.faults()
    for (const socket of [this.#client, this.#server]) {
      if (isSilent) socket.pause()
      else socket.resume()
    }
    if (this.#client.destroyed || this.#server.destroyed) this.#closed()
  }

  cut(): void {
    this.#client.destroy()
    this.#server.destroy()
  }

  #lose(): void {
    this.#options.lostReply()
    this.cut()
  }

  // A peer that was cut while the other half is silent notices nothing, which is the point of it.
  #closed(): void {
    if (this.#options.faults().isSilent && !(this.#client.destroyed && this.#server.destroyed))
      return
    this.cut()
    this.#options.ended()
  }

  /** Pieces pass in order, each after its delay. */
  #passing(socket: Socket): (piece: Buffer) => void {
    let freeAtMs = 0
    return (piece) => {
      const delayMs = this.#options.faults().latencyMs()
      const nowMs = performance.now()
      if (delayMs === 0 && freeAtMs <= nowMs) {
        socket.write(piece)
        return
      }
      freeAtMs = Math.max(freeAtMs, nowMs + delayMs)
      setTimeout(() => {
        if (!socket.destroyed) socket.write(piece)
      }, freeAtMs - nowMs)
    }
  }
}

/** ReadyForQuery, six bytes, is the last message of a reply. */
const endsReply = (piece: Buffer): boolean =>
  piece.length >= 6 &&
  piece.at(-6) === 'Z'.charCodeAt(0) &&
  piece.readUInt32BE(piece.length - 5) === 5

/** Reads what a client sends: the texts of the statements it has run, prepared ones by their name. */
class FrontendReader {
  readonly #prepared = new Map<string, string>()
  #rest = Buffer.alloc(0)
  #hasStarted = false

  statementsIn(piece: Buffer): readonly string[] {
    this.#rest = Buffer.concat([this.#rest, piece])
    const texts: string[] = []
    for (;;) {
      // The first message of a connection has no letter.
      const head = this.#hasStarted ? 1 : 0
      if (this.#rest.length < head + 4) return texts
      const end = head + this.#rest.readUInt32BE(head)
      if (this.#rest.length < end) return texts
      const kind = this.#hasStarted ? String.fromCharCode(this.#rest[0] ?? 0) : 'startup'
      const text = this.#read(kind, this.#rest.subarray(head + 4, end))
      if (text !== null) texts.push(text)
      this.#hasStarted = true
      this.#rest = this.#rest.subarray(end)
    }
  }

  #read(kind: string, body: Buffer): string | null {
    const [first = '', second = ''] = body.toString('utf8').split('\0', 2)
    if (kind === 'Q') return first
    if (kind === 'P') this.#prepared.set(first, second)
    if (kind === 'B') return this.#prepared.get(second) ?? null
    return null
  }
}
