// Calls one system of the pipeline and says in its own words what went wrong: what timed out, what was refused. Whether it is
// tried again, and when, is as the engine's table of statuses has it.
import {
  expectOk,
  HttpError,
  PermanentError,
  RetryableError,
  type HttpResponse,
} from '@tasker/engine'
import { z } from 'zod'

export interface Asking {
  /** `Data warehouse extraction`: begins the message. */
  readonly what: string
  /** The code of an error about who we are. */
  readonly refusedAs: string
}

/** @throws {RetryableError | PermanentError} with a message that begins with `what` */
export async function askSystem(
  { what, refusedAs }: Asking,
  call: () => Promise<HttpResponse>,
): Promise<HttpResponse> {
  const response = await call().catch((error: unknown) => {
    throw error instanceof HttpError && timeouts.includes(error.code)
      ? new RetryableError(`${what} timed out: ${error.message}`, { cause: error })
      : error
  })
  const { status } = response
  const said = told.parse(response.body).error
  if (status === 401 || status === 403) {
    throw new PermanentError(`${what} was refused: ${said}`, { code: refusedAs })
  }
  try {
    return expectOk(response)
  } catch (cause) {
    if (!(cause instanceof RetryableError)) throw cause
    const problem = status === 504 ? 'timed out' : 'failed'
    const { afterMs, context } = cause
    const wait = afterMs === null || afterMs === undefined ? {} : { afterMs }
    throw new RetryableError(`${what} ${problem}: ${said}`, { ...wait, context, cause })
  }
}

const timeouts: readonly string[] = ['HTTP_TIMEOUT', 'HTTP_IDLE_TIMEOUT', 'HTTP_CONNECT_TIMEOUT']

/** What the system says itself, if anything. */
const told = z.object({ error: z.string() }).catch({ error: 'it gave no reason' })
