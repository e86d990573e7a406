// The server: one function from request to response, for any host. It finds the operation, the caller and the answer, and
// turns every failure into a problem; what the operations do is rest/ and graphql/.
import {
  correlationIdFromHeaders,
  TaskerError,
  withCorrelationId,
  type Tasker,
} from '@tasker/engine'
import { Hono } from 'hono'
import { createAccess, type Access } from './auth/access.ts'
import { readAuth, type Auth } from './auth/read-auth.ts'
import type { Caller, Peer } from './auth/model.ts'
import { readBrowserRules, type BrowserRules } from './limits/browser-rules.ts'
import { readProxies } from './limits/past-proxies.ts'
import { openRateLimits, type RateLimits } from './limits/rate-limits.ts'
import { openLive, type Live } from './live/live.ts'
import type { AuthenticationRule, Operation } from './operation.ts'
import { createApiDocs, type ApiDocs } from './openapi/served-docs.ts'
import { operations } from './operations.ts'
import { problemOf, problemResponse } from './problem.ts'

export interface TaskerServer {
  /**
   * Answers one request. `peer`: who sent it, where the host knows; without it, and without authentication, nobody is
   * answered unless `server.allowUnauthenticated` says so.
   */
  fetch(request: Request, peer?: Peer): Promise<Response>
  /** Where everything is served, without a slash at its end: `/tasker`. */
  readonly prefix: string
  /** Live streams that are open. */
  readonly streamCount: number
  /** Ends live streams; requests under way are answered. The Tasker stays open: it is yours. */
  close(): Promise<void>
}

interface Bindings {
  readonly Bindings: { readonly peer: Peer }
}

const unknownPeer: Peer = { address: null }

/** @throws {TaskerError} AUTH_MISCONFIGURED with every fault of section `auth` */
export function createServer(tasker: Tasker): TaskerServer {
  const auth = readAuth(tasker)
  tellPosture(tasker)
  const prefix = tasker.config.server.prefix.replace(/\/$/, '')
  const securitySchemes = auth.authenticator?.securitySchemes ?? []
  const parts = {
    tasker,
    auth,
    apiDocs: createApiDocs({ operations, prefix, securitySchemes }),
    live: openLive(tasker),
    rates: openRateLimits(tasker.config, tasker.clock),
  }
  const browserRules = readBrowserRules(tasker.config)
  const pastProxies = readProxies(tasker.config.server.trustedProxies)
  const app = new Hono<Bindings>({ strict: false })
  for (const operation of operations) {
    app.on(operation.method.toUpperCase(), `${prefix}${honoPath(operation)}`, async (context) =>
      answer(
        context.req.raw,
        { tasker, browserRules, operation: operation.id },
        async (correlationId) => {
          const { peer } = context.env
          const params = context.req.param()
          return run(operation, {
            ...parts,
            request: context.req.raw,
            peer,
            params,
            correlationId,
          })
        },
      ),
    )
  }
  app.notFound(async ({ req }) =>
    answer(
      req.raw,
      { tasker, browserRules, operation: 'none' },
      async () => browserRules.preflight(req.raw) ?? refuseRoute(req.raw, prefix),
    ),
  )
  return {
    async fetch(request, peer = unknownPeer) {
      const arrival = pastProxies({ request, peer })
      return app.fetch(arrival.request, { peer: arrival.peer })
    },
    prefix,
    get streamCount() {
      return parts.live.openCount
    },
    close: async () => parts.live.close(),
  }
}

/** What the server asks of callers, where whoever runs it sees it: what is not on should not be taken to be on. */
function tellPosture({ config, log }: Tasker): void {
  const { authenticationEnabled, authorizationEnabled } = config.auth
  const anybody = config.server.allowUnauthenticated ? 'anybody' : 'whoever is on this machine'
  // In words: fields that are named like authentication are filtered out of logs.
  const posture = {
    answers: authenticationEnabled ? 'callers it knows' : anybody,
    allows: authorizationEnabled ? 'what its policy does' : 'everything',
  }
  const isOpen = !authenticationEnabled && config.server.allowUnauthenticated
  if (isOpen) log.warn(posture, 'the server answers without authentication')
  else log.info(posture, 'the server is closed to strangers')
}

const honoPath = ({ path }: Operation): string => path.replaceAll(/\{(\w+)\}/g, ':$1')

interface Answering {
  readonly tasker: Tasker
  readonly browserRules: BrowserRules
  /** For metrics; `none`: nothing is served there. */
  readonly operation: string
}

/** Under the correlation id of the request: what it creates and logs is known by it, and so is a refusal. */
async function answer(
  request: Request,
  { tasker, browserRules, operation }: Answering,
  respond: (correlationId: string) => Promise<Response>,
): Promise<Response> {
  const { config, log, clock, metrics } = tasker
  const arrivedMs = clock.monotonicMs()
  const header = config.telemetry.correlationIdHeader
  const correlationId = correlationIdFromHeaders(request.headers, header)
  const response = await withCorrelationId(correlationId, async () => {
    try {
      return await respond(correlationId)
    } catch (error) {
      const problem = problemOf(error, correlationId)
      const { status, code } = problem
      // Without the query, which may hold what somebody looks for.
      const { method } = request
      const fields = { method, path: new URL(request.url).pathname, status, code }
      if (status >= 500) log.error({ error, ...fields }, 'a request failed')
      else log.debug(fields, 'a request was refused')
      return problemResponse(problem, headersOf(error))
    }
  })
  response.headers.set(header, correlationId)
  browserRules.apply(request, response)
  const seconds = (clock.monotonicMs() - arrivedMs) / 1_000
  metrics.answered({ operation, status: response.status, seconds })
  return response
}

interface Arrived {
  readonly tasker: Tasker
  readonly auth: Auth
  readonly live: Live
  readonly rates: RateLimits
  readonly request: Request
  readonly peer: Peer
  readonly params: Readonly<Record<string, string>>
  readonly correlationId: string
  readonly apiDocs: ApiDocs
}

/** Who looks whether the process lives and is ready may do so often: all who ask at once cost one answer. */
const isForProbes = (rule: AuthenticationRule): boolean => rule === 'never' || rule === 'ready'

async function run(operation: Operation, arrived: Arrived): Promise<Response> {
  const { auth, rates, ...incoming } = arrived
  const { tasker, peer } = incoming
  const { authentication, transport = 'rest' } = operation
  const renewAccess = async (): Promise<Access> =>
    createAccess({
      tasker,
      caller: await identify(arrived, authentication),
      coordinator: auth.decides(authentication) ? auth.coordinator : null,
      origin: { transport, correlationId: incoming.correlationId, address: peer.address },
      at: tasker.now(),
    })
  const access = await renewAccess()
  if (!isForProbes(authentication)) rates.take(access.caller, peer)
  return operation.run({ ...incoming, access, renewAccess })
}

async function identify(
  { auth, rates, request, peer }: Arrived,
  rule: AuthenticationRule,
): Promise<Caller | null> {
  if (auth.asks(rule)) rates.beforeIdentifying(peer)
  try {
    return await auth.identify(request, peer, rule)
  } catch (error) {
    if (error instanceof TaskerError && error.code === 'UNAUTHENTICATED') rates.failed(peer)
    throw error
  }
}

/** @throws {TaskerError} METHOD_NOT_ALLOWED, ROUTE_NOT_FOUND */
function refuseRoute(request: Request, prefix: string): never {
  const path = new URL(request.url).pathname
  const allow = operations
    .filter((operation) => isAt(path, prefix, operation))
    .map(({ method }) => method.toUpperCase())
  if (allow.length === 0)
    throw new TaskerError('ROUTE_NOT_FOUND', `Nothing is served at ${JSON.stringify(path)}.`)
  throw new TaskerError('METHOD_NOT_ALLOWED', `${request.method} is not possible here.`, { allow })
}

function isAt(path: string, prefix: string, operation: Operation): boolean {
  const asked = path.replace(/\/$/, '').split('/')
  const parts = `${prefix}${operation.path}`.split('/')
  return (
    asked.length === parts.length &&
    parts.every((part, index) => part.startsWith('{') || part === asked[index])
  )
}

/** Headers that belong to a refusal. */
function headersOf(error: unknown): Readonly<Record<string, string>> {
  if (!(error instanceof TaskerError)) return {}
  const { allow, challenge, retryAfterSeconds } = error.details
  if (typeof challenge === 'string') return { 'www-authenticate': challenge }
  if (typeof retryAfterSeconds === 'number') return { 'retry-after': String(retryAfterSeconds) }
  return Array.isArray(allow) ? { allow: allow.join(', ') } : {}
}
