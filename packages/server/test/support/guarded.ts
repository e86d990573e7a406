// Servers with authentication and authorization on, as many as a test wants, on one database; and callers by name: a header
// says who sends a request, as a test double of an authenticator.
import { createTasker, type Tasker, type TaskerOptions } from '@tasker/engine'
import {
  AuthenticationFailed,
  createServer,
  roleCoordinator,
  type Authenticator,
  type AuthorizationCoordinator,
  type Caller,
  type TaskerServer,
} from '@tasker/server'
import { onTestFinished } from 'vitest'
import { send, type Answered, type CallOptions } from './served.ts'

export interface Guarded {
  readonly tasker: Tasker
  readonly server: TaskerServer
  /** As this user; null: without credentials. */
  readonly as: (
    user: string | null,
    method: string,
    path: string,
    options?: CallOptions,
  ) => Promise<Answered>
}

/** Open until the test ends; outside of tests, until `close`. */
export async function guarded(
  url: string,
  options: TaskerOptions = {},
): Promise<Guarded & { close(): Promise<void> }> {
  // Without its limits: one caller asks for hundreds of things, and many of them with wrong credentials.
  const limits = { failedAuthenticationsPerMinute: 0, requestsPerMinute: 0, ...options.server }
  const tasker = await createTasker({ database: { url }, ...options, server: limits })
  const server = createServer(tasker)
  return {
    tasker,
    server,
    as: (user, method, path, { headers = {}, ...given } = {}) =>
      send(server, method, path, {
        ...given,
        headers: user === null ? headers : { ...headers, 'x-user': user },
      }),
    async close() {
      await server.close()
      await tasker.close()
    },
  }
}

/** The same, closed when the test ends. */
export async function guardedInTest(url: string, options: TaskerOptions = {}): Promise<Guarded> {
  const opened = await guarded(url, options)
  onTestFinished(() => opened.close())
  return opened
}

/** `x-user: ana` is the caller `ana` of the table; a name that is not in it is refused. */
export const byHeader = (users: Readonly<Record<string, Omit<Caller, 'id'>>>): Authenticator => ({
  securitySchemes: [{ name: 'user', scheme: { type: 'apiKey', in: 'header', name: 'x-user' } }],
  authenticate({ headers }) {
    const id = headers.get('x-user')
    if (id === null) return null
    const user = users[id]
    if (user === undefined) throw new AuthenticationFailed('Test authentication failed.')
    return { id, ...user }
  },
})

/** Both on. Default policy: the shipped roles. */
export const authFor = (
  users: Readonly<Record<string, Omit<Caller, 'id'>>>,
  authorizationCoordinator: AuthorizationCoordinator = roleCoordinator(),
) => ({
  authenticationEnabled: true,
  authenticator: byHeader(users),
  authorizationEnabled: true,
  authorizationCoordinator,
})
