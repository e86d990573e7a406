// The server on a port of its own: who stands alone, and how it ends. Clients that send slowly, much or never are bounded here;
// what a request may contain, by the server itself.
import { createServer as createHttpServer, type Server } from 'node:http'
import { isIPv6, type AddressInfo } from 'node:net'
import { TaskerError, type Tasker } from '@tasker/engine'
import { isLoopback } from '../auth/exposure.ts'
import type { TaskerServer } from '../server.ts'
import { nodeHandler } from './node.ts'

export interface ListenOptions {
  /** Default: `server.host`. */
  readonly host?: string
  /** 0: any that is free. Default: `server.port`. */
  readonly port?: number
}

export interface Listening {
  /** `http://127.0.0.1:8420/tasker`. */
  readonly url: string
  readonly port: number
  /**
   * Takes no more connections, ends live streams, waits for requests under way as long as `server.shutdownGraceMs`, and cuts
   * what is left. The server is closed with it; the Tasker is not.
   */
  close(): Promise<void>
}

/** @throws {TaskerError} EXPOSED_WITHOUT_AUTHENTICATION; what the operating system refuses is SERVER_CANNOT_LISTEN */
export async function listen(
  tasker: Tasker,
  server: TaskerServer,
  options: ListenOptions = {},
): Promise<Listening> {
  const { config, clock } = tasker
  const { host = config.server.host, port = config.server.port } = options
  requireProtected(tasker, host)
  const http = boundedServer(tasker, server)
  await begin(http, host, port)
  const { port: given } = http.address() as AddressInfo // of a TCP server that listens
  let closing: Promise<void> | null = null
  const closeAll = async (): Promise<void> => {
    const closed = new Promise((resolve) => http.close(resolve))
    http.on('request', (_incoming, outgoing) => outgoing.setHeader('connection', 'close'))
    await server.close()
    const cancel = clock.schedule(config.server.shutdownGraceMs, () => http.closeAllConnections())
    await closed
    cancel()
  }
  return {
    url: `http://${isIPv6(host) ? `[${host}]` : host}:${given}${server.prefix}`,
    port: given,
    close: async () => (closing ??= closeAll()),
  }
}

function requireProtected({ config }: Tasker, host: string): void {
  if (config.auth.authenticationEnabled || config.server.allowUnauthenticated) return
  if (isLoopback(host)) return
  throw new TaskerError(
    'EXPOSED_WITHOUT_AUTHENTICATION',
    `The server would listen at ${JSON.stringify(host)}, where other machines reach it, and asks nobody who they are.`,
    { host },
  )
}

function boundedServer({ config }: Tasker, server: TaskerServer): Server {
  const { headersTimeoutMs, requestTimeoutMs, headersMaxBytes, connectionsMax } = config.server
  const answer = nodeHandler(server)
  const http = createHttpServer(
    {
      headersTimeout: headersTimeoutMs,
      requestTimeout: Math.max(requestTimeoutMs, headersTimeoutMs),
      maxHeaderSize: headersMaxBytes,
      connectionsCheckingInterval: Math.min(5_000, headersTimeoutMs),
    },
    (incoming, outgoing) => {
      // A connection that was busy when the server began to close is idle now.
      outgoing.once('close', () => {
        if (!http.listening) setImmediate(() => http.closeIdleConnections())
      })
      answer(incoming, outgoing)
    },
  )
  http.maxConnections = connectionsMax
  return http
}

async function begin(http: Server, host: string, port: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  http.once('error', reject)
  http.listen(port, host, () => resolve())
  try {
    await promise
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    throw new TaskerError(
      'SERVER_CANNOT_LISTEN',
      `The server cannot listen at ${host}, port ${port} (${code}).`,
      { host, port },
    )
  }
  http.off('error', reject)
}
