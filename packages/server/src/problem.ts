// Every refusal of the server in one form: problem details (RFC 9457) with the code of the one table of errors. Which
// status a code has is said here and nowhere else; what went wrong inside is never told.
import {
  errorCatalogue,
  TaskerError,
  type ErrorCategory,
  type ErrorCode,
  type Fault,
} from '@tasker/engine'
import { z } from 'zod'
import { snakeCase } from './rest/snake-case.ts'

export const problemSchema = z
  .strictObject({
    type: z.string().meta({ example: 'urn:tasker:error:TASK_NOT_FOUND' }),
    title: z.string().meta({ description: 'The status in words.', example: 'Not Found' }),
    status: z.int().meta({ example: 404 }),
    detail: z.string().meta({ description: 'What happened, with the values.' }),
    code: z
      // Casts: the keys of the table, of which there are many.
      .enum(Object.keys(errorCatalogue) as [ErrorCode, ...ErrorCode[]])
      .meta({ description: 'Of the table of errors; it does not change.' }),
    remedy: z.string().meta({ description: 'What to do next.' }),
    instance: z.string().meta({
      description: 'The request, by its correlation id: what the logs of the server know it by.',
    }),
    faults: z
      .array(z.strictObject({ path: z.string(), message: z.string() }))
      .readonly()
      .optional()
      .meta({ description: 'Every fault of the request, where there are such.' }),
    conflict: z
      .strictObject({
        status: z.string(),
        allowed: z.array(z.string()).readonly(),
        steps: z
          .array(
            z.strictObject({
              name: z.string(),
              status: z.string(),
              allowed: z.array(z.string()).readonly(),
            }),
          )
          .readonly()
          .meta({ description: 'Those that were named.' }),
      })
      .optional()
      .meta({
        description: 'Of a refused action: the state that it found, and what is possible in it.',
      }),
  })
  .meta({ id: 'Problem' })

export type Problem = Readonly<z.infer<typeof problemSchema>>

const statusOfCategory: Readonly<Record<ErrorCategory, number>> = {
  invalid_input: 422,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  configuration: 500,
  unavailable: 503,
  handler: 500,
  internal: 500,
}

/** Codes whose status says more than that of their category. */
const statusOfCode: Readonly<Partial<Record<ErrorCode, number>>> = {
  METHOD_NOT_ALLOWED: 405,
  BODY_MALFORMED: 400,
  BODY_TOO_LARGE: 413,
  MEDIA_TYPE_UNSUPPORTED: 415,
  RATE_LIMITED: 429,
  GRAPHQL_INVALID: 400,
  GRAPHQL_LIMIT_EXCEEDED: 400,
  METRICS_UNAVAILABLE: 503,
  HISTORY_CURSOR_INVALID: 400,
  HISTORY_CURSOR_EXPIRED: 410,
  REVISION_CONFLICT: 412,
}

const titles: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  410: 'Gone',
  412: 'Precondition Failed',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
}

export const statusOf = (code: ErrorCode): number =>
  statusOfCode[code] ?? statusOfCategory[errorCatalogue[code].category]

/** Of what is the server's own affair, a caller learns that it failed, and by which id it is in the logs. */
const isOurAffair = (code: ErrorCode): boolean =>
  statusOf(code) === 500 || code.startsWith('DATABASE_') || code.startsWith('SCHEMA_')

const ourAffair = {
  detail: 'The server could not do this. Its logs say why, under the id in `instance`.',
  remedy: 'Try again later; if it stays so, give the id to whoever runs the server.',
}

/** What was thrown, as the caller is told it. `instance`: the correlation id. */
export function problemOf(thrown: unknown, instance: string): Problem {
  const error =
    thrown instanceof TaskerError ? thrown : new TaskerError('INTERNAL', 'An unexpected error.')
  const { code } = error
  const status = statusOf(code)
  const { remedy } = errorCatalogue[code]
  const words = isOurAffair(code)
    ? ourAffair
    : { detail: error.message.slice(0, -remedy.length).trim(), remedy }
  const faults = error.details['faults'] as readonly Fault[] | undefined // set by refuseInput only
  return {
    type: `urn:tasker:error:${code}`,
    title: titles[status] ?? 'Error',
    status,
    ...words,
    code,
    instance,
    ...(faults === undefined || isOurAffair(code) ? {} : { faults: faults.map(asInRequest) }),
    ...(code === 'MOVE_NOT_ALLOWED' ? { conflict: conflictOf(error.details) } : {}),
  }
}

/** Options of the engine have other names in requests: `bypassSteps` is `bypass_steps`. */
const asInRequest = ({ path, message }: Fault): Fault => ({
  path: /^[a-z]+(?:[A-Z][a-z]+)+$/.test(path) ? snakeCase(path) : path,
  message,
})

function conflictOf(details: TaskerError['details']): Problem['conflict'] {
  // Casts: what the engine's refusals set.
  const { state, allowed, steps } = details as {
    readonly state?: string
    readonly allowed?: readonly string[]
    readonly steps?: readonly { step: string; state: string; allowed: readonly string[] }[]
  }
  return {
    status: state ?? '',
    allowed: allowed ?? [],
    steps: (steps ?? []).map((step) => ({
      name: step.step,
      status: step.state,
      allowed: step.allowed,
    })),
  }
}

export function problemResponse(
  problem: Problem,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const answer = new Response(JSON.stringify(problem), { status: problem.status, headers })
  answer.headers.set('content-type', 'application/problem+json')
  answer.headers.set('cache-control', 'no-store')
  return answer
}
