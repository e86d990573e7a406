// The dependent systems of one Tasker in this process, and the client of an attempt that keeps to the limits of its own.
import type { Clock } from '../../clock.ts'
import { silentLogger, type Logger } from '../../log.ts'
import { classOfError, classOfStatus, type AnswerOverrides } from '../answer-classes.ts'
import { HttpError, type HttpClient, type HttpRequest, type HttpResponse } from '../model.ts'
import type { Told } from './breaker.ts'
import { SystemGate } from './gate.ts'
import type { SystemLimits } from './limits.ts'

export interface DependentSystemsOptions {
  /** By the label that steps give as `dependentSystem`. */
  readonly limits: Readonly<Record<string, SystemLimits>>
  readonly clock: Clock
  /** Uniform in [0, 1). */
  readonly random: () => number
  /** Default: says nothing. */
  readonly logger?: Logger
}

/** A request of a step that has its own word on what an answer means; the breaker goes by it too. */
export interface JudgedRequest extends HttpRequest {
  readonly overrides?: AnswerOverrides | undefined
}

export class DependentSystems {
  readonly #gates: ReadonlyMap<string, SystemGate>

  constructor({ limits, clock, random, logger = silentLogger }: DependentSystemsOptions) {
    this.#gates = new Map(
      Object.entries(limits).map(([system, own]) => [
        system,
        new SystemGate({ system, limits: own, clock, random, logger }),
      ]),
    )
  }

  /** The same client, keeping to the limits of the system where there are any. */
  limit(client: HttpClient, system: string): HttpClient {
    const gate = this.#gates.get(system)
    return gate === undefined ? client : throughGate(client, gate)
  }
}

function throughGate(client: HttpClient, gate: SystemGate): HttpClient {
  const request = async (judged: JudgedRequest): Promise<HttpResponse> => {
    const answer = await gate.run(() => tell(client, judged))
    if ('error' in answer) throw answer.error
    return answer.response
  }
  return {
    request,
    get: (url, options) => request({ ...options, url, method: 'GET' }),
    post: (url, body, options) => request({ ...options, url, body, method: 'POST' }),
    put: (url, body, options) => request({ ...options, url, body, method: 'PUT' }),
    patch: (url, body, options) => request({ ...options, url, body, method: 'PATCH' }),
    delete: (url, options) => request({ ...options, url, method: 'DELETE' }),
  }
}

type Answer = { readonly response: HttpResponse } | { readonly error: unknown }

/** Never throws: what it says of the system's health has to reach the breaker in any case. */
async function tell(
  client: HttpClient,
  { overrides, ...request }: JudgedRequest,
): Promise<Told<Answer>> {
  try {
    const response = await client.request(request)
    const { status } = response
    const { health } = classOfStatus(status, overrides)
    return { health, said: `HTTP_${status}`, value: { response } }
  } catch (error) {
    const said = error instanceof HttpError ? error.code : 'an error'
    return { health: classOfError(error, overrides).health, said, value: { error } }
  }
}
