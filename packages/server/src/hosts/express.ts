// Express as a host: `app.use(expressHandler(server))`, before or after parsers of bodies. What is not below the prefix of the
// server goes on to the next handler.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { TaskerServer } from '../server.ts'
import { isBelow } from './below.ts'
import { answerIncoming, type NodeRequest } from './node.ts'

/** What Express adds to a request, and parsers to that. */
interface ExpressRequest extends IncomingMessage {
  readonly originalUrl?: string
  readonly body?: unknown
  readonly rawBody?: unknown
}

export const expressHandler =
  (server: TaskerServer) =>
  (request: ExpressRequest, response: ServerResponse, next: (error?: unknown) => void): void => {
    const path = request.originalUrl ?? request.url ?? ''
    if (!isBelow(server, path)) next()
    else void answerIncoming(server, request, response, { path, ...readBody(request) })
  }

/** A parser has taken the body: it is written again as it was understood. */
function readBody({ readableDidRead, rawBody, body }: ExpressRequest): Pick<NodeRequest, 'body'> {
  if (!readableDidRead) return {}
  if (rawBody instanceof Uint8Array) return { body: rawBody }
  if (body instanceof Uint8Array) return { body }
  if (body === undefined) return { body: new Uint8Array() }
  return { body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)) }
}
