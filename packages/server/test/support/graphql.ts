// Sends a GraphQL request and reads its answer, and callers that say by a header who they are.
import type { Caller, Question } from '@tasker/server'
import type { Served } from './served.ts'

export interface GraphqlError {
  readonly message: string
  readonly path?: readonly (string | number)[]
  readonly extensions: { readonly code: string; readonly [key: string]: unknown }
}

export interface GraphqlAnswer {
  readonly status: number
  readonly headers: Headers
  /** Undefined: nothing was executed. */
  readonly data: Readonly<Record<string, unknown>> | null | undefined
  readonly errors: readonly GraphqlError[]
}

export interface AskOptions {
  readonly variables?: Readonly<Record<string, unknown>>
  readonly operationName?: string
  readonly headers?: Readonly<Record<string, string>>
}

export async function ask(
  served: Pick<Served, 'call'>,
  query: string,
  { headers = {}, ...rest }: AskOptions = {},
): Promise<GraphqlAnswer> {
  const answered = await served.call('POST', '/graphql', { body: { query, ...rest }, headers })
  const body = answered.body as Partial<Pick<GraphqlAnswer, 'data' | 'errors'>> // or a problem
  const { status } = answered
  return { status, headers: answered.headers, data: body.data, errors: body.errors ?? [] }
}

export const codesOf = ({ errors }: GraphqlAnswer): readonly string[] =>
  errors.map(({ extensions }) => extensions.code)

/** The caller that the header `x-caller` holds as JSON; its permissions decide. */
export const byHeader = {
  authenticationEnabled: true,
  authorizationEnabled: true,
  authenticator: {
    authenticate(request: Request): Caller | null {
      const text = request.headers.get('x-caller')
      return text === null ? null : (JSON.parse(text) as Caller) // a test wrote it
    },
  },
  authorizationCoordinator: {
    can: ({ caller, permission }: Question): boolean =>
      caller?.isAdmin === true || caller?.permissions?.includes(permission) === true,
  },
}

export const as = (caller: Caller): { readonly headers: Readonly<Record<string, string>> } => ({
  headers: { 'x-caller': JSON.stringify(caller) },
})
