// Next.js as a host: the route handlers of `app/tasker/[[...path]]/route.ts`. Next does not say who sends a request, so without
// authentication nobody is answered unless `server.allowUnauthenticated` or `peerOf` says more.
import type { Peer } from '../auth/model.ts'
import type { TaskerServer } from '../server.ts'

type RouteHandler = (request: Request) => Promise<Response>

export interface RouteHandlers {
  readonly GET: RouteHandler
  readonly HEAD: RouteHandler
  readonly POST: RouteHandler
  readonly PUT: RouteHandler
  readonly PATCH: RouteHandler
  readonly DELETE: RouteHandler
  readonly OPTIONS: RouteHandler
}

/** @param server a promise of it too: a module that awaited it could not be built without a database */
export function nextHandlers(
  server: TaskerServer | (() => Promise<TaskerServer>),
  peerOf: (request: Request) => Peer = () => ({ address: null }),
): RouteHandlers {
  const answer: RouteHandler = async (request) => {
    const ready = typeof server === 'function' ? await server() : server
    return ready.fetch(request, peerOf(request))
  }
  return {
    GET: answer,
    HEAD: answer,
    POST: answer,
    PUT: answer,
    PATCH: answer,
    DELETE: answer,
    OPTIONS: answer,
  }
}
