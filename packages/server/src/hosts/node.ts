// node:http as a host: its requests become those of the web standard and its responses are written from such, with what the
// sender still sends, or does not take, kept within bounds. The other hosts of Node stand on this.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { TLSSocket } from 'node:tls'
import type { TaskerServer } from '../server.ts'

export interface NodeRequest {
  /** The whole path; what a framework has cut off included. */
  readonly path?: string
  /** Set when a framework has read the body already. */
  readonly body?: Uint8Array
}

/** For `http.createServer(nodeHandler(server))`. Answers every path, also those that are not Tasker's. */
export const nodeHandler =
  (server: Pick<TaskerServer, 'fetch'>) =>
  (incoming: IncomingMessage, outgoing: ServerResponse): void =>
    void answerIncoming(server, incoming, outgoing)

/** Resolves when the answer is written, or its reader has gone. Never throws. */
export async function answerIncoming(
  server: Pick<TaskerServer, 'fetch'>,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  given: NodeRequest = {},
): Promise<void> {
  const gone = new AbortController()
  outgoing.once('close', () => gone.abort())
  const request = requestOf(incoming, given, gone.signal)
  if (request === null) {
    outgoing.writeHead(400, { connection: 'close' }).end()
    return
  }
  try {
    const address = incoming.socket.remoteAddress ?? null
    await write(await server.fetch(request, { address }), incoming, outgoing)
  } catch {
    outgoing.destroy() // half an answer must not look like a whole one
  }
}

/** Null: its target, host, method or a header is none that a request can have. */
function requestOf(
  incoming: IncomingMessage,
  { path = incoming.url ?? '', body }: NodeRequest,
  signal: AbortSignal,
): Request | null {
  const { method = 'GET', rawHeaders, headers } = incoming
  const { host } = headers
  const isHost = host !== undefined && /^([\w.-]+|\[[0-9a-f:.]+\])(:\d{1,5})?$/i.test(host)
  if (!isHost || !path.startsWith('/')) return null
  // `encrypted` is there on sockets of TLS only.
  const scheme = (incoming.socket as Partial<TLSSocket>).encrypted === true ? 'https' : 'http'
  try {
    const copied = new Headers()
    for (let at = 0; at < rawHeaders.length; at += 2) {
      const name = rawHeaders[at] ?? ''
      if (!name.startsWith(':')) copied.append(name, rawHeaders[at + 1] ?? '')
    }
    const init = { method, headers: copied, signal }
    const url = `${scheme}://${host}${path}`
    if (method === 'GET' || method === 'HEAD') return new Request(url, init)
    const content = body === undefined ? bodyOf(incoming) : Buffer.from(body)
    return new Request(url, { ...init, body: content, duplex: 'half' })
  } catch {
    return null
  }
}

/** Leaving it unread leaves the connection as it is: the answer still has to go out. */
function bodyOf(incoming: IncomingMessage): ReadableStream<Uint8Array> {
  const chunks: AsyncIterator<Uint8Array> = incoming.iterator({ destroyOnReturn: false })
  return new ReadableStream(
    {
      async pull(out) {
        const next = await chunks.next()
        if (next.done === true) out.close()
        else out.enqueue(next.value)
      },
    },
    { highWaterMark: 0 },
  )
}

async function write(
  response: Response,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const { status, headers, body } = response
  const cookies = headers.getSetCookie()
  const fields = {
    ...Object.fromEntries(headers),
    ...(cookies.length === 0 ? {} : { 'set-cookie': cookies }),
  }
  if (body !== null && isStream(headers)) {
    outgoing.writeHead(status, fields)
    outgoing.flushHeaders()
    await writeStream(body, outgoing)
    return
  }
  const bytes = new Uint8Array(await response.arrayBuffer())
  const isUnread = !incoming.complete && !incoming.readableEnded
  const isEmpty = status === 204 || status === 304 || incoming.method === 'HEAD'
  outgoing.writeHead(status, {
    ...fields,
    ...(isEmpty ? {} : { 'content-length': bytes.byteLength }),
    ...(isUnread ? { connection: 'close' } : {}),
  })
  if (!isUnread) {
    outgoing.end(bytes)
    return
  }
  // Closed at once, the connection would be reset while the client still sends, and the answer lost.
  outgoing.write(bytes)
  await drain(incoming)
  outgoing.end()
}

const isStream = (headers: Headers): boolean =>
  /^(text\/event-stream|multipart\/)/.test(headers.get('content-type') ?? '')

async function writeStream(
  body: ReadableStream<Uint8Array>,
  outgoing: ServerResponse,
): Promise<void> {
  const reader: ReadableStreamDefaultReader<Uint8Array> = body.getReader()
  const leave = (): void => void reader.cancel().catch(() => undefined)
  outgoing.once('close', leave)
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    if (outgoing.destroyed) return
    if (!outgoing.write(next.value)) await eventOf(outgoing, ['drain', 'close'])
  }
  outgoing.end()
}

const lingerMs = 1_000

/** Takes what still comes, for a moment, and keeps nothing of it. */
async function drain(incoming: IncomingMessage): Promise<void> {
  const enough = AbortSignal.timeout(lingerMs)
  incoming.resume()
  await eventOf(incoming, ['end', 'close', 'error'], enough)
}

/** Resolves with the first of these events. */
async function eventOf(
  emitter: IncomingMessage | ServerResponse,
  names: readonly string[],
  signal: AbortSignal | null = null,
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const done = (): void => resolve()
  for (const name of names) emitter.once(name, done)
  signal?.addEventListener('abort', done, { once: true })
  if (emitter.destroyed) done()
  await promise
  for (const name of names) emitter.off(name, done)
}
