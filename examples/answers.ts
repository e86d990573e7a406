// What a handler makes of the answer of another system, in all examples.
import { PermanentError, type HttpClient, type HttpResponse } from '@tasker/engine'
import type { z } from 'zod'

/** Another system, as a handler reaches it. */
export interface Service {
  /** Of the attempt: it sends the step's idempotency key, and ends with its signal. */
  readonly http: HttpClient
  readonly url: string
}

/**
 * The body, as the schema wants it. What does not fit ends the step for good, with the body in its error: the system has
 * acted, and asking it again would not make its answer any better.
 * @throws {PermanentError} RESULT_PROCESSING_FAILED
 */
export function readAnswer<Schema extends z.ZodType>(
  schema: Schema,
  { status, body }: HttpResponse,
): z.output<Schema> {
  const read = schema.safeParse(body)
  if (read.success) return read.data
  const faults = read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
  throw new PermanentError(`The answer is not as expected: ${faults.join('; ')}.`, {
    code: 'RESULT_PROCESSING_FAILED',
    context: { status, response: body },
  })
}
