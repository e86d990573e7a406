// Answers scrapes over HTTP: a listener of its own, so that a worker is scraped without any server beside it. It asks
// nobody for credentials, and says names and numbers only: where something is that fails stands in the log.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Clock } from '../../clock.ts'
import { asError, TaskerError } from '../../errors.ts'
import type { Logger } from '../../log.ts'
import type { MetricsScope } from './tasker-metrics.ts'

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
  readonly render: RenderScrape
  readonly logger: Pick<Logger, 'warn' | 'info'>
}

/** What a scraper asked for. */
export interface ScrapeOrder {
  readonly format?: string
  readonly accept: string
  readonly scope: MetricsScope
}

export type RenderScrape = (
  order: ScrapeOrder,
) => Promise<{ readonly contentType: string; readonly body: string | Uint8Array }>

/** @throws {TaskerError} METRICS_UNAVAILABLE when the address cannot be had */
export async function listen(options: ListenerOptions): Promise<MetricsListener> {
  // Imported with the others it would load Node's whole fetch, in every process that never listens.
  const { createServer } = await import('node:http')
  const render = saidOnce(options)
  const server = createServer(
    (request, response) => void answer(request, response, { ...options, render }),
  )
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
  const { path, clock } = options
  const [asked, query] = (request.url ?? '').split('?', 2)
  const json = (status: number, error: string, message: string, code?: string): void => {
    const timestamp = new Date(clock.nowMs()).toISOString()
    response.writeHead(status, { ...uncached, 'content-type': 'application/json' })
    response.end(JSON.stringify({ error, code, message, timestamp }))
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
    const order = readOrder(new URLSearchParams(query), request.headers.accept ?? '')
    const { contentType, body } = await options.render(order)
    response.writeHead(200, { ...uncached, 'content-type': contentType, vary: 'accept' })
    response.end(request.method === 'HEAD' ? undefined : body)
  } catch (error) {
    const code = error instanceof TaskerError ? error.code : undefined
    json(isInvalid(error) ? 400 : 503, 'Metrics export failed', tellable(error), code)
  }
}

const isInvalid = (error: unknown): boolean =>
  error instanceof TaskerError && error.category === 'invalid_input'

/** Errors of ours that nothing else caused name no addresses. */
function tellable(error: unknown): string {
  const isOwn = error instanceof TaskerError && error.cause === undefined
  return isInvalid(error) || isOwn
    ? asError(error).message
    : 'The metrics cannot be read just now; the log of this process says why.'
}

/** An outage is said once, and that it is over. */
function saidOnce({ render, logger }: ListenerOptions): RenderScrape {
  const failing = new Set<MetricsScope>()
  return async (order) => {
    try {
      const rendered = await render(order)
      if (failing.delete(order.scope))
        logger.info({ scope: order.scope }, 'scrapes are answered again')
      return rendered
    } catch (error) {
      if (!failing.has(order.scope) && !isInvalid(error)) {
        failing.add(order.scope)
        logger.warn({ scope: order.scope, error }, 'a scrape cannot be answered')
      }
      throw error
    }
  }
}

function readOrder(query: URLSearchParams, accept: string): ScrapeOrder {
  const format = query.get('format')
  const scope = query.get('scope') ?? 'process'
  if (scope !== 'process' && scope !== 'all')
    throw new TaskerError('REQUEST_INVALID', 'scope is `process` or `all`.', {})
  return { accept, scope, ...(format !== null && { format }) }
}
