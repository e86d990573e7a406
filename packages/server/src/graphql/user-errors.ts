// Refusals that a client of a mutation expects, as values: they stand in the answer beside what was changed. What it does not
// expect (the database is away, a defect) is an error of the request.
import { TaskerError, type ErrorCategory, type Fault } from '@tasker/engine'
import type { GraphQLFieldResolver } from 'graphql'
import { problemOf } from '../problem.ts'
import type { GraphqlContext } from './context.ts'

export interface UserError {
  /** `context.orderId`; null: not about one field. */
  readonly field: string | null
  readonly message: string
  readonly code: string
}

/** What every mutation answers beside what it changed. */
export interface Payload {
  readonly userErrors: readonly UserError[]
  readonly clientMutationId: string | null
}

const expected: readonly ErrorCategory[] = ['invalid_input', 'conflict', 'not_found', 'forbidden']

/** What every mutation takes. */
interface MutationArgs {
  readonly input: { readonly clientMutationId?: string | null }
}

/** Adds the user errors, and the id that the client sent. */
export const settleMutation =
  (
    resolve: GraphQLFieldResolver<unknown, GraphqlContext>,
  ): GraphQLFieldResolver<unknown, GraphqlContext> =>
  async (source, args, context, info) => {
    const { input } = args as MutationArgs
    const clientMutationId = input.clientMutationId ?? null
    try {
      const payload = (await resolve(source, args, context, info)) as object // its own fields
      return { userErrors: [], ...payload, clientMutationId }
    } catch (error) {
      if (!(error instanceof TaskerError) || !expected.includes(error.category)) throw error
      return { userErrors: userErrorsOf(error), clientMutationId } satisfies Payload
    }
  }

/** One for each fault; one for a refusal without faults. */
function userErrorsOf(error: TaskerError): readonly UserError[] {
  const { code, detail } = problemOf(error, '')
  const faults = faultsOf(error)
  if (faults.length === 0) return [{ field: null, message: detail, code }]
  return faults.map(({ path, message }) => ({
    field: path,
    message: `${path} ${message}`,
    code,
  }))
}

/** Under the names of the engine, which are those of GraphQL. */
export const faultsOf = ({ details }: TaskerError): readonly Fault[] =>
  (details['faults'] ?? []) as readonly Fault[] // set so wherever it is set
