// Section `auth` of the configuration as the server uses it: checked once, when the server is made, with every fault named.
import { TaskerError, type Config, type Fault, type Tasker } from '@tasker/engine'
import type { AuthenticationRule } from '../operation.ts'
import { isUnavailable } from './access.ts'
import { challengeOf } from './challenge.ts'
import { checkedCaller } from './checked-caller.ts'
import { requireSameSite } from './cross-site.ts'
import { requireLocal } from './exposure.ts'
import {
  AuthenticationFailed,
  type Authenticator,
  type AuthorizationCoordinator,
  type Caller,
  type Peer,
} from './model.ts'

export interface Auth {
  /** Whoever sends a request under this rule has to say who it is. */
  asks(rule: AuthenticationRule): boolean
  /** Its permission is decided by the coordinator. */
  decides(rule: AuthenticationRule): boolean
  /** Null under rules that ask nobody. @throws {TaskerError} UNAUTHENTICATED, EXPOSED_WITHOUT_AUTHENTICATION, CROSS_SITE_REFUSED */
  identify(request: Request, peer: Peer, rule: AuthenticationRule): Promise<Caller | null>
  readonly authenticator: Authenticator | null
  readonly coordinator: AuthorizationCoordinator
}

/** The default policy. */
const denyAll: AuthorizationCoordinator = { can: () => false }

/** @throws {TaskerError} AUTH_MISCONFIGURED */
export function readAuth(tasker: Tasker): Auth {
  const { config } = tasker
  const { authenticationEnabled, authorizationEnabled, trustedOrigins } = config.auth
  const { readyRequiresAuthentication, statusRequiresAuthentication } = config.health
  const { metricsAuthRequired } = config.telemetry
  const { authenticator, coordinator } = usableParts(config)
  const members = authenticator?.members ?? (authenticator === null ? [] : [authenticator])
  const isOpen: Readonly<Record<AuthenticationRule, boolean>> = {
    global: false,
    never: true,
    ready: !readyRequiresAuthentication,
    status: !statusRequiresAuthentication,
    metrics: metricsAuthRequired === false,
  }
  return {
    asks: (rule) => authenticationEnabled && !isOpen[rule],
    decides: (rule) => authorizationEnabled && !isOpen[rule],
    async identify(request, peer, rule) {
      if (isOpen[rule]) return null
      if (!authenticationEnabled) {
        if (!config.server.allowUnauthenticated) requireLocal(request, peer, trustedOrigins)
        return null
      }
      const { caller, by } = await identifyBy(members, request, peer, tasker)
      if (by.readsCookies === true) requireSameSite(request, { trustedOrigins, unknown: 'refused' })
      return checkedCaller(caller)
    },
    authenticator,
    coordinator: coordinator ?? denyAll,
  }
}

interface Identified {
  readonly caller: Caller
  readonly by: Authenticator
}

async function identifyBy(
  members: readonly Authenticator[],
  request: Request,
  peer: Peer,
  tasker: Tasker,
): Promise<Identified> {
  const refuse = (reason: string, error: string | null): TaskerError =>
    new TaskerError('UNAUTHENTICATED', reason, { challenge: challengeOf(members, error) })
  try {
    for (const by of members) {
      const caller = await by.authenticate(request, peer, tasker)
      if (caller !== null) return { caller, by }
    }
  } catch (error) {
    if (error instanceof AuthenticationFailed) throw refuse(error.message, 'invalid_token')
    if (isUnavailable(error)) throw error
    throw new TaskerError('INTERNAL', 'The authenticator failed.', {}, error)
  }
  throw refuse('The request brings no credentials that are read here.', null)
}

interface Parts {
  readonly authenticator: Authenticator | null
  readonly coordinator: AuthorizationCoordinator | null
}

/** @throws {TaskerError} AUTH_MISCONFIGURED with every fault of the section and of what depends on it */
function usableParts({ auth, health, telemetry }: Config): Parts {
  const { authenticator, authorizationCoordinator: coordinator, authenticationEnabled } = auth
  const isAuthenticated = authenticationEnabled ? [] : ['needs auth.authenticationEnabled']
  const faults: readonly Fault[] = Object.entries({
    'auth.authenticator': [
      ...(authenticator === null && authenticationEnabled
        ? ['is needed while auth.authenticationEnabled is true']
        : []),
      ...(authenticator === null ? [] : faultsOfAuthenticator(authenticator)),
    ],
    'auth.authorizationCoordinator': coordinator === null ? [] : faultsOfCoordinator(coordinator),
    'telemetry.metricsAuthRequired': telemetry.metricsAuthRequired === true ? isAuthenticated : [],
    'health.readyRequiresAuthentication': health.readyRequiresAuthentication ? isAuthenticated : [],
  }).flatMap(([path, messages]) => messages.map((message) => ({ path, message })))
  if (faults.length > 0) {
    const sentences = faults.map(({ path, message }) => `${path} ${message}.`).join(' ')
    throw new TaskerError('AUTH_MISCONFIGURED', sentences, { faults })
  }
  return {
    authenticator: authenticator !== null && isAuthenticator(authenticator) ? authenticator : null,
    coordinator: coordinator !== null && isCoordinator(coordinator) ? coordinator : null,
  }
}

const faultsOfAuthenticator = (part: object): readonly string[] =>
  isAuthenticator(part)
    ? (part.configurationFaults?.() ?? [])
    : ['has no method `authenticate(request, peer)`']

const faultsOfCoordinator = (part: object): readonly string[] =>
  isCoordinator(part) ? (part.configurationFaults?.() ?? []) : ['has no method `can(question)`']

/** What the methods of an object are called is all that can be seen of it; what they answer is checked by its own type. */
const has = (part: object, method: string): boolean =>
  typeof (part as Readonly<Record<string, unknown>>)[method] === 'function'

const isAuthenticator = (part: object): part is Authenticator => has(part, 'authenticate')
const isCoordinator = (part: object): part is AuthorizationCoordinator => has(part, 'can')
