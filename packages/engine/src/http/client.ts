// The client: one call from the request to its response, over redirects, within its time. Every failure is an HttpError.
// Connections and the address guard are connections.ts, one request on the wire is exchange.ts.
import { systemClock as clock } from '../clock.ts'
import { addressOf } from '../redact.ts'
import { Connections, resolveName, type ResolveName } from './connections.ts'
import { exchange, type Incoming } from './exchange.ts'
import { asHttpError, Fault } from './fault.ts'
import type { HttpRequest, HttpResponse, OwnHttpClient, RequestBrief } from './model.ts'
import { readBody } from './read-response.ts'
import { readRequest, type HttpSettings, type ReadRequest } from './read-request.ts'
import { nextHop, redirectsMax, type Hop } from './redirect.ts'
import { HttpVerbs } from './verbs.ts'

export interface HttpClientOptions {
  /** Looks host names up. Default: as the operating system does. */
  readonly resolveName?: ResolveName
}

/** A client with connections of its own. Nothing is loaded or opened before the first request. */
export const createHttpClient = (
  settings: HttpSettings,
  options: HttpClientOptions = {},
): OwnHttpClient => new PooledClient(settings, options)

class PooledClient extends HttpVerbs implements OwnHttpClient {
  readonly #settings: HttpSettings
  readonly #connections: Connections

  constructor(settings: HttpSettings, options: HttpClientOptions) {
    super()
    this.#settings = settings
    this.#connections = new Connections({
      maxConnectionsPerOrigin: settings.maxConnectionsPerOrigin,
      resolveName: options.resolveName ?? resolveName,
    })
  }

  override request(request: HttpRequest): Promise<HttpResponse> {
    return call(request, this.#settings, this.#connections)
  }

  close(): Promise<void> {
    return this.#connections.close()
  }
}

/** What is known of a call while it goes on. */
interface Progress {
  isSent: boolean
}

async function call(
  request: HttpRequest,
  settings: HttpSettings,
  connections: Connections,
): Promise<HttpResponse> {
  const progress: Progress = { isSent: false }
  const startedAt = clock.monotonicMs()
  try {
    const read = readSafely(request, settings)
    const end = endOf(read.totalMs, request.signal)
    try {
      const { incoming, url } = await follow(read, { connections, progress, signal: end.signal })
      const body = await readBody(incoming, read.responseMaxBytes)
      end.signal.throwIfAborted()
      const durationMs = Math.round(clock.monotonicMs() - startedAt)
      return { status: incoming.status, headers: incoming.headers, body, url: url.href, durationMs }
    } finally {
      end.forget()
    }
  } catch (error) {
    throw asHttpError(error, { request: briefOf(request), isSent: progress.isSent })
  }
}

/** A caller in plain JavaScript may give anything at all, getters that throw included. */
function readSafely(request: HttpRequest, settings: HttpSettings): ReadRequest {
  try {
    return readRequest(request, settings)
  } catch (error) {
    if (error instanceof Fault) throw error
    throw new Fault('HTTP_REQUEST_INVALID', 'the request cannot be read', error)
  }
}

interface Way {
  readonly connections: Connections
  readonly progress: Progress
  readonly signal: AbortSignal
}

/** Redirect by redirect; the guard stands before each. */
async function follow(
  { outgoing: first, route, ...read }: ReadRequest,
  { connections, progress, signal }: Way,
): Promise<{ readonly incoming: Incoming; readonly url: URL }> {
  // Certificates, keys and exceptions are those of one system.
  const routeAbroad = { ...route, tls: undefined }
  await connections.load()
  let hop: Hop = { outgoing: first, isAbroad: false }
  for (let count = 0; ; count += 1) {
    const { outgoing } = hop
    signal.throwIfAborted()
    const dispatcher = connections.open(outgoing.url, hop.isAbroad ? routeAbroad : route)
    const incoming = await exchange(dispatcher, outgoing, {
      idleMs: read.idleMs,
      responseMaxBytes: read.responseMaxBytes,
      signal,
      onSent: () => {
        progress.isSent = true
      },
    })
    const next = nextHop(incoming, hop, read.redirects)
    if (next === null) return { incoming, url: outgoing.url }
    if (count === redirectsMax) {
      throw new Fault('HTTP_REDIRECT', `more than ${redirectsMax} redirects`)
    }
    hop = next
  }
}

interface End {
  /** Aborted when the call must end, with the Fault that says why. */
  readonly signal: AbortSignal
  forget(): void
}

/** The end of a call from outside: its total time, or its caller. */
function endOf(totalMs: number, signal: AbortSignal | undefined): End {
  const abort = new AbortController()
  const cancelTimer = clock.schedule(totalMs, () =>
    abort.abort(new Fault('HTTP_TIMEOUT', `no whole response within ${totalMs} ms`)),
  )
  const onAbort = (): void =>
    abort.abort(new Fault('HTTP_ABORTED', 'the request was called off', signal?.reason))
  if (signal?.aborted === true) onAbort()
  else signal?.addEventListener('abort', onAbort, { once: true })
  return {
    signal: abort.signal,
    forget() {
      cancelTimer()
      signal?.removeEventListener('abort', onAbort)
    },
  }
}

function briefOf(request: HttpRequest): RequestBrief {
  try {
    const { method, url, body } = request
    const hasBody = body !== null && body !== undefined
    return { method: method ?? (hasBody ? 'POST' : 'GET'), url: addressOf(url) ?? 'no URL' }
  } catch {
    return { method: 'GET', url: 'no URL' }
  }
}
