// What the tests of the HTTP client start from: a client with short times, servers on loopback that behave as told, and
// the error of a request that must fail. All of it is closed when the test ends.
import { once } from 'node:events'
import { createServer as createHttpServer, type RequestListener } from 'node:http'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { expect, onTestFinished } from 'vitest'
import { resolveConfig } from '../../src/config.ts'
import { createHttpClient, type HttpClientOptions } from '../../src/http/client.ts'
import { HttpError, type OwnHttpClient } from '../../src/http/model.ts'
import type { HttpSettings } from '../../src/http/read-request.ts'

const defaults = resolveConfig({ env: {} }).config.http

/** As configured by default, but that loopback may be called. */
export function stageOf(
  changes: Partial<HttpSettings> = {},
  options: HttpClientOptions = {},
): { readonly client: OwnHttpClient } {
  const settings = { ...defaults, allowedAddresses: ['127.0.0.0/8', '::1'], ...changes }
  const client = createHttpClient(settings, options)
  onTestFinished(() => client.close())
  return { client }
}

/** The error of a request that must bring no response. */
export async function failureOf(answer: Promise<unknown>): Promise<HttpError> {
  const failure = await answer.then(
    (response) => new Error(`it brought a response: ${JSON.stringify(response)}`),
    (error: unknown) => error,
  )
  expect(failure).toBeInstanceOf(HttpError)
  return failure as HttpError // just checked
}

export interface TestServer {
  readonly port: number
  readonly url: string
  /** Connections so far, in order. */
  readonly sockets: readonly Socket[]
  /** Resolves when none of its connections is open. */
  readonly allClosed: () => Promise<void>
}

export async function httpServer(listener: RequestListener): Promise<TestServer> {
  const server = createHttpServer(listener)
  server.keepAliveTimeout = 60_000
  return listen(server)
}

/** Speaks bytes: `answer` is called once for each connection, when its first bytes have come. */
export function rawServer(answer: (socket: Socket) => unknown): Promise<TestServer> {
  const server = createServer((socket) => {
    socket.once('data', () => answer(socket))
  })
  return listen(server)
}

/** `each`: at every new connection, before anything is read. */
export async function listen(server: Server, each?: (socket: Socket) => void): Promise<TestServer> {
  const sockets: Socket[] = []
  server.on('connection', (socket: Socket) => {
    sockets.push(socket)
    socket.on('error', () => undefined) // what a client breaks off is what is tested
    each?.(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy()
    server.close()
    await once(server, 'close')
  })
  const { port } = server.address() as AddressInfo // it listens on a port
  const allClosed = async (): Promise<void> => {
    await Promise.all(
      sockets.map(async (socket) => {
        socket.resume()
        if (socket.closed) return
        await new Promise((resolve) => socket.once('close', resolve)) // `once` of events gives up at an error
      }),
    )
  }
  return { port, url: `http://127.0.0.1:${port}`, sockets, allClosed }
}
