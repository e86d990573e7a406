// Another system, for tests of steps that call one: a real HTTP server on loopback that answers as a test says and remembers
// what it was asked.
import { once } from 'node:events'
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http'
import { createServer as createRawServer, type AddressInfo, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

export interface Asked {
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface Answer {
  /** Default 200. */
  readonly status?: number
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  /** Sent as JSON, with its content type; text as text. Default `{}`. */
  readonly body?: unknown
}

export interface OtherSystem {
  readonly url: string
  readonly asked: readonly Asked[]
  /** Resolves when so many requests have come. */
  arrived(count: number): Promise<void>
}

/** Closed when the test ends. `answer` may keep the other side waiting. */
export async function otherSystem(
  answer: (asked: Asked, count: number) => Answer | Promise<Answer> = () => ({}),
): Promise<OtherSystem> {
  const asked: Asked[] = []
  const waiting: { readonly count: number; readonly resolve: () => void }[] = []
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer) // no encoding is set
    const { method = '', url = '', headers } = request
    const one = { method, path: url, headers, body: Buffer.concat(parts).toString() }
    asked.push(one)
    for (const { count, resolve } of waiting) if (asked.length >= count) resolve()
    send(response, await answer(one, asked.length))
  }
  const server = createServer((request, response) => {
    handle(request, response).catch(() => response.destroy()) // the other side may break off
  })
  return {
    url: await listen(server),
    asked,
    arrived(count) {
      const { promise, resolve } = Promise.withResolvers<void>()
      if (asked.length >= count) resolve()
      else waiting.push({ count, resolve })
      return promise
    },
  }
}

function send(response: ServerResponse, { status = 200, headers = {}, body = {} }: Answer): void {
  const isText = typeof body === 'string'
  response.statusCode = status
  response.setHeader('content-type', isText ? 'text/plain' : 'application/json')
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  response.end(isText ? body : JSON.stringify(body))
}

/** A server that speaks no HTTP of its own: each connection is the test's. */
export async function rawSystem(
  serve: (socket: Socket) => void,
): Promise<{ readonly url: string }> {
  const sockets = new Set<Socket>()
  const server = createRawServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined) // the other side may break off
    serve(socket)
  })
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
  })
  return { url: await listen(server) }
}

async function listen(server: Server | ReturnType<typeof createRawServer>): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    if ('closeAllConnections' in server) server.closeAllConnections()
  })
  const { port } = server.address() as AddressInfo // it listens on TCP
  return `http://127.0.0.1:${port}`
}

/** What the guard would refuse otherwise. */
export const loopback = { http: { allowedAddresses: ['127.0.0.0/8', '::1'] } }
