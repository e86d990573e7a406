// Answers scrapes over HTTP: a listener of its own, so that a worker is scraped without any server beside it. It asks
// nobody for credentials, and says names and numbers only.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Clock } from '../../clock.ts'
import { TaskerError } from '../../errors.ts'

export interface MetricsAddress {
  readonly host: string
  /** 0: any that is free. */
  readonly port: number
}

export interface MetricsListener {
  readonly host: string
  readonly port: number
  /** Of the metrics, for people and for scrapers. */
  readonly url: string
  /** Harmless when repeated. */
  close(): Promise<void>
}

export interface ListenerOptions extends MetricsAddress {
  /** Besides `/metrics`. */
  readonly path: string
  readonly clock: Clock
  readonly contentType: string
  text(): Promise<string>
}

/** @throws {TaskerError} METRICS_UNAVAILABLE when the address cannot be had */
export async function listen(options: ListenerOptions): Promise<MetricsListener> {
  // Imported with the others it would load Node's whole fetch, in every process that never listens.
  const { createServer } = await import('node:http')
  const server = createServer((request, response) => void answer(request, response, options))
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject)
  server.listen(options.port, options.host, resolve)
  try {
    await promise
  } catch (error) {
    throw cannotListen(options, error)
  }
  // Errors of single connections end there.
  server.on('error', () => undefined)
  // A cast: it listens on an address, not on a socket file.
  const { port } = server.address() as AddressInfo
  const host = options.host.includes(':') ? `[${options.host}]` : options.host
  return {
    host: options.host,
    port,
    url: `http://${host}:${port}/metrics`,
    async close() {
      const closed = Promise.withResolvers<void>()
      server.close(() => closed.resolve())
      server.closeAllConnections()
      await closed.promise
    },
  }
}

function cannotListen({ host, port }: MetricsAddress, error: unknown): TaskerError {
  const reason = error instanceof Error ? error.message : String(error)
  const message = `The metrics listener cannot listen on ${host}, port ${port}: ${reason}.`
  return new TaskerError('METRICS_UNAVAILABLE', message, { host, port }, error)
}

const uncached = {
  'cache-control': 'no-cache, no-store, must-revalidate',
  pragma: 'no-cache',
  expires: '0',
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: ListenerOptions,
): Promise<void> {
  const { path, clock, contentType } = options
  const [asked] = (request.url ?? '').split('?')
  const json = (status: number, error: string, message: string): void => {
    const timestamp = new Date(clock.nowMs()).toISOString()
    response.writeHead(status, { ...uncached, 'content-type': 'application/json' })
    response.end(JSON.stringify({ error, message, timestamp }))
  }
  if (asked !== '/metrics' && asked !== path) {
    json(404, 'Not found', 'Metrics are at /metrics.')
    return
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD')
    json(405, 'Method not allowed', 'Metrics can be read only.')
    return
  }
  try {
    const body = await options.text()
    response.writeHead(200, { ...uncached, 'content-type': contentType })
    response.end(request.method === 'HEAD' ? undefined : body)
  } catch (error) {
    json(503, 'Metrics export failed', error instanceof Error ? error.message : String(error))
  }
}
