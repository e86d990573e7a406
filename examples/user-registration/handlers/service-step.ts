// What the calls of all services have in common: how their refusals are named, and how long to wait when a service that has
// had enough does not say. What is tried again is as the engine's table of statuses has it.
import {
  ApiStepHandler,
  PermanentError,
  RetryableError,
  type ApiStepSettings,
  type HttpResponse,
  type JsonObject,
} from '@tasker/engine'
import { registrationContext, type Registration } from '../context.ts'

export abstract class ServiceStep extends ApiStepHandler {
  // What exists already is what was wanted.
  static override readonly settings: ApiStepSettings = {
    classify: { 409: 'success' },
  }
  /** How long to wait after a 429 that does not say. */
  protected readonly patienceMs: number = 60_000

  /** The configured request, with this body. */
  protected async call(body: JsonObject, changes: ApiStepSettings = {}): Promise<HttpResponse> {
    try {
      return await this.request({ body, ...changes })
    } catch (error) {
      throw named(error, this.patienceMs)
    }
  }

  protected get registration(): Registration {
    return registrationContext.parse(this.execution.context) // it has passed once; what it added, it keeps
  }

  /** What every result says of the call. */
  protected traceOf({ headers }: HttpResponse) {
    return {
      correlation_id: this.registration.correlation_id,
      service_response_time: headers['x-response-time'] ?? null,
    }
  }
}

const codes: Readonly<Record<string, string>> = {
  HTTP_400: 'CLIENT_VALIDATION_ERROR',
  HTTP_401: 'AUTH_ERROR',
  HTTP_402: 'PAYMENT_REQUIRED',
  HTTP_403: 'AUTH_ERROR',
  HTTP_404: 'RESOURCE_NOT_FOUND',
  HTTP_422: 'CLIENT_VALIDATION_ERROR',
}

function named(error: unknown, patienceMs: number): unknown {
  if (error instanceof PermanentError) {
    const { message, context } = error
    const code = error.code ?? 'UNKNOWN'
    return new PermanentError(message, { code: codes[code] ?? code, context, cause: error })
  }
  const isLimited = error instanceof RetryableError && 'code' in error && error.code === 'HTTP_429'
  if (!isLimited || error.afterMs !== null) return error
  const { message, context } = error
  return new RetryableError(message, { afterMs: patienceMs, context, cause: error })
}
