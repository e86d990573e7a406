// Hono as a host: `app.use(honoHandler(server))`. What is not below the prefix of the server goes on to the next handler.
import type { Peer } from '../auth/model.ts'
import type { TaskerServer } from '../server.ts'
import { isBelow } from './below.ts'

/** What is used of Hono's context. */
interface HonoPart {
  readonly req: { readonly raw: Request; arrayBuffer(): Promise<ArrayBuffer> }
  readonly env: unknown
}

/**
 * @param peerOf who sends a request; as `@hono/node-server` says it unless told otherwise
 */
export const honoHandler =
  <Context extends HonoPart>(
    server: TaskerServer,
    peerOf: (context: Context) => Peer = peerOnNode,
  ) =>
  async (context: Context, next: () => Promise<void>): Promise<Response | void> => {
    const { raw } = context.req
    if (!isBelow(server, new URL(raw.url).pathname)) return next()
    // Read by a handler before, the body is kept by Hono.
    const request = raw.bodyUsed
      ? new Request(raw.url, {
          method: raw.method,
          headers: raw.headers,
          signal: raw.signal,
          body: await context.req.arrayBuffer(),
        })
      : raw
    return server.fetch(request, peerOf(context))
  }

function peerOnNode({ env }: HonoPart): Peer {
  // Bindings of `@hono/node-server`; of other servers it is something else, and then there is no such address.
  const { incoming } = (env ?? {}) as {
    readonly incoming?: { readonly socket?: { readonly remoteAddress?: string } }
  }
  return { address: incoming?.socket?.remoteAddress ?? null }
}
