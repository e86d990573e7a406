// Callers by the session of the application that the server is mounted in: the application says who a request is from, by
// its cookie or however it knows.
import type { Authenticator, Caller, Peer } from './model.ts'

export interface HostSessionOptions {
  /**
   * Who sends this request; null: nobody is signed in. Read it from the request each time: what is remembered between
   * requests is somebody else's.
   */
  readonly callerOf: (request: Request, peer: Peer) => Promise<Caller | null> | Caller | null
  /** The cookie of the session, for the OpenAPI document. Default `session`. */
  readonly cookie?: string
}

export function hostSessionAuthenticator({
  callerOf,
  cookie = 'session',
}: HostSessionOptions): Authenticator {
  return {
    readsCookies: true,
    securitySchemes: [
      { name: 'hostSession', scheme: { type: 'apiKey', in: 'cookie', name: cookie } },
    ],
    configurationFaults: () =>
      typeof callerOf === 'function' ? [] : ['has no function `callerOf(request, peer)`'],
    authenticate: callerOf,
  }
}
