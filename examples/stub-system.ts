// A stand-in for a system that the examples call: a real HTTP server on loopback, with routes, a log of what it was asked, a
// memory of idempotency keys, and faults that a test or a person injects. What a fault does to an answer: stub-faults.ts.
import { createHash, randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Json } from '@tasker/engine'
import { breakAnswer, FaultList, type StubFault } from './stub-faults.ts'
import { json, matchPath, parseBody, readBody } from './stub-request.ts'

/** One request, as it stands in the log. It is logged before anything else happens to it. */
export interface StubCall {
  readonly system: string
  /** `POST /charges/:id`; null: there is no such route, and the answer was 404. */
  readonly route: string | null
  readonly method: string
  /** Without the query. */
  readonly path: string
  /** The parts of the path that the route names. */
  readonly params: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, string>>
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** Parsed when it is JSON, otherwise text; null: there was none. */
  readonly body: Json
  readonly at: Date
  /** Null until it is answered, and for good when the answer was lost. */
  readonly status: number | null
}

export interface StubAnswer {
  /** Default 200. */
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON; a string as it is. Default: nothing. */
  readonly body?: Json
}

/** Makes the answer to a call: where the system acts. */
export type StubRoute = (call: StubCall) => StubAnswer | Promise<StubAnswer>

/** A request that waits until the test lets it go on. */
export interface HeldCall {
  /** Resolves when the request is there. */
  readonly arrived: Promise<StubCall>
  release(): void
}

type LoggedCall = { -readonly [Key in keyof StubCall]: StubCall[Key] }

export interface StubOptions {
  /** False: a repeated key is the business of the routes. Default true. */
  readonly remembersKeys?: boolean
}

interface Hold {
  readonly route: string
  readonly arrive: (call: StubCall) => void
  readonly released: Promise<void>
}

export class StubSystem {
  readonly name: string
  readonly #routes: Readonly<Record<string, StubRoute>>
  readonly #remembersKeys: boolean
  readonly #server: Server
  readonly #log: StubCall[] = []
  /** Answers by path and idempotency key. */
  readonly #remembered = new Map<string, StubAnswer>()
  readonly #faults = new FaultList()
  readonly #answers = new Map<string, StubAnswer>()
  #holds: Hold[] = []
  #url: string | null = null

  /** Routes by method and path: `{ 'POST /charges': charge, 'GET /charges/:id': find }`. */
  constructor(
    name: string,
    routes: Readonly<Record<string, StubRoute>>,
    { remembersKeys = true }: StubOptions = {},
  ) {
    this.name = name
    this.#remembersKeys = remembersKeys
    this.#routes = routes
    this.#server = createServer((request, response) => void this.#serve(request, response))
    this.#server.on('connection', (socket: Socket) => socket.unref())
  }

  /** `http://127.0.0.1:<port>`, once it listens. */
  get url(): string {
    if (this.#url === null) throw new Error(`The stub system ${this.name} was not started.`)
    return this.#url
  }

  /** Listens on a free port of the loopback address. It keeps no process alive. */
  async start(): Promise<this> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(0, '127.0.0.1', resolve)
    })
    this.#server.unref()
    const address = this.#server.address()
    if (typeof address !== 'object' || address === null) throw new Error('never: it listens on TCP')
    this.#url = `http://127.0.0.1:${address.port}`
    return this
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    this.#server.closeAllConnections()
    await closed
  }

  /** What it was asked, in order: all of it, or one route's. */
  calls(route?: string): readonly StubCall[] {
    if (route !== undefined) this.#requireRoute(route)
    return this.#log.filter((call) => route === undefined || call.route === route)
  }

  /** From now on, calls of the route meet this fault. Of several that hold, the first injected. Returns the repair. */
  inject(route: string, fault: StubFault): () => void {
    this.#requireRoute(route)
    return this.#faults.add(route, fault)
  }

  /** From now on the route answers this; the system does not act. */
  stub(route: string, answer: StubAnswer): void {
    this.#requireRoute(route)
    this.#answers.set(route, answer)
  }

  /** Keeps the next call of the route waiting: for tests of what runs at the same time. */
  hold(route: string): HeldCall {
    this.#requireRoute(route)
    const arrived = Promise.withResolvers<StubCall>()
    const released = Promise.withResolvers<void>()
    this.#holds.push({ route, arrive: arrived.resolve, released: released.promise })
    return { arrived: arrived.promise, release: () => released.resolve() }
  }

  /** Takes back all faults and stubbed answers; the log and what the system holds stay. */
  repair(): void {
    this.#faults.clear()
    this.#answers.clear()
  }

  #requireRoute(route: string): void {
    if (Object.hasOwn(this.#routes, route)) return
    const known = Object.keys(this.#routes).join(', ')
    throw new RangeError(`${this.name} has no route "${route}"; it has ${known}.`)
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const call = await this.#logCall(request)
      await this.#holdBack(call)
      const fault = call.route === null ? null : this.#faults.take(call)
      const acts = fault === null || fault.isActedOn === true
      const answer = acts ? await this.#answer(call) : null
      if (fault !== null && (await breakAnswer(response, fault, answer)) === 'lost') return
      if (response.destroyed) return // who asked has gone
      const sent = fault?.answer ?? answer ?? {}
      call.status = sent.status ?? 200
      send(response, sent)
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      if (!response.destroyed) send(response, { status: 500, body: { error: message } })
    }
  }

  async #logCall(request: IncomingMessage): Promise<LoggedCall> {
    const at = new Date()
    const { method = 'GET' } = request
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://stub.invalid')
    const text = await readBody(request)
    const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)])
    const call: LoggedCall = {
      system: this.name,
      method,
      path: pathname,
      ...this.#match(method, pathname),
      query: Object.fromEntries(searchParams),
      headers: Object.fromEntries(headers) as Record<string, string>, // pairs of strings, as made above
      body: parseBody(text, request.headers['content-type']),
      at,
      status: null,
    }
    this.#log.push(call)
    return call
  }

  #match(method: string, path: string): Pick<StubCall, 'route' | 'params'> {
    for (const route of Object.keys(this.#routes)) {
      const [routeMethod = '', pattern = ''] = route.split(' ')
      const params = routeMethod === method ? matchPath(pattern, path) : null
      if (params !== null) return { route, params }
    }
    return { route: null, params: {} }
  }

  async #holdBack(call: StubCall): Promise<void> {
    const hold = this.#holds.find(({ route }) => route === call.route)
    if (hold === undefined) return
    this.#holds = this.#holds.filter((other) => other !== hold)
    hold.arrive(call)
    await hold.released
  }

  /**
   * A call whose key it has answered with success gets that answer again, and the system does not act twice. Of POST and
   * PATCH only: the other methods are made to be repeated.
   */
  async #answer(call: StubCall): Promise<StubAnswer> {
    const { route } = call
    const act = route === null ? undefined : this.#routes[route]
    if (route === null || act === undefined) {
      return { status: 404, body: { error: `${call.method} ${call.path} is unknown here` } }
    }
    const stubbed = this.#answers.get(route)
    if (stubbed !== undefined) return stubbed
    const key = call.headers['idempotency-key']
    const isRemembered = this.#remembersKeys && rememberedMethods.includes(call.method)
    if (key === undefined || !isRemembered) return act(call)
    const remembered = this.#remembered.get(`${call.path} ${key}`)
    if (remembered !== undefined) {
      return { ...remembered, headers: { ...remembered.headers, 'idempotent-replayed': 'true' } }
    }
    const answer = await act(call)
    if ((answer.status ?? 200) < 300) this.#remembered.set(`${call.path} ${key}`, answer)
    return answer
  }
}

const rememberedMethods: readonly string[] = ['POST', 'PATCH']

/** An id that the system gives: the same for the same path and idempotency key; without a key, any. */
export function idFor(prefix: string, { path, headers }: StubCall): string {
  const key = headers['idempotency-key'] ?? randomUUID()
  return `${prefix}_${createHash('sha256').update(`${path} ${key}`).digest('hex').slice(0, 16)}`
}

function send(response: ServerResponse, { status = 200, headers = {}, body }: StubAnswer): void {
  const isText = typeof body === 'string'
  const type = body === undefined ? {} : { 'content-type': isText ? 'text/plain' : json }
  response.writeHead(status, { ...type, ...headers })
  response.end(body === undefined || isText ? body : JSON.stringify(body))
}
